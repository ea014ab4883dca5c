"""Planning slots and comparing them with what stands: pure, over invented halls."""

from datetime import date, time, timedelta
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.domain.appointments import inventory
from app.domain.appointments.inventory import PlannedSlot, SlotKey, StandingSlot
from app.domain.appointments.models import BookingRules
from app.domain.halls.calendar import WorkCalendar
from app.domain.halls.models import HalfDay
from app.domain.halls.opening import BlackoutRule, CounterFacts, HallSchedule, WeeklyHours

MONDAY = date(2026, 11, 23)
CALENDAR = WorkCalendar()
HOURS = ((time(9), time(12)), (time(13), time(17)))


def _rules(**values: object) -> BookingRules:
    return BookingRules(
        hall_id=1, **{"online_share": "0.60", "slot_minutes": 30, "lead_minutes": 30, **values}
    )


def _hall(counters: int, minutes: int, **values: object) -> HallSchedule:
    return HallSchedule(
        hall_id=1,
        is_active=True,
        hours=[WeeklyHours(day, a, b, date(2020, 1, 1)) for day in range(1, 6) for a, b in HOURS],
        counters=[CounterFacts(n, n, True, frozenset()) for n in range(counters)],
        minutes={"INVOICE": minutes},
        **values,  # type: ignore[arg-type]
    )


def _plan(hall: HallSchedule, rules: BookingRules, day: date = MONDAY) -> list[PlannedSlot]:
    return list(inventory.plan_day(hall, rules, CALENDAR, day))


def test_seats_are_counters_times_minutes_over_handling_and_the_share_is_online() -> None:
    slots = _plan(_hall(4, 12), _rules())
    assert len(slots) == 14
    assert sum(slot.capacity + slot.onsite_capacity for slot in slots) == 4 * 30 * 14 // 12
    assert sum(slot.capacity for slot in slots) == int(Fraction(4 * 30 * 14, 12) * Fraction(6, 10))


def test_half_a_seat_each_half_hour_is_one_seat_an_hour() -> None:
    slots = _plan(_hall(1, 60), _rules(online_share="1"))
    assert [slot.capacity for slot in slots] == [1] * 7
    assert all(
        later.starts_at - earlier.starts_at >= timedelta(hours=1) for earlier, later in pairwise(slots)
    )


def test_a_blackout_takes_only_its_half_day() -> None:
    rule = BlackoutRule(business="INVOICE", on=MONDAY, half=HalfDay.MORNING)
    slots = _plan(_hall(4, 10, blackouts=[rule]), _rules())
    assert {slot.starts_at.hour for slot in slots} == {13, 14, 15, 16}


def test_the_booking_window_counts_workdays_over_a_weekend() -> None:
    opens, closes = inventory.booking_window(_rules(window_workdays=2), CALENDAR, MONDAY)
    assert opens.date() == date(2026, 11, 19)
    assert closes.date() == date(2026, 11, 24)
    _, closes = inventory.booking_window(_rules(window_workdays=2, earliest_workdays=1), CALENDAR, MONDAY)
    assert closes.date() == date(2026, 11, 21)


@given(
    counters=st.integers(0, 20), minutes=st.integers(1, 180),
    length=st.sampled_from([10, 15, 20, 30, 45, 60]),
    share=st.sampled_from(["0", "0.25", "0.60", "1"]),
)  # fmt: skip
def test_planning_loses_and_invents_no_seat(counters: int, minutes: int, length: int, share: str) -> None:
    slots = _plan(_hall(counters, minutes), _rules(slot_minutes=length, online_share=share))
    for earlier, later in pairwise(slots):
        assert earlier.ends_at <= later.starts_at
    for slot in slots:
        assert slot.capacity >= 0
        assert slot.onsite_capacity >= 0
        assert slot.ends_at - slot.starts_at == timedelta(minutes=length)
        assert slot.bookable_from < slot.bookable_until <= slot.starts_at
        assert any(a <= slot.starts_at.time() and slot.ends_at.time() <= b for a, b in HOURS)
    steps = sum((b.hour - a.hour) * 60 // length for a, b in HOURS)
    total = Fraction(counters * length, minutes) * steps
    assert sum(slot.capacity + slot.onsite_capacity for slot in slots) == int(total)
    assert sum(slot.capacity for slot in slots) <= total * Fraction(share)


def _standing(plan: PlannedSlot, number: int, taken: int, capacity: int) -> StandingSlot:
    return StandingSlot(
        number, plan.key, plan.ends_at, plan.bookable_from, plan.bookable_until,
        max(capacity, taken), plan.onsite_capacity, taken, is_open=True,
    )  # fmt: skip


@given(st.data())
def test_a_diff_reaches_the_plan_and_never_goes_below_what_is_taken(data: st.DataObject) -> None:
    before = {slot.key: slot for slot in _plan(_hall(data.draw(st.integers(0, 6)), 10), _rules())}
    after = {slot.key: slot for slot in _plan(_hall(data.draw(st.integers(0, 6)), 10), _rules())}
    if data.draw(st.booleans()):
        after = {key: slot for key, slot in after.items() if key[1].hour < 12}
    standing = {
        key: _standing(slot, number, data.draw(st.integers(0, slot.capacity)), slot.capacity)
        for number, (key, slot) in enumerate(before.items(), 1)
    }
    diff = inventory.compare(after, standing)
    result: dict[SlotKey, int] = {key: slot.capacity for key, slot in standing.items()}
    result.update({slot.key: slot.capacity for slot in diff.added})
    lost = 0
    for change in diff.changed:
        result[change.slot.key] = max(change.wanted, change.slot.taken)
        lost += change.overbooked
        assert result[change.slot.key] >= change.slot.taken
    for key, plan in after.items():
        taken = standing[key].taken if key in standing else 0
        assert result[key] == max(plan.capacity, taken)
    wanted = {key: plan.capacity for key, plan in after.items()}
    assert lost == sum(max(0, slot.taken - wanted.get(key, 0)) for key, slot in standing.items())


@given(st.integers(1, 10), st.integers(0, 400))
def test_the_window_opens_the_given_workdays_ahead(count: int, offset: int) -> None:
    day = CALENDAR.workday_from(MONDAY + timedelta(days=offset))
    opens = inventory.workdays_before(CALENDAR, day, count)
    assert CALENDAR.workdays_between(opens, day) == count
    assert CALENDAR.is_workday(opens)


def test_a_plan_that_stands_needs_no_change() -> None:
    plan = {slot.key: slot for slot in _plan(_hall(3, 10), _rules())}
    standing = {key: _standing(slot, n, 0, slot.capacity) for n, (key, slot) in enumerate(plan.items(), 1)}
    assert inventory.compare(plan, standing).is_empty
