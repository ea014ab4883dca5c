"""The end of a day: lists are emptied, once, and nothing is held against anybody."""

import asyncio
from datetime import timedelta

import pytest

from app.domain.appointments import (
    calling,
    day_end,
)
from app.domain.appointments.models import AppointmentStatus, Standing, Strike
from app.kit import clock, db
from app.kit.models import OutboxEvent
from tests.factories.appointments import make_hall
from tests.factories.counter import NINE, clerk_of, fill_with_appointments, status_of, waiting

pytestmark = pytest.mark.usefixtures("db")


async def test_the_days_end_empties_the_lists_and_holds_nothing_against_anybody() -> None:
    hall = await make_hall()
    clerk = clerk_of(hall)
    served, passed, never = await waiting(hall, clerk, 3)
    with clock.frozen(NINE):
        await calling.call(clerk, hall.id, passed)
        await calling.pass_over(clerk, hall.id, passed)
        await calling.call(clerk, hall.id, served)
    with clock.frozen(NINE.replace(hour=23, minute=59)):
        assert await day_end.close_days() == 0, "the day is not over"
    events = await OutboxEvent.all().count()
    with clock.frozen(NINE + timedelta(hours=15)):
        assert sum(await asyncio.gather(*(day_end.close_days() for _ in range(4)))) == 3
        assert await day_end.close_days() == 0
    assert [await status_of(one) for one in (served, passed, never)] == [
        AppointmentStatus.DONE,
        AppointmentStatus.NO_SHOW,
        AppointmentStatus.DONE,
    ]
    assert not await Strike.exists()
    assert [one.active for one in await Standing.all()] == [0, 0, 0]
    assert await OutboxEvent.all().count() == events, "nobody is told at midnight"


async def test_a_day_that_is_over_is_found_by_index() -> None:
    await fill_with_appointments(await make_hall())
    plan = "\n".join(row[0] for row in await db.fetch(f"EXPLAIN {day_end.LEFT_OVER}", NINE, 200))
    assert "appointment_at_hand" in plan, plan
