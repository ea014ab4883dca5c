"""Pure planning of slots: what a hall's schedule offers, and how that differs from what stands."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from fractions import Fraction

from app.domain.appointments.models import BookingRules
from app.domain.appointments.rules import NOON, half_day_of
from app.domain.halls.calendar import WorkCalendar
from app.domain.halls.models import HalfDay
from app.domain.halls.opening import HallSchedule, Span
from app.kit.clock import SHANGHAI

SlotKey = tuple[str, datetime]
"""A slot within a hall: business and start."""


@dataclass(frozen=True, slots=True)
class PlannedSlot:
    """A slot as the schedule wants it."""

    business_id: str
    on: date
    half_day: int
    starts_at: datetime
    ends_at: datetime
    bookable_from: datetime
    bookable_until: datetime
    capacity: int
    onsite_capacity: int

    @property
    def key(self) -> SlotKey:
        return self.business_id, self.starts_at


@dataclass(frozen=True, slots=True)
class StandingSlot:
    """A slot as it stands; ``taken`` counts seats booked and held."""

    id: int
    key: SlotKey
    ends_at: datetime
    bookable_from: datetime
    bookable_until: datetime
    capacity: int
    onsite_capacity: int
    taken: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class SlotChange:
    """A standing slot that is to look like its plan; ``plan`` is ``None`` when it is to close."""

    slot: StandingSlot
    plan: PlannedSlot | None

    @property
    def wanted(self) -> int:
        return self.plan.capacity if self.plan else 0

    @property
    def overbooked(self) -> int:
        """Seats taken beyond what the new schedule offers: so many appointments are in conflict."""
        return max(0, self.slot.taken - self.wanted)


@dataclass(frozen=True, slots=True)
class ScheduleDiff:
    """What has to change so that the slots follow the schedule; never a seat below what is taken."""

    added: list[PlannedSlot] = field(default_factory=list)
    changed: list[SlotChange] = field(default_factory=list)

    @property
    def closed(self) -> list[SlotChange]:
        return [change for change in self.changed if change.plan is None]

    @property
    def is_empty(self) -> bool:
        return not self.added and not self.changed


def plan_day(
    schedule: HallSchedule, rules: BookingRules, calendar: WorkCalendar, day: date
) -> Iterator[PlannedSlot]:
    """All slots of one day.

    Seats = counters with the skill x slot minutes / handling minutes, of which the online share is
    offered here. Fractions are carried from slot to slot, so that half a seat each half hour is
    one seat an hour and nothing is lost or invented.
    """
    spans = schedule.spans(day, calendar)
    if not spans:
        return
    opens, closes = booking_window(rules, calendar, day)
    cuts = list(_cut(spans, day, rules.slot_minutes))
    for business in schedule.businesses:
        rate = Fraction(
            schedule.counter_count(business) * rules.slot_minutes, schedule.handling_minutes(business)
        )
        online = rate * Fraction(str(rules.online_share))
        blacked_out = {half for half in HalfDay if schedule.is_blacked_out(business, day, half, calendar)}
        for step, (starts_at, ends_at) in enumerate(cuts):
            half = HalfDay.MORNING if starts_at.time() < NOON else HalfDay.AFTERNOON
            seats = _whole(rate, step)
            offered = min(seats, _whole(online, step))
            if seats == 0 or half in blacked_out:
                continue
            yield PlannedSlot(
                business, day, half_day_of(starts_at), starts_at, ends_at, opens,
                min(closes, starts_at - timedelta(minutes=rules.lead_minutes)), offered, seats - offered,
            )  # fmt: skip


def _whole(rate: Fraction, step: int) -> int:
    """The whole seats that fall into one step when a rate is spread evenly over all of them."""
    # Whole numbers all the way: fractions took most of the time in which all halls were planned.
    over, under = rate.numerator, rate.denominator
    return over * (step + 1) // under - over * step // under


def _cut(spans: Sequence[Span], day: date, minutes: int) -> Iterator[tuple[datetime, datetime]]:
    """Whole slots inside the opening spans; a remainder too short for a slot is not offered."""
    step = timedelta(minutes=minutes)
    for opens, closes in spans:
        start = datetime.combine(day, opens, SHANGHAI)
        end = datetime.combine(day, closes, SHANGHAI)
        while start + step <= end:
            yield start, start + step
            start += step


def booking_window(rules: BookingRules, calendar: WorkCalendar, day: date) -> tuple[datetime, datetime]:
    """From when until when a day may be booked: some workdays ahead, whole days in Beijing time."""
    opens = workdays_before(calendar, day, rules.window_workdays)
    last = workdays_before(calendar, day, rules.earliest_workdays) if rules.earliest_workdays else day
    return _midnight(opens), _midnight(last + timedelta(days=1))


def workdays_before(calendar: WorkCalendar, day: date, count: int) -> date:
    """The earliest day from which ``day`` is at most ``count`` workdays ahead (today not counted)."""
    current, left = day, count
    while left:
        if calendar.is_workday(current):
            left -= 1
        current -= timedelta(days=1)
    while not calendar.is_workday(current):
        current -= timedelta(days=1)
    return current


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def compare(planned: Mapping[SlotKey, PlannedSlot], standing: Mapping[SlotKey, StandingSlot]) -> ScheduleDiff:
    """The difference between plan and inventory."""
    diff = ScheduleDiff()
    for key, plan in planned.items():
        slot = standing.get(key)
        if slot is None:
            diff.added.append(plan)
        elif _differs(slot, plan):
            diff.changed.append(SlotChange(slot, plan))
    for key, slot in standing.items():
        if key not in planned and slot.is_open:
            diff.changed.append(SlotChange(slot, None))
    return diff


def _differs(slot: StandingSlot, plan: PlannedSlot) -> bool:
    """Whether a slot does not look like its plan, or cannot because more seats are taken than planned."""
    return (
        not slot.is_open
        or slot.taken > plan.capacity
        or slot.capacity != max(plan.capacity, slot.taken)
        or slot.onsite_capacity != plan.onsite_capacity
        or (slot.ends_at, slot.bookable_from, slot.bookable_until)
        != (plan.ends_at, plan.bookable_from, plan.bookable_until)
    )
