"""Who is meant by a definition: one statement for all of them, and why for one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.domain.audiences import parts
from app.domain.audiences.compiling import Args
from app.domain.audiences.definition import Definition
from app.domain.audiences.errors import InvalidAudience
from app.kit import db

PUSH_PURPOSE = "personalised_push"
"""The purpose under which a person may refuse what is aimed at their profile (个人信息保护法 24)."""


@dataclass(frozen=True, slots=True)
class Selection:
    """A statement whose rows are (person_id uuid, because text, region_code varchar, params jsonb).

    One row a person, in no order; ``because`` names what put them in, separated by spaces, e.g.
    ``group:exporter@3 region:440106``. Arguments are numbered from $1; a caller may append more.
    """

    sql: str
    args: list[Any]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a person is meant by a definition or is not."""

    is_in: bool
    because: Sequence[str]
    """What put them in, e.g. ``list:12``."""
    missing: Sequence[str]
    """The keys of the definition none of whose values is theirs."""
    excluded_by: Sequence[str]
    is_active: bool
    """Whether the person is there at all: neither gone nor frozen."""
    has_refused: bool
    """Whether they refused what is aimed at their profile, and the message is not one by law."""


# The last answer counts, whichever words it was given to, and wherever a merge has left it. Those who
# ever refused are few, so only their answers are looked at. They are gathered as an array, lest the
# planner look for the last one from the end of the whole ledger.
_BEHIND = (
    "WITH RECURSIVE behind (id) AS (SELECT {} UNION SELECT m.absorbed_id FROM person_merge m"
    " JOIN behind b ON m.kept_id = b.id WHERE m.undone_at IS NULL) SELECT id FROM behind"
)
_LAST_ANSWER = (
    "(SELECT (array_agg(e.is_granted ORDER BY e.id DESC))[1] FROM consent_entry e"  # noqa: S608  Words of ours.
    f" WHERE e.purpose = '{PUSH_PURPOSE}' AND e.person_id IN ({_BEHIND}))"
)
_REFUSED = f"""
WITH RECURSIVE refusing (person_id) AS (
    SELECT person_id FROM consent_entry WHERE purpose = '{PUSH_PURPOSE}' AND NOT is_granted
    UNION
    SELECT m.kept_id FROM refusing r
    JOIN person_merge m ON m.absorbed_id = r.person_id AND m.undone_at IS NULL
)
SELECT r.person_id FROM refusing r WHERE NOT {_LAST_ANSWER.format("r.person_id")}
"""  # noqa: S608  Words of ours.


def selection(definition: Definition, *, is_statutory: bool = False) -> Selection:
    """Everybody a message with this definition is for. Raises InvalidAudience for a key nobody knows.

    Whoever left or is frozen is never in it. Whoever refused personalised messages is not, unless the
    message is statutory or goes to everyone.
    """
    args = Args()
    joined, whys, regions, params = "", [], [], "NULL::jsonb"
    for number, (key, values) in enumerate(definition.include.items()):
        name = f"p{number}"
        joined += f"\nJOIN ({_part(key, values, args)}) {name} ON {name}.person_id = p.id"
        whys.append(f"{name}.because")
        if key in ("regions", "halls"):
            regions.append(f"{name}.region_code")
        if key == "lists":
            params = f"{name}.params"
    if not regions:
        joined += "\nLEFT JOIN person_region home ON home.person_id = p.id"
        regions.append("home.region_code")
    because = f"concat_ws(' ', {', '.join(whys)})" if whys else "'everyone'"
    left_out = [_part(key, values, args) for key, values in definition.exclude.items()]
    if not is_statutory and not definition.is_everyone:
        left_out.append(_REFUSED)
    without = "".join(
        f"\nAND NOT EXISTS (SELECT 1 FROM ({one}) x WHERE x.person_id = p.id)"  # noqa: S608  Parts of ours.
        for one in left_out
    )
    return Selection(
        f"SELECT p.id AS person_id, {because} AS because,"
        f" coalesce({', '.join(regions)})::varchar AS region_code, {params} AS params"
        f"\nFROM person p{joined}\nWHERE p.status = 'active'{without}",
        args.values,
    )


async def count(definition: Definition, *, is_statutory: bool = False) -> int:
    """How many people are meant."""
    chosen = selection(definition, is_statutory=is_statutory)
    return int(await db.fetch_value(f"SELECT count(*) FROM ({chosen.sql}) chosen", *chosen.args))  # noqa: S608  Ours.


async def sample(definition: Definition, size: int, *, is_statutory: bool = False) -> Sequence[Any]:
    """Rows of the selection, spread over all of it, the same ones each time."""
    chosen = selection(definition, is_statutory=is_statutory)
    return await db.fetch(
        f"SELECT * FROM ({chosen.sql}) chosen ORDER BY uuid_hash(person_id), person_id"  # noqa: S608  Ours.
        f" LIMIT ${len(chosen.args) + 1}",
        *chosen.args, size,
    )  # fmt: skip


async def explain(definition: Definition, person_id: UUID, *, is_statutory: bool = False) -> Explanation:
    """Why a person is meant or not, each condition looked at by itself."""
    include = await _reasons(definition.include, person_id)
    exclude = await _reasons(definition.exclude, person_id)
    args = Args()
    one = args.add(person_id, "uuid")
    row = await db.fetch_one(
        f"SELECT EXISTS (SELECT 1 FROM person WHERE id = {one} AND status = 'active') AS is_active,"  # noqa: S608  Ours.
        f" NOT coalesce({_LAST_ANSWER.format(one)}, true) AS has_refused",
        *args.values,
    )
    assert row is not None  # noqa: S101  A row of two answers.
    has_refused = row["has_refused"] and not is_statutory and not definition.is_everyone
    missing = [key for key, because in include.items() if because is None]
    excluded_by = [because for because in exclude.values() if because]
    return Explanation(
        is_in=row["is_active"] and not has_refused and not missing and not excluded_by,
        because=[because for because in include.values() if because] or ["everyone"] * definition.is_everyone,
        missing=missing,
        excluded_by=excluded_by,
        is_active=row["is_active"],
        has_refused=has_refused,
    )


async def refusing(person_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these people who refuse by now what is aimed at their profile."""
    rows = await db.fetch(
        "SELECT p.id FROM unnest($1::uuid[]) AS p (id)"  # noqa: S608  Words of ours.
        f" WHERE NOT coalesce({_LAST_ANSWER.format('p.id')}, true)",
        person_ids,
    )
    return {row["id"] for row in rows}


async def check(definition: Definition) -> None:
    """Whether all it names exists. Raises InvalidAudience naming what does not."""
    faults: dict[str, list[str]] = {}
    for where, said in (("", definition.include), ("exclude.", definition.exclude)):
        for key, statement in _EXISTING.items():
            unknown = set(said.get(key, ())) - {row["known"] for row in await db.fetch(statement)}
            if unknown:
                faults[f"{where}{key}"] = [f"不存在：{'、'.join(sorted(map(str, unknown)))}"]
    if faults:
        raise InvalidAudience(fields=faults)


_EXISTING = {
    "groups": "SELECT group_code AS known FROM group_rule WHERE state = 'active'",
    "halls": "SELECT id AS known FROM hall",
    "lists": "SELECT id AS known FROM audience_list",
}


def _part(key: str, values: Sequence[Any], args: Args) -> str:
    if not parts.is_known(key):
        raise InvalidAudience(fields={key: ["这里不能用这项条件"]})
    return parts.part(key, values, args)


async def _reasons(said: Mapping[str, Sequence[Any]], person_id: UUID) -> dict[str, str | None]:
    """What of each key holds for a person, in one statement."""
    if not said:
        return {}
    args = Args()
    one = args.add(person_id, "uuid")
    asked = ", ".join(
        f"(SELECT because FROM ({_part(key, values, args)}) x WHERE person_id = {one}) AS {key}"  # noqa: S608  Ours.
        for key, values in said.items()
    )
    row = await db.fetch_one(f"SELECT {asked}", *args.values)
    return dict(row) if row is not None else {}
