"""Who is in which group, derived from facts by the rules in force, and why (A02)."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from app.domain.audiences import compiling, conditions, enterprise_facts, home_regions, judging, rule_book
from app.domain.audiences.compiling import Args, Narrow, Span
from app.domain.audiences.judging import Facts
from app.domain.audiences.rule_book import Rule
from app.kit import clock, db
from app.kit.outbox import Event
from config import settings

_PAGE: Final = 50_000
_FIRST, _LAST = UUID(int=0), UUID(int=2**128 - 1)
_LOCK: Final = 0x0A0D18  # Two renewals at once could bring back a member the other has just let go.


@dataclass(frozen=True, slots=True)
class Standing:
    """A person and one group: whether they are in, by which rule, and the facts it looked at.

    ``is_member`` is ``None`` if what would decide is unknown; then they are not in the group, and
    ``unknown`` names what is missing. ``since`` is ``None`` until the group is next renewed.
    """

    group_code: str
    title: str
    rule_version: int
    is_member: bool | None
    because: str
    since: datetime | None
    facts: Mapping[str, str]
    unknown: Sequence[str]


async def renew(person_ids: Sequence[UUID]) -> int:
    """Judge these people anew by every rule; answers how many memberships came or went."""
    async with db.transaction():
        await home_regions.renew(_these(person_ids))
        return sum([await _renew(rule, _these(person_ids)) for rule in await rule_book.in_force()])


async def renew_all(group_code: str | None = None) -> int:
    """Judge everybody anew, by one group's rule or by all; answers how many memberships came or went.

    By pages of people, so that no statement runs long; safe to repeat and to run twice at once.
    """
    await enterprise_facts.place_unknown()
    rules = [one for one in await rule_book.in_force() if group_code in (None, one.group_code)]
    changed = await _dissolve(group_code, [one.group_code for one in rules])
    async for page in _pages():
        if group_code is None:
            await home_regions.renew(page)
        for rule in rules:
            async with db.transaction():
                changed += await _renew(rule, page)
    return changed


async def run(payload: Mapping[str, Any]) -> None:
    """The job after a rule has changed: ``payload`` names the group."""
    await renew_all(payload["group"])


async def follow(events: Sequence[Event]) -> None:
    """Judge anew whoever proved, bound or merged something."""
    changed = {UUID(one) for event in events for one in event.payload["person_ids"]}
    await enterprise_facts.place_unknown(sorted(changed))
    await renew(sorted(changed))


async def explain(person_id: UUID) -> list[Standing]:
    """How a person stands with every group, by the facts of now; nobody for who left or is frozen."""
    facts = await _facts(person_id)
    if facts is None:
        return []
    rows = await db.fetch("SELECT group_code, since FROM membership WHERE person_id = $1", person_id)
    since = {row["group_code"]: row["since"] for row in rows}
    return [_standing(rule, facts, since.get(rule.group_code)) for rule in await rule_book.in_force()]


async def groups_of(person_id: UUID) -> Sequence[str]:
    """The codes of a person's groups."""
    rows = await db.fetch("SELECT group_code FROM membership WHERE person_id = $1 ORDER BY 1", person_id)
    return [row["group_code"] for row in rows]


_RENEW = """
WITH inside AS MATERIALIZED ({people}),
gone AS (
    DELETE FROM membership m WHERE m.group_code = {code} AND {members}
    AND NOT EXISTS (SELECT 1 FROM inside i WHERE i.id = m.person_id) RETURNING 1),
kept AS (
    UPDATE membership m SET rule_version = {version}, because = {because} FROM inside i
    WHERE m.group_code = {code} AND m.person_id = i.id AND m.rule_version <> {version} RETURNING 1),
come AS (
    INSERT INTO membership (group_code, person_id, rule_version, because, since)
    SELECT {code}, i.id, {version}, {because}, {now} FROM inside i
    WHERE NOT EXISTS (SELECT 1 FROM membership m WHERE m.group_code = {code} AND m.person_id = i.id)
    RETURNING 1)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM come)
"""


async def _renew(rule: Rule, narrow: Narrow) -> int:
    await db.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
    args = Args()
    span = narrow(args)
    statement = _RENEW.format(
        people=compiling.people(
            rule.condition, args, today=clock.today(), oa_appid=settings.current().oa_appid, span=span
        ),
        members=span("m.person_id"),
        code=args.add(rule.group_code, "varchar"),
        version=args.add(rule.version, "smallint"),
        because=args.add(rule.because, "varchar"),
        now=args.add(clock.now(), "timestamptz"),
    )
    return int(await db.fetch_value(statement, *args.values))


async def _dissolve(group_code: str | None, in_force: Sequence[str]) -> int:
    """Let go of the members of groups that have no rule any more."""
    return await db.execute(
        "DELETE FROM membership WHERE group_code <> ALL ($1) AND ($2::text IS NULL OR group_code = $2)",
        in_force, group_code,
    )  # fmt: skip


def _these(person_ids: Sequence[UUID]) -> Narrow:
    def narrow(args: Args) -> Span:
        wanted = args.add(person_ids, "uuid[]")
        return lambda column: f"{column} = ANY ({wanted})"

    return narrow


def _between(after: UUID, last: UUID) -> Narrow:
    def narrow(args: Args) -> Span:
        low, high = args.add(after, "uuid"), args.add(last, "uuid")
        return lambda column: f"{column} > {low} AND {column} <= {high}"

    return narrow


async def _pages() -> AsyncIterator[Narrow]:
    after: UUID | None = _FIRST
    while after is not None:
        last = await db.fetch_value(
            "SELECT id FROM person WHERE id > $1 ORDER BY id OFFSET $2 LIMIT 1", after, _PAGE - 1
        )
        yield _between(after, last or _LAST)
        after = last


_FACTS = """
SELECT p.level, {is_follower} AS is_follower, {has_logged_in} AS has_logged_in,
       (SELECT count(DISTINCT b.enterprise_id) FROM enterprise_binding b
        WHERE b.person_id = p.id AND b.status = 'active' AND b.expires_on >= $3) AS enterprise_count
FROM person p WHERE p.id = $1 AND p.status = 'active' AND $2::text IS NOT NULL
"""
_ENTERPRISES = """
SELECT b.role, f.taxpayer_type, f.is_exporter, f.is_individual, f.pays_social_insurance, f.industry,
       f.registered_on, f.region_code
FROM enterprise_binding b LEFT JOIN enterprise_fact f ON f.enterprise_id = b.enterprise_id
WHERE b.person_id = $1 AND b.status = 'active' AND b.expires_on >= $2 ORDER BY b.bound_at, b.id
"""


async def _facts(person_id: UUID) -> Facts | None:
    statement = _FACTS.format(
        is_follower=compiling.IS_FOLLOWER.format(oa="$2"), has_logged_in=compiling.HAS_LOGGED_IN
    )
    today = clock.today()
    person = await db.fetch_one(statement, person_id, settings.current().oa_appid, today)
    if person is None:
        return None
    return Facts(dict(person), [dict(row) for row in await db.fetch(_ENTERPRISES, person_id, today)])


def _standing(rule: Rule, facts: Facts, since: datetime | None) -> Standing:
    told: dict[str, str] = {}
    unknown: list[str] = []
    for leaf in conditions.leaves(rule.condition):
        if leaf.fact in conditions.PERSON_FACTS:
            title, values = conditions.PERSON_FACTS[leaf.fact].title, [facts.person[leaf.fact]]
        else:
            title = conditions.ENTERPRISE_FACTS[leaf.fact].title
            values = [one[leaf.fact] for one in facts.enterprises]
        told[title] = "、".join(_word(value) for value in values) or "没有绑定企业"
        if None in values and title not in unknown:
            unknown.append(title)
    verdict = judging.holds(rule.condition, facts, clock.today())
    return Standing(rule.group_code, rule.title, rule.version, verdict, rule.because, since, told, unknown)


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return "不明" if value is None else str(value)
