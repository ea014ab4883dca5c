"""The parts of a selection: for each key of a definition, a set of people as SQL and why each is in it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time
from typing import Any, Final

from app.domain.audiences.compiling import Args
from app.domain.audiences.judging import months_before
from app.domain.audiences.lists import AGENTS
from app.kit import clock

VISITED_MONTHS: Final = 24
"""Whoever had an appointment in a hall within so many months belongs to it, as far as messages go."""

Part = Callable[[Args, Sequence[Any]], str]
"""A statement with one row a person: person_id, because, region_code and, of lists, params."""

# What an area above contributes; a campaign knows whom it has told.
_introduced: dict[str, str] = {}


def introduce(key: str, people: str) -> None:
    """Have an area above say who is meant by a key: a statement that answers ``person_id``

    with ``{}`` where its ids come, as a bigint array. Called at start; saying it twice does no harm.
    """
    _introduced[key] = people


def part(key: str, values: Sequence[Any], args: Args) -> str:
    """The people of one key as a statement."""
    if key in _PARTS:
        return _PARTS[key](args, values)
    return (
        f"SELECT person_id, '{key}' AS because, NULL::varchar AS region_code"  # noqa: S608  Keys are ours.
        f" FROM ({_introduced[key].format(args.add(values, 'bigint[]'))}) AS told"
    )


def is_known(key: str) -> bool:
    """Whether anybody says who is meant by a key."""
    return key in _PARTS or key in _introduced


_BINDINGS = (
    "FROM enterprise_binding b JOIN enterprise_fact f ON f.enterprise_id = b.enterprise_id"
    " WHERE b.status = 'active' AND b.expires_on >= {} AND f.region_code IS NOT NULL"
)


def _groups(args: Args, codes: Sequence[str]) -> str:
    wanted = args.add(codes, "varchar[]")
    because = "'group:' || group_code || '@' || rule_version"
    if len(codes) == 1:  # Then a person has one row, and nothing need be gathered.
        return (
            f"SELECT person_id, {because} AS because, NULL::varchar AS region_code FROM membership"  # noqa: S608  As above.
            f" WHERE group_code = ({wanted})[1]"
        )
    return (
        f"SELECT person_id, min({because}) AS because, NULL::varchar AS region_code FROM membership"  # noqa: S608  As above.
        f" WHERE group_code = ANY ({wanted}) GROUP BY person_id"
    )


def _regions(args: Args, codes: Sequence[str]) -> str:
    wanted = args.add([f"{code}%" for code in codes], "text[]")
    return f"""
        SELECT person_id, 'region:' || min(region_code) AS because, min(region_code) AS region_code FROM (
            SELECT b.person_id, f.region_code {_BINDINGS.format(_today(args))}
              AND f.region_code LIKE ANY ({wanted})
            UNION ALL
            SELECT a.person_id, h.region_id FROM appointment a JOIN hall h ON h.id = a.hall_id
            WHERE h.region_id LIKE ANY ({wanted}) AND a.starts_at >= {since(args)}
        ) places GROUP BY person_id"""  # noqa: S608  As above.


def _halls(args: Args, hall_ids: Sequence[int]) -> str:
    return (
        "SELECT a.person_id, 'hall:' || min(a.hall_id) AS because, min(h.region_id) AS region_code"  # noqa: S608  As above.
        " FROM appointment a JOIN hall h ON h.id = a.hall_id"
        f" WHERE a.hall_id = ANY ({args.add(hall_ids, 'bigint[]')}) AND a.starts_at >= {since(args)}"
        " GROUP BY a.person_id"
    )


def _tags(args: Args, tags: Sequence[str]) -> str:
    return (
        "SELECT person_id, 'tag:' || min(tag) AS because, NULL::varchar AS region_code"  # noqa: S608  As above.
        f" FROM person_tag WHERE tag = ANY ({args.add(tags, 'varchar[]')}) GROUP BY person_id"
    )


def _lists(args: Args, list_ids: Sequence[int]) -> str:
    """Of somebody in several lists, the one uploaded first speaks."""
    wanted = args.add(list_ids, "bigint[]")
    columns = "person_id, 'list:' || list_id AS because, NULL::varchar AS region_code, params"
    if len(list_ids) == 1:
        return f"SELECT {columns} FROM audience_list_row WHERE list_id = ({wanted})[1]"  # noqa: S608  As above.
    return (
        f"SELECT DISTINCT ON (person_id) {columns} FROM audience_list_row"  # noqa: S608  As above.
        f" WHERE list_id = ANY ({wanted}) ORDER BY person_id, list_id"
    )


def _rated_years(args: Args, years: Sequence[int]) -> str:
    """Agents of enterprises whose credit rating of a year was released here."""
    roles = args.add([role.value for role in AGENTS], "varchar[]")
    return f"""
        SELECT b.person_id, 'rated:' || max(r.year) AS because, NULL::varchar AS region_code
        FROM enterprise_binding b JOIN enterprise e ON e.id = b.enterprise_id
        JOIN credit_rating r ON r.taxpayer_hash = e.uscc_hash
        WHERE b.status = 'active' AND b.expires_on >= {_today(args)} AND b.role = ANY ({roles})
          AND r.year = ANY ({args.add(years, "smallint[]")})
        GROUP BY b.person_id"""  # noqa: S608  As above.


def _today(args: Args) -> str:
    return args.add(clock.today(), "date")


def since(args: Args) -> str:
    """The first moment of the months in which a visit counts, as an argument."""
    first = months_before(clock.today(), VISITED_MONTHS)
    return args.add(datetime.combine(first, time(), clock.SHANGHAI), "timestamptz")


_PARTS: Mapping[str, Part] = {
    "groups": _groups,
    "regions": _regions,
    "halls": _halls,
    "tags": _tags,
    "lists": _lists,
    "rated_years": _rated_years,
}
