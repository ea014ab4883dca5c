"""What each step does to the clock of a case, and the whole state machine against a model of it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given

from app.domain.cases import history, rules, timing
from app.domain.cases.clock import TimeLimit
from app.domain.cases.errors import BadQueryCode, DueMissing, IllegalMove, ReasonMissing
from app.domain.cases.history import NewCase, Special, Step, Turn
from app.domain.cases.models import Case, FindingKind, LimitUnit, SpecialKind, SpecialProcedure, SpecialState
from app.domain.cases.models import CaseState as S
from tests.domain.cases.test_clock import CALENDAR, at
from tests.domain.cases.test_rules import arrows
from tests.thoroughness import DRAWS, thorough

TEN_DAYS = TimeLimit(10, LimitUnit.WORKING_DAY)
TWENTY_DAYS = TimeLimit(20, LimitUnit.WORKING_DAY)
HEARING = Special(SpecialKind.HEARING, "分管负责人", TimeLimit(5, LimitUnit.WORKING_DAY))


class Told:
    """A case in memory and the special procedure under way in it."""

    def __init__(self, when: str = "11-02 10:00", **known: object) -> None:
        new = NewCase("12345678", "许可", "窗口", **known)  # type: ignore[arg-type]
        self.case, _ = history.begin(new, "", at(when))
        self.running: SpecialProcedure | None = None

    def take(self, to: S, when: str, text: str = "理由", **known: object) -> Turn:
        return self.step(Step(to, at(when), "审核岗", text, **known))  # type: ignore[arg-type]

    def step(self, step: Step) -> Turn:
        turn = history.advance(self.case, step, CALENDAR, self.running)
        self.running = turn.special or (None if turn.ended else self.running)
        return turn

    @property
    def due_at(self) -> datetime | None:
        return self.case.due_at


def accepted() -> Told:
    told = Told(promised=TEN_DAYS, legal=TWENTY_DAYS)
    told.take(S.ACCEPTED, "11-03 10:00")
    told.take(S.REVIEW, "11-03 11:00")
    return told


def test_acceptance_fixes_the_promised_and_the_legal_due_date() -> None:
    case = accepted().case
    assert (case.first_due_at, case.due_at) == (at("11-17 17:00"), at("11-17 17:00"))
    assert case.legal_due_at == at("12-01 17:00")


def test_limits_told_with_acceptance_go_before_those_of_the_item() -> None:
    told = Told(promised=TEN_DAYS)
    told.take(S.ACCEPTED, "11-03 10:00", promised=TimeLimit(0, LimitUnit.WORKING_DAY))
    assert told.due_at == at("11-03 17:00")


def test_a_due_day_another_system_names_is_taken_as_it_is() -> None:
    told = Told(promised=TEN_DAYS)
    told.take(S.ACCEPTED, "11-03 10:00", due_on=at("11-21").date())
    assert told.due_at == at("11-21 17:00")
    timing.count_anew(told.case, CALENDAR)
    assert told.due_at == at("11-21 17:00")


def test_without_any_limit_there_is_no_acceptance() -> None:
    with pytest.raises(DueMissing):
        Told().take(S.ACCEPTED, "11-03 10:00")


def test_a_special_procedure_stops_the_clock_and_the_original_due_date_is_kept() -> None:
    told = accepted()
    turn = told.take(S.SUSPENDED, "11-05 09:00", special=HEARING)
    assert turn.begun is not None
    assert (turn.begun.state, turn.begun.due_at) == (SpecialState.RUNNING, at("11-12 17:00"))
    assert timing.paused_since(told.case) == at("11-05 09:00")
    ended = told.take(S.REVIEW, "11-10 09:30", "听证结束").ended
    assert ended is not None
    assert (ended.state, ended.result) == (SpecialState.FINISHED, "听证结束")
    assert told.due_at == at("11-20 17:00")  # Thursday, Friday and Monday lay in it.
    assert told.case.first_due_at == at("11-17 17:00")
    assert told.case.legal_due_at == at("12-04 17:00")


def test_after_its_own_time_a_special_procedure_stops_nothing_more() -> None:
    told = accepted()
    told.take(S.SUSPENDED, "11-05 09:00", special=HEARING)
    ended = told.take(S.REVIEW, "11-30 10:00", "听证结束").ended
    assert ended is not None
    assert ended.state is SpecialState.OVERDUE
    assert told.due_at == at("11-25 17:00")  # 5 to 12 November are six working days.


def test_a_correction_after_acceptance_stops_the_clock_and_is_found() -> None:
    told = accepted()
    turn = told.take(S.SUPPLEMENT, "11-05 09:00", asked_until=at("11-20").date())
    assert turn.findings == [FindingKind.CORRECTION_AFTER_ACCEPT]
    assert turn.event.finding == "CORRECTION_AFTER_ACCEPT"
    assert told.case.asked_until == at("11-20").date()
    told.take(S.REVIEW, "11-09 09:00")
    assert told.due_at == at("11-19 17:00")
    kept: date | None = told.case.asked_until
    assert kept is None


def test_a_correction_before_acceptance_is_no_fault_and_receipt_begins_anew() -> None:
    told = Told(promised=TEN_DAYS)
    assert told.take(S.SUPPLEMENT, "11-06 10:00").findings == []
    told.take(S.SUBMITTED, "11-16 10:00")
    assert told.take(S.ACCEPTED, "11-18 10:00").findings == []
    assert told.due_at == at("12-02 17:00")


def test_who_keeps_silent_for_five_days_has_accepted_on_the_day_of_receipt() -> None:
    told = Told(promised=TEN_DAYS)
    turn = told.take(S.ACCEPTED, "11-12 10:00")
    assert turn.findings == [FindingKind.SILENT_ACCEPTANCE]
    assert (told.case.counted_from, told.due_at) == (at("11-02 10:00"), at("11-16 17:00"))
    assert told.case.accepted_at == at("11-12 10:00")


def test_silence_without_a_known_limit_is_counted_by_the_law() -> None:
    told = Told()
    assert told.take(S.SUPPLEMENT, "11-12 10:00").findings == [
        FindingKind.SILENT_ACCEPTANCE,
        FindingKind.CORRECTION_AFTER_ACCEPT,
    ]
    assert told.due_at == at("11-30 17:00")


def test_an_extension_adds_its_days_and_stops_nothing() -> None:
    told = accepted()
    by = Special(SpecialKind.EXTENSION, "行政机关负责人", TEN_DAYS)
    turn = told.take(S.REVIEW, "11-16 10:00", "案情复杂", special=by)
    assert (turn.event.kind, turn.findings, timing.paused_since(told.case)) == ("extended", [], None)
    assert turn.begun is not None
    assert turn.begun.state is SpecialState.FINISHED
    assert (told.due_at, told.case.legal_due_at) == (at("12-01 17:00"), at("12-15 17:00"))
    again = told.take(S.REVIEW, "11-17 10:00", "仍需时间", special=by)
    assert again.findings == [FindingKind.EXTENSION_TOO_LONG]


@pytest.mark.parametrize(
    ("limit", "due"),
    [
        (TimeLimit(14, LimitUnit.NATURAL_DAY), "12-01 17:00"),
        (TimeLimit(1, LimitUnit.MONTH), "12-17 17:00"),
        (TimeLimit(14, LimitUnit.HOUR), "11-19 17:00"),
    ],
)
def test_an_extension_told_in_another_unit_has_the_working_days_it_spans(limit: TimeLimit, due: str) -> None:
    told = accepted()
    told.take(S.REVIEW, "11-16 10:00", special=Special(SpecialKind.EXTENSION, "行政机关负责人", limit))
    assert told.due_at == at(due)


def test_an_extension_needs_a_reason_and_a_case_under_review() -> None:
    by = Special(SpecialKind.EXTENSION, "行政机关负责人", TEN_DAYS)
    with pytest.raises(ReasonMissing):
        accepted().take(S.REVIEW, "11-16 10:00", " ", special=by)
    with pytest.raises(IllegalMove):
        Told().take(S.REVIEW, "11-03 10:00", special=by)


def test_a_late_decision_and_a_late_delivery_are_found() -> None:
    told = accepted()
    assert told.take(S.GRANTED, "11-18 09:00").findings == [FindingKind.DECISION_OVERDUE]
    told.take(S.ISSUED, "11-19 09:00")
    assert told.take(S.DELIVERED, "12-03 09:00").findings == [FindingKind.DELIVERY_OVERDUE]


def test_a_decision_in_the_last_hour_is_in_time() -> None:
    assert accepted().take(S.GRANTED, "11-17 17:00").findings == []


def test_a_pause_nobody_named_and_a_step_before_the_application_are_found() -> None:
    assert accepted().take(S.SUSPENDED, "11-05 10:00").findings == [FindingKind.SUSPENDED_WITHOUT_PROCEDURE]
    assert Told().take(S.PRE_REVIEW, "11-01 10:00").findings == [FindingKind.BEFORE_SUBMISSION]


@pytest.mark.parametrize("code", ["12345", "123456789", "查询码六个字"])
def test_a_query_code_that_can_be_guessed_or_not_typed_is_refused(code: str) -> None:
    told = Told()
    with pytest.raises(BadQueryCode):
        told.take(S.PRE_REVIEW, "11-03 10:00", query_code=code)
    assert (told.case.state, told.case.last_seq) == (S.SUBMITTED, 1)


def test_a_query_code_may_come_with_acceptance() -> None:
    told = Told(promised=TEN_DAYS)
    told.take(S.ACCEPTED, "11-03 10:00", query_code="ab12cd34")
    assert told.case.query_code_hash is not None


STEPS = 30
"""Steps asked of one case: each of them is an example."""


class Model:
    """What a case is, said as simply as can be: a state, whether it was accepted, and days in boxes."""

    def __init__(self) -> None:
        self.state, self.is_accepted = S.SUBMITTED, False
        self.passed = [S.SUBMITTED]

    def may(self, to: S) -> bool:
        if self.state is S.SUPPLEMENT and self.is_accepted:
            return to in (S.REVIEW, S.WITHDRAWN, S.TERMINATED)
        return (self.state, to) in arrows()

    def take(self, to: S) -> None:
        self.state = to
        self.is_accepted |= to is S.ACCEPTED
        self.passed.append(to)


def paused_days(passed: Sequence[tuple[S, datetime]]) -> set[datetime]:
    """The mornings on which an accepted case stood still from the beginning of office hours to their end."""
    days, is_accepted = set(), False
    for (state, since), (_, until) in pairwise(passed):
        is_accepted |= state is S.ACCEPTED
        morning = since.replace(hour=9, minute=0)
        while is_accepted and state in (S.SUPPLEMENT, S.SUSPENDED) and morning < until:
            if since <= morning and morning.replace(hour=17) <= until and CALENDAR.is_workday(morning.date()):
                days.add(morning)
            morning += timedelta(days=1)
    return days


@thorough(STEPS)
@given(draw=DRAWS)
def test_a_case_does_what_its_model_does_whatever_is_asked_of_it(draw: Random) -> None:
    told, model, moment = Told(promised=TEN_DAYS), Model(), at("11-02 10:00")
    passed = [(S.SUBMITTED, moment)]
    for _ in range(STEPS):
        moment += timedelta(hours=draw.randint(1, 60))
        able = sorted(to for to in S if model.may(to))
        to = draw.choice(able) if able and draw.random() < 0.7 else draw.choice(list(S))
        before = (told.case.state, told.case.last_seq, told.case.last_hash, told.case.due_at)
        if not model.may(to):
            with pytest.raises(IllegalMove):
                told.step(Step(to, moment, "审核岗", "理由"))
            assert (told.case.state, told.case.last_seq, told.case.last_hash, told.case.due_at) == before
            continue
        told.step(Step(to, moment, "审核岗", "理由"))
        model.take(to)
        passed.append((to, moment))
        check(told.case, model, passed)


def check(case: Case, model: Model, passed: Sequence[tuple[S, datetime]]) -> None:
    assert (case.state, case.last_seq) == (model.state, len(model.passed))
    assert rules.stood_after([state.value for state in model.passed]) is model.state
    assert (timing.paused_since(case) is not None) == (
        case.counted_from is not None and model.state in (S.SUPPLEMENT, S.SUSPENDED)
    )
    if case.counted_from is not None and case.counted_from == case.accepted_at and case.first_due_at:
        days = len(paused_days(passed))
        assert case.due_at == workdays_later(case.first_due_at, days)


def workdays_later(moment: datetime, days: int) -> datetime:
    while days:
        moment += timedelta(days=1)
        days -= CALENDAR.is_workday(moment.date())
    return moment
