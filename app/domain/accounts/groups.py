"""Taxpayer groups 纳税人分组 of followers: which one somebody is in, why, and since when (A02)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from app.domain.accounts.models import AgentRole, IdentityLevel, TaxpayerGroup
from app.kit import clock, db, jobs, outbox
from config import settings

RULES_VERSION: Final = 1
"""Goes up with every change of ``group_of``; whoever was judged by an older one is judged again at night."""

TAG_JOB: Final = "tag_followers"
UNTAG_JOB: Final = "untag_stranger"
FACTS_CHANGED: Final = "person_facts_changed"
"""The event that tells of it those who sort people otherwise; ``person_ids`` are whose facts changed."""

_PAGE: Final = 2000


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides about a follower's group; ``roles`` are those of bindings in force."""

    has_logged_in: bool
    is_proved: bool
    roles: frozenset[AgentRole]


def group_of(facts: Facts) -> tuple[TaxpayerGroup, str]:
    """The group, and the fact that decided, in words. The first rule that holds wins."""
    if AgentRole.LEGAL_REPRESENTATIVE in facts.roles:
        return TaxpayerGroup.LEGAL_REPRESENTATIVE, "已绑定企业，身份为法定代表人"
    if facts.roles:
        return TaxpayerGroup.ENTERPRISE_AGENT, "已绑定企业，为其办税"
    if facts.is_proved:
        return TaxpayerGroup.NATURAL_PERSON, "已实名，未绑定企业"
    if facts.has_logged_in:
        return TaxpayerGroup.NATURAL_PERSON, "已登录，未绑定企业"
    return TaxpayerGroup.VISITOR, "已关注，未登录"


async def regroup(person_ids: Sequence[UUID]) -> int:
    """Judge these people anew, in the caller's transaction; answers how many changed.

    To be called by whatever changes one of the facts. Those who do not follow are in no group.
    """
    await outbox.emit(FACTS_CHANGED, {"person_ids": [str(one) for one in person_ids]})
    changed = await _judge(await db.fetch(_FACTS.format("i.person_id = ANY ($3)"), *_asked(), person_ids))
    if changed:
        await jobs.enqueue(TAG_JOB, {})
    return changed


async def regroup_follower(person_id: UUID) -> None:
    """Judge somebody who has just followed; which tags WeChat kept of an earlier time is unknown."""
    in_doubt = await db.execute(
        "UPDATE follower_group SET tagged_as = NULL, tagging_since = '-infinity' WHERE identity_id IN"
        " (SELECT id FROM wechat_identity WHERE person_id = $1 AND appid = $2 AND unfollowed_at IS NOT NULL)",
        person_id, settings.current().oa_appid,
    )  # fmt: skip
    if not await regroup([person_id]) and in_doubt:
        await jobs.enqueue(TAG_JOB, {})


async def note_login(person_id: UUID) -> None:
    """Somebody logs in: a visitor is one no more. Everybody else costs one look at an index."""
    is_visitor = await db.fetch_value(
        "SELECT true FROM wechat_identity i JOIN follower_group g ON g.identity_id = i.id"
        " WHERE i.person_id = $1 AND i.is_follower AND g.taxpayer_group = 'visitor' LIMIT 1",
        person_id,
    )
    if is_visitor:
        await regroup([person_id])


async def regroup_all() -> int:
    """Judge every follower anew: bindings expire without anybody doing anything. Safe to repeat."""
    changed, after = 0, 0
    while True:
        async with db.transaction():
            rows = await db.fetch(
                _FACTS.format("i.id > $3") + f" ORDER BY i.id LIMIT {_PAGE}", *_asked(), after
            )
            changed += await _judge(rows)
        if len(rows) < _PAGE:
            return changed
        after = rows[-1]["id"]


async def forget(person_id: UUID) -> None:
    """Have WeChat's tags taken off somebody who leaves, in the transaction that deletes them."""
    rows = await db.fetch(
        "SELECT i.openid FROM follower_group g JOIN wechat_identity i ON i.id = g.identity_id"
        " WHERE i.person_id = $1 AND (g.tagged_as IS NOT NULL OR g.tagging_since IS NOT NULL)",
        person_id,
    )
    for row in rows:
        await jobs.enqueue(UNTAG_JOB, {"openid": row["openid"]})


async def export(person_id: UUID) -> list[dict[str, object]]:
    """What the export of a person says of their group."""
    rows = await db.fetch(
        "SELECT g.taxpayer_group, g.because, g.changed_at"
        " FROM follower_group g JOIN wechat_identity i ON i.id = g.identity_id WHERE i.person_id = $1",
        person_id,
    )
    return [dict(row) for row in rows]


# A group other than the visitors' was reached by a login or a proof; ended sessions are deleted in time.
_FACTS = """
SELECT i.id, g.taxpayer_group, g.because, g.rules_version, p.level,
       coalesce(g.taxpayer_group <> 'visitor', false)
       OR EXISTS (SELECT 1 FROM session s WHERE s.person_id = i.person_id)
       OR EXISTS (SELECT 1 FROM wechat_identity o
                  WHERE o.person_id = i.person_id AND o.session_key_sealed IS NOT NULL) AS has_logged_in,
       ARRAY (SELECT b.role FROM enterprise_binding b
              WHERE b.person_id = i.person_id AND b.status = 'active' AND b.expires_on >= $2) AS roles
FROM wechat_identity i JOIN person p ON p.id = i.person_id
LEFT JOIN follower_group g ON g.identity_id = i.id
WHERE i.appid = $1 AND i.is_follower AND {}
"""

_CHANGE = """
INSERT INTO follower_group (identity_id, taxpayer_group, because, rules_version, changed_at)
SELECT d.id, d.taxpayer_group, d.because, $4, $5
FROM unnest($1::bigint[], $2::text[], $3::text[]) AS d (id, taxpayer_group, because) ORDER BY d.id
ON CONFLICT (identity_id) DO UPDATE SET
    taxpayer_group = excluded.taxpayer_group, because = excluded.because,
    rules_version = excluded.rules_version,
    changed_at = CASE WHEN follower_group.taxpayer_group = excluded.taxpayer_group
                      THEN follower_group.changed_at ELSE excluded.changed_at END
"""


def _asked() -> tuple[object, ...]:
    return settings.current().oa_appid, clock.today()


async def _judge(rows: Iterable[Any]) -> int:
    verdicts = [(row, *group_of(_facts(row))) for row in rows]
    changed = [
        (row["id"], group.value, because)
        for row, group, because in verdicts
        if (row["taxpayer_group"], row["because"], row["rules_version"])
        != (group.value, because, RULES_VERSION)
    ]
    if changed:
        columns = [list(column) for column in zip(*changed, strict=True)]
        await db.execute(_CHANGE, *columns, RULES_VERSION, clock.now())
    return len(changed)


def _facts(row: Any) -> Facts:
    return Facts(
        has_logged_in=row["has_logged_in"],
        is_proved=IdentityLevel(row["level"]).rank >= IdentityLevel.REALNAME_L1.rank,
        roles=frozenset(AgentRole(role) for role in row["roles"]),
    )
