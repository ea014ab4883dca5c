"""The rules of the quota: reserves, midnight, and how long a campaign takes."""

from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.gateways.wechat import ErrorClass
from app.kit.clock import SHANGHAI
from notifications.quota import rules
from notifications.quota.rules import Forecast

NIGHT = (time(21), time(8))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def test_bulk_may_not_have_what_is_kept_for_others() -> None:
    assert rules.room(100, (0, 0, 0), (20, 20)) == (100, 80, 60)
    assert rules.room(100, (0, 0, 60), (20, 20)) == (40, 20, 0)
    assert rules.room(100, (0, 20, 60), (20, 20)) == (20, 0, 0)


def test_a_reserve_that_was_used_is_not_kept_a_second_time() -> None:
    assert rules.room(100, (20, 20, 0), (20, 20)) == (60, 60, 60)


def test_urgent_messages_may_use_up_everything() -> None:
    assert rules.room(100, (95, 0, 0), (20, 20)) == (5, 5, 0)
    assert rules.divide((200, 5, 5), 100, (0, 0, 0), (20, 20)) == (100, 0, 0)


@given(
    st.integers(1, 1000),
    st.integers(0, 90),
    st.integers(0, 90),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400), st.integers(0, 400)), max_size=12),
)
def test_no_order_of_wants_breaks_the_limit_or_a_reserve(
    limit: int, urgent: int, normal: int, wants: list[rules.Lanes]
) -> None:
    kept = rules.reserves(limit, urgent, normal)
    used: rules.Lanes = (0, 0, 0)
    for want in wants:
        given_ = rules.divide(want, limit, used, kept)
        used = (used[0] + given_[0], used[1] + given_[1], used[2] + given_[2])
        assert sum(used) <= limit
        assert used[2] <= max(limit - sum(kept), 0)
        assert used[1] + used[2] <= limit - kept[0]


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-06-17T10:00:00", "2026-06-18T00:00:00"),
        ("2026-06-17T23:59:59.999999", "2026-06-18T00:00:00"),
        ("2026-02-28T23:59:59", "2026-03-01T00:00:00"),
        ("2028-02-28T12:00:00", "2028-02-29T00:00:00"),
        ("2026-12-31T23:59:59", "2027-01-01T00:00:00"),
        ("2026-06-17T00:01:00", "2026-06-18T00:00:00"),
    ],
)
def test_a_used_up_day_ends_at_midnight(now: str, until: str) -> None:
    assert rules.stop_until(ErrorClass.DAY, at(now)) == at(until)


@pytest.mark.parametrize("now", ["2026-06-18T00:00:00", "2026-06-18T00:00:59.9", "2027-01-01T00:00:03"])
def test_just_after_midnight_yesterday_s_refusal_does_not_cost_the_new_day(now: str) -> None:
    assert rules.stop_until(ErrorClass.DAY, at(now)) == at(now) + timedelta(minutes=1)


@pytest.mark.parametrize("error_class", [ErrorClass.MINUTE, ErrorClass.OPERATOR])
def test_other_stops_last_a_minute_even_over_midnight(error_class: ErrorClass) -> None:
    assert rules.stop_until(error_class, at("2026-12-31T23:59:30")) == at("2027-01-01T00:00:30")


def forecast(messages: int, now: str, **facts: object) -> Forecast:
    told = {"left_today": 60_000, "per_day": 60_000, "per_second": 200, "quiet": NIGHT, **facts}
    return rules.forecast(messages, now=at(now), **told)  # type: ignore[arg-type]


def test_a_million_people_by_template_take_seventeen_days() -> None:
    found = forecast(1_000_000, "2026-06-01T09:00:00")
    assert (found.per_day, found.days) == (60_000, 17)
    # Sixteen whole days, then 40,000 at 200 a second from eight in the morning.
    assert found.ends_at == at("2026-06-17T08:03:20")
    assert found.seconds == round((found.ends_at - at("2026-06-01T09:00:00")).total_seconds())


def test_a_small_send_is_over_in_seconds() -> None:
    assert forecast(401, "2026-06-01T09:00:00").seconds == 3
    assert forecast(0, "2026-06-01T09:00:00") == Forecast(60_000, 0, 0, at("2026-06-01T09:00:00"))


def test_what_begins_in_the_evening_goes_on_in_the_morning() -> None:
    found = forecast(3000, "2026-06-01T20:59:50")
    assert (found.days, found.ends_at) == (2, at("2026-06-02T08:00:05"))


def test_at_night_nothing_goes_out_before_eight() -> None:
    found = forecast(200, "2026-06-01T22:00:00")
    assert (found.days, found.ends_at) == (1, at("2026-06-02T08:00:01"))
    assert forecast(200, "2026-06-01T03:00:00").ends_at == at("2026-06-01T08:00:01")


def test_without_quiet_hours_only_the_rate_counts() -> None:
    found = forecast(400, "2026-06-01T23:59:59", quiet=None)
    assert (found.days, found.ends_at) == (2, at("2026-06-02T00:00:01"))


def test_quiet_hours_in_the_middle_of_the_day() -> None:
    found = forecast(400, "2026-06-01T11:59:59", quiet=(time(12), time(14)))
    assert found.ends_at == at("2026-06-01T14:00:01")


def test_what_is_used_today_is_missing_today_only() -> None:
    found = forecast(60_001, "2026-06-01T09:00:00", left_today=1)
    assert (found.days, found.ends_at) == (2, at("2026-06-02T08:05:00"))


def test_a_low_rate_limits_the_day() -> None:
    found = forecast(100_000, "2026-12-31T08:00:00", per_second=1)
    assert (found.per_day, found.days) == (13 * 3600, 3)
    assert found.ends_at == at("2027-01-02T08:00:00") + timedelta(seconds=100_000 - 2 * 13 * 3600)
