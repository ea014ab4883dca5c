"""What a step does to the clock of a case: it starts, stops, goes on, is extended or ends. Pure."""

from datetime import date, datetime

from app.domain.cases import clock, licensing_law, rules
from app.domain.cases.clock import Pause, TimeLimit
from app.domain.cases.errors import DueMissing
from app.domain.cases.models import (
    DECIDED,
    PAUSED,
    Case,
    CaseState,
    FindingKind,
    LimitUnit,
    SpecialProcedure,
)
from app.domain.halls.calendar import WorkCalendar
from app.kit.clock import SHANGHAI

_WAITS_FOR_NOTICE = frozenset({CaseState.SUBMITTED, CaseState.PRE_REVIEW})


def set_limits(case: Case, promised: TimeLimit | None, legal: TimeLimit | None) -> None:
    """Write the time limits that are given; what is not stays as it is."""
    if promised is not None:
        case.promised_amount, case.promised_unit = promised.amount, promised.unit
    if legal is not None:
        case.legal_amount, case.legal_unit = legal.amount, legal.unit


def promised_limit(case: Case) -> TimeLimit | None:
    """承诺时限, if one is known."""
    return _limit(case.promised_amount, case.promised_unit)


def legal_limit(case: Case) -> TimeLimit | None:
    """法定时限, if one is known."""
    return _limit(case.legal_amount, case.legal_unit)


def pauses_of(case: Case) -> list[Pause]:
    """When the clock stood still, in order; only the last may still go on."""
    return [
        Pause(datetime.fromisoformat(since or ""), datetime.fromisoformat(until) if until else None)
        for since, until in case.pauses
    ]


def paused_since(case: Case) -> datetime | None:
    """Since when the clock stands still, if it does."""
    pauses = pauses_of(case)
    return pauses[-1].since if pauses and pauses[-1].until is None else None


def check_acceptable(case: Case, at: datetime, due_on: date | None, limit: TimeLimit | None) -> None:
    """Acceptance fixes a due date: named by the step, or from a limit; raises DueMissing."""
    if due_on is not None:
        rules.check_due(due_on, at)
    elif limit is None and promised_limit(case) is None and legal_limit(case) is None:
        raise DueMissing


def follow(
    case: Case,
    to: CaseState,
    at: datetime,
    calendar: WorkCalendar,
    *,
    stops: datetime | None = None,
    due_on: date | None = None,
    promised: TimeLimit | None = None,
    legal: TimeLimit | None = None,
) -> list[FindingKind]:
    """Let the clock follow a step that is legal, before the case takes its state; answers what is wrong.

    ``stops`` is when the special procedure under way has used up its own time: from then on the clock runs.
    """
    findings = [FindingKind.BEFORE_SUBMISSION] if at < case.submitted_at else []
    if case.state in _WAITS_FOR_NOTICE and count_silence(case, at, calendar):
        findings.append(FindingKind.SILENT_ACCEPTANCE)
    if to is CaseState.SUBMITTED:
        case.received_at = at
    if to is CaseState.ACCEPTED:
        set_limits(case, promised, legal)
        _start(case, case.counted_from or at, at, due_on, calendar)
    elif paused_since(case) is not None:
        go_on(case, at if stops is None else min(at, stops), calendar)
    if to in PAUSED and case.counted_from is not None:
        case.pauses = [*case.pauses, [at.isoformat(), None]]
        if to is CaseState.SUPPLEMENT:
            findings.append(FindingKind.CORRECTION_AFTER_ACCEPT)
    return findings + _ends(case, to, at, calendar)


def count_silence(case: Case, at: datetime, calendar: WorkCalendar) -> bool:
    """Start the clock on the day of receipt if the office has kept silent too long; answers whether it did.

    Where nobody has told a limit, that of the law is counted.
    """
    if case.counted_from is not None or not licensing_law.is_silent(calendar, case.received_at, at):
        return False
    case.counted_from = case.received_at
    count_anew(case, calendar)
    return True


def go_on(case: Case, at: datetime, calendar: WorkCalendar) -> None:
    """End the pause under way; what it covered is added to the time limits."""
    *before, (since, _) = case.pauses
    case.pauses = [*before, [since, at.isoformat()]]
    count_anew(case, calendar)


def check_extension(case: Case, by: TimeLimit | None, calendar: WorkCalendar) -> None:
    """However often it is extended, it is by ten years at most; raises BadTimeLimit."""
    TimeLimit(case.extended_by + _extension(case, by, calendar), LimitUnit.WORKING_DAY)


def extend(case: Case, by: TimeLimit | None, calendar: WorkCalendar) -> list[FindingKind]:
    """Give the decision so much more time, in working days; the law's ten if the step does not say."""
    longest = licensing_law.longest_extension(legal_limit(case))
    days = _extension(case, by, calendar)
    is_too_long = case.extended_by + days > longest
    case.extended_by += days
    count_anew(case, calendar)
    return [FindingKind.EXTENSION_TOO_LONG] if is_too_long else []


def count_anew(case: Case, calendar: WorkCalendar) -> None:
    """Count the due dates again: after a pause, an extension, or a change of the work calendar."""
    start = case.counted_from
    if start is None:
        return
    legal = legal_limit(case)
    limit = promised_limit(case) or legal or licensing_law.DECISION
    if not case.is_due_stated or case.first_due_at is None:
        case.first_due_at = clock.first_due(calendar, start, limit)
    pauses = pauses_of(case)
    unit = LimitUnit.WORKING_DAY if case.is_due_stated else limit.unit
    case.due_at = clock.due(calendar, case.first_due_at, unit, pauses, case.extended_by)
    if legal is not None:
        first = clock.first_due(calendar, start, legal)
        case.legal_due_at = clock.due(calendar, first, legal.unit, pauses, case.extended_by)
    latest = max(case.due_at, case.legal_due_at or case.due_at)
    case.is_due_provisional = clock.is_provisional(calendar, start, latest)


def own_due(calendar: WorkCalendar, at: datetime, limit: TimeLimit | None) -> datetime | None:
    """When a special procedure has used up the time it was given, if it was given any."""
    return clock.first_due(calendar, at, limit) if limit is not None else None


def running_until(running: SpecialProcedure | None) -> datetime | None:
    """Until when a special procedure may stop the clock."""
    return running.due_at if running is not None else None


def _start(
    case: Case, counted_from: datetime, at: datetime, due_on: date | None, calendar: WorkCalendar
) -> None:
    case.accepted_at, case.counted_from = at, counted_from
    case.is_due_stated = due_on is not None
    case.first_due_at = clock.end_of(due_on) if due_on is not None else None
    count_anew(case, calendar)


def _ends(case: Case, to: CaseState, at: datetime, calendar: WorkCalendar) -> list[FindingKind]:
    """A decision ends one clock and starts that of its delivery."""
    if to in DECIDED:
        case.decided_at = at
        is_late = case.due_at is not None and at > case.due_at
        return [FindingKind.DECISION_OVERDUE] if is_late else []
    if to is CaseState.DELIVERED and case.decided_at is not None:
        is_late = at > licensing_law.delivery_due(calendar, case.decided_at)
        return [FindingKind.DELIVERY_OVERDUE] if is_late else []
    return []


def _extension(case: Case, by: TimeLimit | None, calendar: WorkCalendar) -> int:
    """The working days of an extension; one told in another unit has those it spans from the due date."""
    if by is None:
        return licensing_law.longest_extension(legal_limit(case))
    if by.unit is LimitUnit.WORKING_DAY or case.due_at is None:
        return by.amount
    until = clock.first_due(calendar, case.due_at, by)
    return calendar.workdays_between(case.due_at.astimezone(SHANGHAI).date(), until.date())


def _limit(amount: int | None, unit: LimitUnit | None) -> TimeLimit | None:
    return TimeLimit(amount, unit) if amount is not None and unit is not None else None
