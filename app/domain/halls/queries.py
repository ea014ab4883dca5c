"""What can be asked about regions and halls: children, search by place, words and distance, one hall."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from app.domain.halls.errors import HallNotFound, RegionNotFound
from app.domain.halls.opening import Span
from app.domain.halls.regions import lineage
from app.domain.halls.schedules import load_calendar, load_schedule, schedule_of
from app.kit import clock, cursors, db
from app.kit.cursors import BadCursor

PAGE = 20
MOST_TERMS = 5

_PLACES = "halls"
_REGION = (
    "SELECT code, name, level, is_government,"
    " EXISTS (SELECT 1 FROM region c WHERE c.parent_code = region.code) AS has_children FROM region"
)
_WITH_HALLS = (
    "WHERE parent_code IS NOT DISTINCT FROM $1"
    " AND EXISTS (SELECT 1 FROM hall h WHERE h.is_active AND starts_with(h.region_id, region.code))"
)
# Haversine over WGS-84 degrees; $1 and $2 are the asker's latitude and longitude, 6371008.8 is the
# earth's mean radius in metres (IUGG). Whole metres, so that a cursor names a place in the order exactly.
_FIND = """
SELECT * FROM (
    SELECT h.id, h.code, h.name, h.region_id AS region_code, h.address, h.phone,
        h.latitude::float8 AS latitude, h.longitude::float8 AS longitude,
        CASE WHEN $1::float8 IS NULL THEN 0 ELSE round(6371008.8 * 2 * asin(least(1, sqrt(
            power(sin(radians(h.latitude::float8 - $1) / 2), 2)
            + cos(radians($1)) * cos(radians(h.latitude::float8))
            * power(sin(radians(h.longitude::float8 - $2) / 2), 2)
        ))))::bigint END AS distance_m
    FROM hall h
    WHERE h.is_active
        AND ($3::text IS NULL OR starts_with(h.region_id, $3))
        AND ($4::text IS NULL OR EXISTS (
            SELECT 1 FROM hall_business b WHERE b.hall_id = h.id AND b.business_id = $4 AND b.is_active))
        AND NOT EXISTS (SELECT 1 FROM unnest($5::text[]) AS term(word) WHERE NOT (
            h.name ILIKE word OR h.address ILIKE word OR h.pinyin LIKE word OR h.initials LIKE word))
) AS found
WHERE (distance_m, id) > ($6::bigint, $7::bigint) ORDER BY distance_m, id LIMIT $8
"""
_ONE = """
SELECT id, code, name, region_id AS region_code, address, phone,
    latitude::float8 AS latitude, longitude::float8 AS longitude
FROM hall WHERE id = $1 AND is_active
"""
_CHINESE = re.compile(r"[\u2e80-\u9fff\U00020000-\U0003ffff]")


class Position(NamedTuple):
    """A place on earth in WGS-84 degrees, as ``wx.getLocation`` gives it by default."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class RegionFacts:
    """行政区划 as it is listed."""

    code: str
    name: str
    level: int
    is_government: bool
    has_children: bool


@dataclass(frozen=True, slots=True)
class BusinessFacts:
    """业务类别 as a hall carries it."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class HallFacts:
    """A hall as it is listed; ``distance_m`` only where the asker said from where."""

    id: int
    code: str
    name: str
    region_code: str
    address: str
    phone: str
    latitude: float
    longitude: float
    businesses: Sequence[BusinessFacts]
    distance_m: int | None = None


@dataclass(frozen=True, slots=True)
class HallPage:
    """Some halls and where the next ones begin."""

    items: Sequence[HallFacts]
    next: str | None


@dataclass(frozen=True, slots=True)
class HallDetail:
    """A hall whole: where it lies from the province down, and when it is open today."""

    facts: HallFacts
    region_path: Sequence[RegionFacts]
    today: date
    hours_today: Sequence[Span]
    is_open_now: bool
    counters: int


async def regions_under(parent: str | None = None) -> list[RegionFacts]:
    """The regions one level below ``parent``; without one, the provinces."""
    rows = await db.fetch(f"{_REGION} WHERE parent_code IS NOT DISTINCT FROM $1 ORDER BY code", parent)
    if (
        not rows
        and parent is not None
        and not await db.fetch_one("SELECT 1 FROM region WHERE code = $1", parent)
    ):
        raise RegionNotFound
    return [RegionFacts(**row) for row in rows]


async def regions_of(codes: Sequence[str]) -> list[RegionFacts]:
    """These regions, the province first; one that does not exist is left out."""
    rows = await db.fetch(f"{_REGION} WHERE code = ANY($1::text[]) ORDER BY level", codes)
    return [RegionFacts(**row) for row in rows]


async def regions_with_halls(parent: str | None = None) -> list[RegionFacts]:
    """The regions one level below ``parent`` in which there is a hall; without one, the provinces."""
    rows = await db.fetch(f"{_REGION} {_WITH_HALLS} ORDER BY code", parent)
    return [RegionFacts(**row) for row in rows]


async def businesses() -> list[BusinessFacts]:
    """Every business there is, in the order of lists."""
    return [
        BusinessFacts(**row)
        for row in await db.fetch("SELECT code, name FROM business ORDER BY position, code")
    ]


async def find_halls(
    *,
    region: str | None = None,
    near: Position | None = None,
    q: str | None = None,
    business: str | None = None,
    limit: int = PAGE,
    cursor: str | None = None,
) -> HallPage:
    """Active halls of a region and all below it, nearest first if ``near`` is given.

    Every word of ``q`` must occur in the name, the address, the pinyin or the initials. Raises
    :class:`BadCursor` for a cursor of another order.
    """
    patterns = [_pattern(term) for term in (q or "").split()[:MOST_TERMS]]
    after = _read_cursor(cursor, ordered_by_distance=near is not None) if cursor else (-1, 0)
    rows = await db.fetch(
        _FIND,
        near.latitude if near else None,
        near.longitude if near else None,
        region,
        business,
        patterns,
        *after,
        limit + 1,
    )
    carried = await _businesses_of([row["id"] for row in rows[:limit]])
    items = [_facts(row, carried, is_near=near is not None) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    place = (near is not None, last.distance_m or 0, last.id) if last else None
    return HallPage(items, cursors.written(_PLACES, *place) if place else None)


async def hall_detail(hall_id: int) -> HallDetail:
    """One hall with today's hours; raises :class:`HallNotFound` also for one closed for good."""
    row = await db.fetch_one(_ONE, hall_id)
    if row is None:
        raise HallNotFound
    schedule, calendar = await schedule_of(hall_id), await load_calendar()
    path = await regions_of(lineage(row["region_code"]))
    now = clock.now()
    return HallDetail(
        facts=_facts(row, await _businesses_of([hall_id]), is_near=False),
        region_path=path,
        today=now.date(),
        hours_today=schedule.spans(now.date(), calendar),
        is_open_now=schedule.is_open_at(now, calendar),
        counters=len(schedule.counters),
    )


async def open_now(hall_ids: Sequence[int]) -> frozenset[int]:
    """Those of the halls that are open at this moment."""
    schedules, calendar = await load_schedule(hall_ids), await load_calendar()
    now = clock.now()
    return frozenset(hall_id for hall_id, one in schedules.items() if one.is_open_at(now, calendar))


async def _businesses_of(hall_ids: list[int]) -> dict[int, list[BusinessFacts]]:
    rows = await db.fetch(
        "SELECT hall_id, b.code, b.name FROM hall_business h JOIN business b ON b.code = h.business_id"
        " WHERE hall_id = ANY($1) AND h.is_active ORDER BY b.position, b.code",
        hall_ids,
    )
    grouped: dict[int, list[BusinessFacts]] = {}
    for row in rows:
        grouped.setdefault(row["hall_id"], []).append(BusinessFacts(row["code"], row["name"]))
    return grouped


def _facts(row: Any, carried: dict[int, list[BusinessFacts]], *, is_near: bool) -> HallFacts:
    facts = {**row, "distance_m": row["distance_m"] if is_near else None}
    return HallFacts(**facts, businesses=carried.get(row["id"], []))


def _pattern(term: str) -> str:
    """A word as a LIKE pattern that means itself; pinyin is stored in lower case."""
    escaped = re.sub(r"([\\%_])", r"\\\1", term)
    return f"%{escaped if _CHINESE.search(term) else escaped.lower()}%"


def _read_cursor(cursor: str, *, ordered_by_distance: bool) -> tuple[int, int]:
    is_by_distance, distance, hall_id = cursors.read(_PLACES, cursor)
    if is_by_distance is not ordered_by_distance:
        raise BadCursor
    return distance, hall_id
