"""What time itself does to due dates: silence accepts, special procedures run out, calendars change.

Each task goes through its cases in pages, one transaction a page, and may be repeated at any time.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from app.domain.cases import clock as case_clock
from app.domain.cases import history, late_specials, licensing_law, rows, timing
from app.domain.cases.batches import MOVED
from app.domain.cases.clock import TimeLimit
from app.domain.cases.history import Happening
from app.domain.cases.models import (
    DUE_MOVED,
    SPECIAL_OVERDUE,
    UNDECIDED,
    Case,
    FindingKind,
    LimitUnit,
    SpecialProcedure,
    SpecialState,
)
from app.domain.cases.rows import Finding
from app.domain.cases.texts import FINDING_TEXTS
from app.domain.halls import schedules
from app.domain.halls.calendar import WorkCalendar
from app.domain.halls.schedules import load_calendar
from app.kit import audit, clock, db, jobs

RECOUNT_JOB = "recount_case_due_dates"
DUE_DATE_MOVED = "case_due_moved"
"""Outbox event: a new work calendar moved a due date; ``{number, seq, due_on, was_due_on}``, days in ISO."""

_PAGE = 500
_FIRST = (datetime(1970, 1, 1, tzinfo=clock.SHANGHAI), "")

# The states are spelled out, so that the partial index of running cases fits.
_TOUCHED = f"""
SELECT number, due_at FROM case_file
WHERE due_at IS NOT NULL AND state IN ({", ".join(f"'{state.value}'" for state in UNDECIDED)})
    AND (due_at, number) > ($1, $2)
    AND (is_due_provisional OR (counted_from < $4 AND greatest(due_at, legal_due_at) >= $3))
ORDER BY due_at, number LIMIT {_PAGE}
"""  # noqa: S608
_HOW_MANY_TOUCHED = f"""
SELECT count(*) FROM case_file
WHERE due_at IS NOT NULL AND state IN ({", ".join(f"'{state.value}'" for state in UNDECIDED)})
    AND (is_due_provisional OR (counted_from < $2 AND greatest(due_at, legal_due_at) >= $1))
"""  # noqa: S608
_SILENT = f"""
SELECT number FROM case_file
WHERE counted_from IS NULL AND state IN ('submitted', 'pre_review') AND received_at < $1
ORDER BY received_at, number LIMIT {_PAGE}
"""  # noqa: S608
_RUN_OUT = f"""
SELECT case_number FROM special_procedure WHERE state = 'running' AND due_at < $1
ORDER BY due_at LIMIT {_PAGE}
"""  # noqa: S608
_MOVE_SPECIALS = """
UPDATE special_procedure p SET due_at = n.due_at
FROM unnest($1::bigint[], $2::timestamptz[]) AS n (id, due_at) WHERE p.id = n.id
"""


async def follow_calendar(changed_days: Sequence[str]) -> None:
    """Have due dates follow a new work calendar, in the caller's transaction; the counting is a job's."""
    await jobs.enqueue(RECOUNT_JOB, {"changed_days": sorted(set(changed_days))})


async def recount(asked: dict[str, Any]) -> int:
    """Count the due dates of open cases again that touch the changed days or were provisional.

    Answers how many moved. Every page leaves an audit line; every moved date an event in the case's history.
    """
    schedules.forget_calendar()
    days = [date.fromisoformat(day) for day in asked["changed_days"]]
    # Without a changed day only provisional dates are looked at: they may have become certain.
    first = _midnight(min(days)) if days else clock.now() + timedelta(days=36_500)
    last = _midnight(max(days) + timedelta(days=1)) if days else _FIRST[0]
    after, moved = _FIRST, 0
    while found := await db.fetch(_TOUCHED, *after, first, last):
        moved += await _recount_page([row["number"] for row in found], asked["changed_days"])
        after = (found[-1]["due_at"], found[-1]["number"])
    return moved


async def count_touched(days: Sequence[date]) -> int:
    """How many open cases would be counted again if these days changed; some dates will stay as they are."""
    if not days:
        return 0
    first, last = _midnight(min(days)), _midnight(max(days) + timedelta(days=1))
    return int(await db.fetch_value(_HOW_MANY_TOUCHED, first, last))


async def count_silences() -> int:
    """Start the clock where an office has kept silent for five days (行政许可法 32); answers how many."""
    counted = 0
    while True:
        calendar, now = await load_calendar(), clock.now()
        found = await db.fetch(_SILENT, _silent_before(calendar, now))
        if not found:
            return counted
        async with db.transaction():
            cases = await rows.locked([row["number"] for row in found])
            silent = [one for one in cases.values() if timing.count_silence(one, now, calendar)]
            await rows.update_cases(silent)
            await rows.keep_findings([_finding(one, FindingKind.SILENT_ACCEPTANCE, now) for one in silent])
        counted += len(silent)
        if not silent:  # Somebody else was quicker.
            return counted


async def end_overdue_specials() -> int:
    """Let the clock go on where a special procedure has used up its own time; answers how many."""
    ended = 0
    while found := await db.fetch(_RUN_OUT, clock.now()):
        numbers = sorted({row["case_number"] for row in found})
        async with db.transaction():
            run_out = await _run_out(numbers, await load_calendar(), clock.now())
        ended += run_out
        if not run_out:
            break
    return ended


async def _run_out(numbers: Sequence[str], calendar: WorkCalendar, now: datetime) -> int:
    cases = await rows.locked(numbers)
    events, overdue, findings = list[Happening](), list[SpecialProcedure](), list[Finding]()
    for number, special in (await rows.running_specials(numbers)).items():
        if special.state is not SpecialState.RUNNING or special.due_at is None or special.due_at >= now:
            continue
        case = cases[number]
        timing.go_on(case, special.due_at, calendar)
        special.state = SpecialState.OVERDUE
        overdue.append(special)
        events.append(history.seal(case, SPECIAL_OVERDUE, now, "", FindingKind.SPECIAL_OVERDUE))
        findings.append(_finding(case, FindingKind.SPECIAL_OVERDUE, now))
    await rows.update_cases([cases[event.case_number] for event in events])
    await rows.insert_events(events)
    await rows.end_specials(overdue)
    await rows.keep_findings(findings)
    await rows.emit(MOVED, [{"number": one.case_number, "seq": one.seq, "kind": one.kind} for one in events])
    if overdue:
        await rows.emit(late_specials.OVERDUE, [{"ids": [one.id for one in overdue]}])
    return len(overdue)


async def _recount_page(numbers: Sequence[str], changed_days: Sequence[str]) -> int:
    calendar, now = await load_calendar(), clock.now()
    events, told = list[Happening](), list[dict[str, object]]()
    async with db.transaction():
        cases = await rows.locked(numbers)
        await _recount_specials(list(cases), calendar)
        # One may have been decided since it was found; what was due then stays as it was.
        undecided = [case for case in cases.values() if case.state in UNDECIDED]
        for case in undecided:
            before = case.due_at
            timing.count_anew(case, calendar)
            if before is None or case.due_at is None or before == case.due_at:
                continue
            was, on = (moment.astimezone(clock.SHANGHAI).date() for moment in (before, case.due_at))
            event = history.seal(case, DUE_MOVED, now, f"由 {was} 调整为 {on}")
            events.append(event)
            told.append({"number": case.number, "seq": event.seq, "due_on": str(on), "was_due_on": str(was)})
        await rows.update_cases(undecided)
        await rows.insert_events(events)
        await rows.emit(DUE_DATE_MOVED, told)
        if events:
            await audit.record(
                audit.SYSTEM, "case.due_dates_moved", "case_file",
                detail={"cases": len(events), "changed_days": list(changed_days)},
            )  # fmt: skip
    return len(events)


async def _recount_specials(numbers: Sequence[str], calendar: WorkCalendar) -> None:
    """A special procedure's own time is counted by the same calendar."""
    moved: dict[int, datetime] = {}
    for special in (await rows.running_specials(numbers)).values():
        if special.state is SpecialState.RUNNING and special.begun_at and special.limit_amount is not None:
            limit = TimeLimit(special.limit_amount, LimitUnit(special.limit_unit))
            moved[special.id] = case_clock.first_due(calendar, special.begun_at, limit)
    if moved:
        await db.execute(_MOVE_SPECIALS, list(moved), list(moved.values()))


def _silent_before(calendar: WorkCalendar, now: datetime) -> datetime:
    """What was received before this moment has waited for more than the five days."""
    on = now.date()
    while not licensing_law.is_silent(calendar, _midnight(on), now):
        on -= timedelta(days=1)
    return _midnight(on + timedelta(days=1))


def _finding(case: Case, kind: FindingKind, at: datetime) -> Finding:
    return Finding(case.number, case.last_seq, kind, case.state.value, audit.SYSTEM, at, FINDING_TEXTS[kind])


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time(), clock.SHANGHAI)
