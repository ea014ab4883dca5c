"""A 级名单: all that is public of ratings, by year and by the beginning of a name or number."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.domain.credit_ratings import taxpayer_ids
from app.domain.credit_ratings.errors import AListNotPublished
from app.gateways import exchange
from app.gateways.exchange import NotConnected
from app.kit import cursors, db, identity_numbers

PAGE: Final = 20

_RELEASED: Final = "a-list"
_TOLD: Final = "a-list-told"
_LAST_SIGN: Final = "\U0010ffff"
# A name of Latin letters alone is no number; every number begins with digits.
_NUMBER: Final = re.compile(r"[0-9]{2}[0-9A-Z]{4,18}")

_IS_PUBLISHED: Final = "SELECT EXISTS (SELECT 1 FROM credit_release WHERE year = $1 AND state = 'published')"
# Where the names begin is said once: beside a comparison of both columns, a second one would not be used.
_BY_NAME: Final = """
SELECT name, taxpayer_id, taxpayer_hash FROM credit_rating
WHERE year = $1 AND level = 'A' AND (name COLLATE "C", taxpayer_hash) > ($2, $3) AND name COLLATE "C" < $4
ORDER BY name COLLATE "C", taxpayer_hash LIMIT $5
"""
_BY_NUMBER: Final = """
SELECT name, taxpayer_id, taxpayer_hash FROM credit_rating
WHERE year = $1 AND level = 'A' AND taxpayer_id COLLATE "C" >= $2 AND taxpayer_id COLLATE "C" < $3
  AND taxpayer_id COLLATE "C" > $4
ORDER BY taxpayer_id COLLATE "C" LIMIT $5
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """An enterprise rated A; ``taxpayer_id`` is ``None`` where the number holds somebody's ID number."""

    name: str
    taxpayer_id: str | None
    year: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page, and what leads to the next."""

    items: Sequence[Listed]
    next: str | None


async def page(year: int, q: str = "", cursor: str | None = None) -> Page:
    """Enterprises rated A for a year whose name or number begins with ``q``.

    Of a year that was not imported here the authority is asked, whose search is its own. Raises
    AListNotPublished, BadCursor, or ExchangeDown.
    """
    if await db.fetch_value(_IS_PUBLISHED, year):
        return await _released(year, q.strip(), cursor)
    return await _told(year, q.strip(), cursor)


async def _released(year: int, q: str, cursor: str | None) -> Page:
    number = identity_numbers.normalised(q)
    is_number = _NUMBER.fullmatch(number) is not None
    place = cursors.read(_RELEASED, cursor) if cursor else ["", ""]
    after = (place[0], bytes.fromhex(place[1]))
    if is_number:
        rows = await db.fetch(_BY_NUMBER, year, number, number + _LAST_SIGN, after[0], PAGE + 1)
    else:
        rows = await db.fetch(_BY_NAME, year, *max(after, (q, b"")), q + _LAST_SIGN, PAGE + 1)
    items = [Listed(row["name"], row["taxpayer_id"], year) for row in rows[:PAGE]]
    if len(rows) <= PAGE:
        return Page(items, None)
    last = rows[PAGE - 1]
    by = last["taxpayer_id" if is_number else "name"]
    return Page(items, cursors.written(_RELEASED, by, bytes(last["taxpayer_hash"]).hex()))


async def _told(year: int, q: str, cursor: str | None) -> Page:
    number = _page_number(cursor) if cursor else 1
    try:
        answered = await exchange.credit().a_list(year, q, number)
    except NotConnected:
        raise AListNotPublished from None
    items = [Listed(one.name, taxpayer_ids.public(one.uscc), one.year) for one in answered.value.entries]
    if not items and not q and number == 1:
        raise AListNotPublished
    return Page(items, cursors.written(_TOLD, number + 1) if answered.value.has_more else None)


def _page_number(cursor: str) -> int:
    [number] = cursors.read(_TOLD, cursor)
    return int(number)
