"""Looking at one case: the path most people take, so whoever asks at the same time shares a statement.

What a case comes to is worked out once for each version of its row. The database is asked for the version at
every look, and whether the asker may see it: two functions, ``case_versions`` and ``case_timelines``, answer
many cases as fast as a few.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.cases import numbers
from app.domain.cases.clock import unchanging
from app.domain.cases.errors import CaseUnknown
from app.domain.cases.progress import CaseProgress, told
from app.domain.cases.queries import Asked
from app.domain.halls.calendar import WorkCalendar
from app.domain.halls.schedules import load_calendar
from app.kit import clock, db
from app.kit.batching import Batcher
from app.kit.keeping import Kept

GATHER_S = 0.003
"""A plan over all parts costs as much to begin as twenty cases cost to read: while many ask, they gather."""
MOST_KEPT = 6000
"""So many cases a process remembers: some 2,400 bytes each, and each of its pages 1,800 more."""
LONGEST_KEPT = 20
"""A case with more steps than this is worked out at every look: memory stays bounded."""

Version = tuple[int, tuple[int, int]]
"""Of a row: the transaction that wrote it, and where it lies. No two versions share both."""

_VERSIONS = "SELECT place, written_by, lies_at FROM case_versions($1, $2, $3, $4)"
_TIMELINES = "SELECT * FROM case_timelines($1, $2, $3, $4)"


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a version of a case came to; time left reads the same between ``since`` and ``until``."""

    version: Version
    calendar: WorkCalendar
    since: datetime
    until: datetime
    progress: CaseProgress

    def holds(self, version: Version, calendar: WorkCalendar, now: datetime) -> bool:
        """Whether nothing has changed: neither the case nor the calendar nor the time left."""
        return version == self.version and calendar is self.calendar and self.since < now < self.until


@dataclass(frozen=True, slots=True)
class _Question:
    """Cases asked for by their numbers; whose they have to be, unless everybody may see them."""

    wanted: Sequence[str]
    persons: Sequence[UUID] | None = None
    enterprises: Sequence[UUID | None] | None = None

    def only(self, places: Sequence[int]) -> "_Question":
        """The same of the cases at some places, the first of which is 1."""
        persons, enterprises = self.persons, self.enterprises
        return _Question(
            [self.wanted[place - 1] for place in places],
            [persons[place - 1] for place in places] if persons is not None else None,
            [enterprises[place - 1] for place in places] if enterprises is not None else None,
        )


async def own_case(person_id: UUID, enterprise_id: UUID | None, number: str) -> CaseProgress:
    """A case of one's own, or of the enterprise one acts for now. Raises CaseUnknown for anybody else's."""
    found = await _own((person_id, enterprise_id, numbers.sought(number)))
    if found is None:
        raise CaseUnknown
    return found


async def progress_each(
    wanted: Sequence[str], versions: Sequence[Any] | None = None
) -> Sequence[CaseProgress | None]:
    """Where cases stand, in the order given; the caller has made sure who may know.

    Who has just read rows of (``place``, ``written_by``, ``lies_at``), as ``case_versions`` answers them,
    hands them on.
    """
    if not wanted:
        return ()
    question = _Question(wanted)
    return await _read(question, await _versions(question) if versions is None else versions)


async def _own_each(asked: Sequence[Asked]) -> Sequence[CaseProgress | None]:
    question = _Question([one[2] for one in asked], [one[0] for one in asked], [one[1] for one in asked])
    return await _read(question, await _versions(question))


async def _versions(question: _Question) -> Sequence[Any]:
    return await db.fetch(_VERSIONS, question.wanted, question.persons, question.enterprises, clock.today())


async def _read(question: _Question, rows: Sequence[Any]) -> Sequence[CaseProgress | None]:
    wanted = question.wanted
    calendar, now = await load_calendar(), clock.now()
    found: dict[int, CaseProgress] = {}
    changed: dict[int, Version] = {}
    for place, written_by, lies_at in rows:
        known, version = _kept.get(wanted[place - 1]), (written_by, lies_at)
        if known is not None and known.holds(version, calendar, now):
            found[place] = known.progress
        else:
            changed[place] = version
    if changed:
        found |= await _read_anew(question, changed, calendar, now)
    return [found.get(place) for place in range(1, len(wanted) + 1)]


async def _read_anew(
    question: _Question, changed: Mapping[int, Version], calendar: WorkCalendar, now: datetime
) -> Mapping[int, CaseProgress]:
    """The cases at these places with their histories, asked once more whether they may be seen.

    What is read is at least as new as the version it is kept under: if it is newer, the next look finds
    another version and reads again.
    """
    places = list(changed)
    asked = question.only(places)
    rows = await db.fetch(_TIMELINES, asked.wanted, asked.persons, asked.enterprises, clock.today())
    found = {places[row["place"] - 1]: told(row, calendar, now) for row in rows}
    for place, progress in found.items():
        reading = _Reading(changed[place], calendar, *unchanging(now, progress.due_at), progress)
        # What is read at the very moment at which time left changes may hold for that moment only.
        if len(progress.steps) <= LONGEST_KEPT and reading.since < now:
            _kept.put(progress.number, reading)
    return found


_kept: Kept[str, _Reading] = Kept(MOST_KEPT)
_own: Batcher[Asked, CaseProgress | None] = Batcher(_own_each, gather_s=GATHER_S)
