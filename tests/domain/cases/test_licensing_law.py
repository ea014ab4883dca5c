"""The time rules of 行政许可法, article by article."""

from datetime import date

import pytest

from app.domain.cases import licensing_law as law
from app.domain.cases.clock import TimeLimit
from app.domain.cases.models import LimitUnit
from tests.domain.cases.test_clock import CALENDAR, at, due


def test_the_limits_are_those_of_the_law() -> None:
    days = LimitUnit.WORKING_DAY
    assert (TimeLimit(20, days), 10) == (law.DECISION, law.DECISION_EXTENSION)
    assert (TimeLimit(45, days), 15) == (law.JOINT_DECISION, law.JOINT_EXTENSION)
    assert (TimeLimit(20, days), 10, 5) == (law.FIRST_REVIEW, law.DELIVERY, law.CORRECTION_NOTICE)
    assert (law.HEARING_REQUEST, law.HEARING_HELD, law.HEARING_NOTICE) == (5, 20, 7)


def test_a_correction_is_asked_for_within_five_days_or_the_case_is_accepted() -> None:
    received = at("11-16 10:00")
    assert law.notice_due(CALENDAR, received) == at("11-23 17:00")
    assert not law.is_silent(CALENDAR, received, at("11-23 17:00"))
    assert law.is_silent(CALENDAR, received, at("11-23 17:01"))


def test_a_decision_has_twenty_working_days() -> None:
    assert due("11-02", law.DECISION.amount) == at("11-30 17:00")


def test_a_licence_is_delivered_within_ten_days_of_the_decision() -> None:
    assert law.delivery_due(CALENDAR, at("11-16 15:00")) == at("11-30 17:00")


@pytest.mark.parametrize(
    ("legal", "days"),
    [
        (None, 10),
        (TimeLimit(20, LimitUnit.WORKING_DAY), 10),
        (TimeLimit(45, LimitUnit.WORKING_DAY), 15),
        (TimeLimit(3, LimitUnit.MONTH), 10),
    ],
)
def test_offices_that_decide_together_may_extend_by_more(legal: TimeLimit | None, days: int) -> None:
    assert law.longest_extension(legal) == days


def test_a_hearing_is_asked_for_held_and_told_of_in_time() -> None:
    assert law.hearing_request_due(CALENDAR, date(2026, 11, 16)) == date(2026, 11, 23)
    assert law.hearing_due(CALENDAR, date(2026, 11, 16)) == date(2026, 12, 14)
    assert law.hearing_notice_due(CALENDAR, date(2026, 11, 25)) == date(2026, 11, 16)
    assert law.hearing_notice_due(CALENDAR, date(2026, 10, 12)) == date(2026, 9, 24)
