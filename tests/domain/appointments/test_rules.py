"""The pure rules, without a database."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.appointments import errors, rules
from app.domain.appointments.models import ACTIVE, AppointmentStatus
from app.kit.clock import SHANGHAI
from app.kit.ids import Shuffle

NINE = datetime(2026, 11, 24, 9, 0, tzinfo=SHANGHAI)
BOOKED = AppointmentStatus.BOOKED


def test_a_half_day_ends_at_noon_in_beijing() -> None:
    assert rules.half_day_of(NINE) + 1 == rules.half_day_of(NINE.replace(hour=12))
    assert rules.half_day_of(NINE.astimezone(UTC)) == rules.half_day_of(NINE)
    assert rules.half_day_of(NINE + timedelta(days=1)) == rules.half_day_of(NINE) + 2


def test_cancelling_ends_at_the_deadline_to_the_minute() -> None:
    rules.check_may_cancel(BOOKED, NINE, 120, NINE - timedelta(minutes=120))
    with pytest.raises(errors.CancelTooLate):
        rules.check_may_cancel(BOOKED, NINE, 120, NINE - timedelta(minutes=119, seconds=59))


@pytest.mark.parametrize("status", [one for one in AppointmentStatus if one is not BOOKED])
def test_only_a_booked_appointment_changes(status: AppointmentStatus) -> None:
    with pytest.raises(errors.NotActive):
        rules.check_may_cancel(status, NINE, 0, NINE - timedelta(days=1))
    with pytest.raises(errors.NotActive):
        rules.check_may_check_in(status, NINE, NINE + timedelta(minutes=30), 15, NINE)


def test_check_in_runs_from_early_minutes_to_the_end_of_the_slot() -> None:
    end = NINE + timedelta(minutes=30)
    with pytest.raises(errors.CheckInNotOpen):
        rules.check_may_check_in(BOOKED, NINE, end, 15, NINE - timedelta(minutes=16))
    rules.check_may_check_in(BOOKED, NINE, end, 15, NINE - timedelta(minutes=15))
    rules.check_may_check_in(BOOKED, NINE, end, 15, end - timedelta(seconds=1))
    with pytest.raises(errors.CheckInOver):
        rules.check_may_check_in(BOOKED, NINE, end, 15, end)


def test_strikes_leave_the_rolling_window_and_are_spent_by_a_ban() -> None:
    strikes = [NINE - timedelta(days=days) for days in (1, 2, 91)]
    assert not rules.is_banned_by(strikes, 3, 90, None, NINE)
    assert rules.is_banned_by(strikes, 3, 92, None, NINE)
    assert not rules.is_banned_by(strikes, 2, 90, NINE - timedelta(days=2), NINE)


def test_final_states_have_no_way_on() -> None:
    final = set(AppointmentStatus) - set(rules.TRANSITIONS)
    assert final == {
        AppointmentStatus.DONE,
        AppointmentStatus.CANCELLED,
        AppointmentStatus.CANCELLED_BY_HALL,
        AppointmentStatus.NO_SHOW,
    }
    assert not final & set(ACTIVE)


@given(st.binary(min_size=32, max_size=32), st.integers(0, 10**12), st.sampled_from([2, 4, 6, 8]))
def test_numbers_have_their_digits_and_repeat_only_after_a_full_round(
    key: bytes, counter: int, digits: int
) -> None:
    shuffle = Shuffle(key, digits)
    number = shuffle.number(counter)
    assert len(number) == digits
    assert number.isdigit()
    assert number == shuffle.number(counter + shuffle.size)


@settings(max_examples=5, deadline=None)
@given(st.binary(min_size=32, max_size=32))
def test_every_number_of_a_round_comes_exactly_once(key: bytes) -> None:
    shuffle = Shuffle(key, 4)
    assert len({shuffle.number(counter) for counter in range(shuffle.size)}) == shuffle.size
