"""What an administrator changes is in force, audited and told."""

from datetime import date, datetime, time, timedelta

import pytest

from app.domain.halls import service
from app.domain.halls.errors import (
    BadBlackout,
    BadOpeningHours,
    BlackoutNotFound,
    BusinessNotFound,
    CounterNotFound,
    ExceptionNotFound,
    HallNotFound,
    PastDay,
)
from app.domain.halls.models import Counter, HalfDay, Hall
from app.domain.halls.opening import BlackoutRule
from app.domain.halls.schedules import load_calendar, schedule_of
from app.domain.halls.service import DayHours
from app.kit import audit, clock
from app.kit.models import AuditEntry, OutboxEvent
from tests.factories.halls import demo_halls

ADMIN = {"actor": "staff:7", "reason": "按通知调整"}
NOW = datetime(2026, 11, 23, 10, tzinfo=clock.SHANGHAI)
TODAY, TUESDAY = NOW.date(), date(2026, 11, 24)
MORNING, AFTERNOON = (time(9), time(12)), (time(13), time(17))


@pytest.fixture
async def hall(db: None) -> Hall:
    with clock.frozen(NOW):
        return (await demo_halls())["GZ-TIANHE"]


async def spans(hall: Hall, day: date) -> list[tuple[time, time]]:
    return (await schedule_of(hall.id)).spans(day, await load_calendar())


async def test_new_hours_begin_on_their_day_and_end_the_old_ones(hall: Hall) -> None:
    begins = TUESDAY + timedelta(days=7)
    with clock.frozen(NOW):
        await service.set_opening_hours(hall.id, [DayHours(2, MORNING)], valid_from=begins, **ADMIN)

    assert await spans(hall, TUESDAY) == [MORNING, AFTERNOON]
    assert await spans(hall, begins) == [MORNING]
    assert await spans(hall, begins + timedelta(days=1)) == []


async def test_every_change_is_audited_and_told(hall: Hall) -> None:
    with clock.frozen(NOW):
        await service.set_opening_hours(hall.id, [DayHours(2, MORNING)], valid_from=TUESDAY, **ADMIN)
        await service.set_special_day(hall.id, TUESDAY, [], **ADMIN)
        await service.drop_special_day(hall.id, TUESDAY, **ADMIN)
        blackout = await service.add_blackout(None, BlackoutRule(on=TUESDAY, reason="培训"), actor="staff:7")
        await service.drop_blackout(blackout, **ADMIN)
        await service.set_business(hall.id, "EXPORT", is_offered=True, handling_minutes=25, **ADMIN)
        counter = await Counter.filter(hall_id=hall.id).first()
        assert counter is not None
        await service.set_skills(counter.id, ["EXPORT"], is_integrated=False, **ADMIN)
        await service.set_counter_active(counter.id, is_active=False, **ADMIN)
        await service.close_hall(hall.id, **ADMIN)
        await service.reopen_hall(hall.id, **ADMIN)

    entries = await AuditEntry.filter(actor="staff:7").order_by("id")
    events = await OutboxEvent.filter(kind="hall_schedule_changed").order_by("id")
    assert [entry.action for entry in entries] == [
        "opening_hours_set", "special_day_set", "special_day_dropped", "blackout_added", "blackout_dropped",
        "hall_business_set", "counter_skills_set", "counter_closed", "hall_closed", "hall_reopened",
    ]  # fmt: skip
    assert all(entry.reason for entry in entries)
    assert [event.payload["hall_id"] for event in events] == [
        None if entry.action.startswith("blackout") else hall.id for entry in entries
    ]
    assert await audit.verify() >= len(entries)


async def test_special_day_takes_the_place_of_the_one_before(hall: Hall) -> None:
    with clock.frozen(NOW):
        await service.set_special_day(hall.id, TUESDAY, [], **ADMIN)
        assert await spans(hall, TUESDAY) == []
        await service.set_special_day(hall.id, TUESDAY, [AFTERNOON, MORNING], **ADMIN)
        assert await spans(hall, TUESDAY) == [MORNING, AFTERNOON]
        await service.set_special_day(hall.id, TUESDAY, [AFTERNOON], **ADMIN)
        assert await spans(hall, TUESDAY) == [AFTERNOON]


async def test_blackout_of_every_hall_reaches_each(hall: Hall) -> None:
    rule = BlackoutRule("INVOICE", on=TUESDAY, half=HalfDay.AFTERNOON, reason="培训")
    with clock.frozen(NOW):
        await service.add_blackout(None, rule, actor="staff:7")

    schedule, calendar = await schedule_of(hall.id), await load_calendar()
    assert schedule.is_blacked_out("INVOICE", TUESDAY, HalfDay.AFTERNOON, calendar)
    assert not schedule.is_blacked_out("INVOICE", TUESDAY, HalfDay.MORNING, calendar)


async def test_skills_decide_how_many_counters_take_a_business(hall: Hall) -> None:
    before = (await schedule_of(hall.id)).counter_count("PROPERTY")
    counter = await Counter.filter(hall_id=hall.id, is_integrated=True).first()
    assert counter is not None

    await service.set_skills(counter.id, ["INVOICE", "INVOICE"], is_integrated=False, **ADMIN)

    schedule = await schedule_of(hall.id)
    assert schedule.counter_count("PROPERTY") == before - 1
    assert schedule.counter_count("INVOICE") == 7


async def test_business_no_longer_offered_leaves_the_schedule(hall: Hall) -> None:
    await service.set_business(hall.id, "VEHICLE", is_offered=False, handling_minutes=None, **ADMIN)
    await service.set_business(hall.id, "INVOICE", is_offered=True, handling_minutes=6, **ADMIN)

    schedule = await schedule_of(hall.id)
    assert "VEHICLE" not in schedule.businesses
    assert schedule.handling_minutes("INVOICE") == 6


@pytest.mark.parametrize(
    "hours",
    [
        [DayHours(8, MORNING)],
        [DayHours(1, (time(12), time(9)))],
        [DayHours(1, MORNING), DayHours(1, (time(11), time(14)))],
    ],
    ids=["eighth weekday", "backwards", "overlapping"],
)
async def test_unsound_hours_are_refused(hall: Hall, hours: list[DayHours]) -> None:
    with clock.frozen(NOW), pytest.raises(BadOpeningHours):
        await service.set_opening_hours(hall.id, hours, valid_from=TUESDAY, **ADMIN)

    assert await OutboxEvent.filter(kind="hall_schedule_changed").count() == 0


@pytest.mark.parametrize(
    "rule",
    [
        BlackoutRule(),
        BlackoutRule(on=TUESDAY, is_first_workday=True),
        BlackoutRule(day_of_month=32),
        BlackoutRule(day_of_month=0),
    ],
    ids=["no day", "two days", "32nd", "zeroth"],
)
async def test_blackout_names_its_days_in_one_way(hall: Hall, rule: BlackoutRule) -> None:
    with clock.frozen(NOW), pytest.raises(BadBlackout):
        await service.add_blackout(hall.id, rule, actor="staff:7")


async def test_past_is_not_rewritten(hall: Hall) -> None:
    yesterday = TODAY - timedelta(days=1)
    with clock.frozen(NOW):
        with pytest.raises(PastDay):
            await service.set_special_day(hall.id, yesterday, [], **ADMIN)
        with pytest.raises(PastDay):
            await service.set_opening_hours(hall.id, [], valid_from=yesterday, **ADMIN)
        with pytest.raises(PastDay):
            await service.add_blackout(None, BlackoutRule(on=yesterday), actor="staff:7")


async def test_what_is_not_there_is_not_changed(hall: Hall) -> None:
    with clock.frozen(NOW):
        with pytest.raises(HallNotFound):
            await service.close_hall(999, **ADMIN)
        with pytest.raises(CounterNotFound):
            await service.set_counter_active(999, is_active=True, **ADMIN)
        with pytest.raises(BusinessNotFound):
            await service.set_business(hall.id, "NOTHING", is_offered=True, handling_minutes=None, **ADMIN)
        with pytest.raises(BlackoutNotFound):
            await service.drop_blackout(999, **ADMIN)
        with pytest.raises(ExceptionNotFound):
            await service.drop_special_day(hall.id, TUESDAY, **ADMIN)
