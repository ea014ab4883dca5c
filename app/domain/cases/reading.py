"""Looking at one case: the path most people take, so whoever asks at the same time shares a statement.

``case_timelines`` (migration 0021) answers many cases with their history as fast as a few.
"""

from collections.abc import Sequence
from uuid import UUID

from app.domain.cases import numbers
from app.domain.cases.errors import CaseUnknown
from app.domain.cases.progress import CaseProgress, told
from app.domain.cases.queries import Asked
from app.domain.halls.schedules import load_calendar
from app.kit import clock, db
from app.kit.batching import Batcher

GATHER_S = 0.002
"""A plan over all parts costs as much to begin as twenty cases cost to read: while many ask, they gather."""

_TIMELINES = "SELECT * FROM case_timelines($1, $2, $3, $4)"


async def own_case(person_id: UUID, enterprise_id: UUID | None, number: str) -> CaseProgress:
    """A case of one's own, or of the enterprise one acts for now. Raises CaseUnknown for anybody else's."""
    found = await _own((person_id, enterprise_id, numbers.sought(number)))
    if found is None:
        raise CaseUnknown
    return found


async def progress_each(wanted: Sequence[str]) -> Sequence[CaseProgress | None]:
    """Where cases stand, in the order given; the caller has made sure who may know."""
    return await _read(wanted, None, None) if wanted else ()


async def _own_each(asked: Sequence[Asked]) -> Sequence[CaseProgress | None]:
    persons, enterprises, wanted = ([one[place] for one in asked] for place in range(3))
    return await _read(wanted, persons, enterprises)


async def _read(
    wanted: Sequence[object], persons: Sequence[object] | None, enterprises: Sequence[object] | None
) -> Sequence[CaseProgress | None]:
    rows = await db.fetch(_TIMELINES, wanted, persons, enterprises, clock.today())
    calendar, now = await load_calendar(), clock.now()
    found = {row["place"]: told(row, calendar, now) for row in rows}
    return [found.get(place) for place in range(1, len(wanted) + 1)]


_own: Batcher[Asked, CaseProgress | None] = Batcher(_own_each, gather_s=GATHER_S)
