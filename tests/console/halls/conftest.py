"""A hall with seats, its manager at the desk, and changes from their preview to the deed."""

from datetime import timedelta
from typing import Any

import pytest

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post
from app.domain.appointments import booking, schedule
from app.domain.appointments.models import Slot
from app.domain.halls.models import Hall
from app.kit import clock
from tests.console.conftest import AtWork
from tests.factories.appointments import make_hall, make_person, seat
from tests.factories.halls import open_every_day
from tests.public_account.h5.conftest import Browser, Page

HALLS = "/console/halls"


@pytest.fixture
async def hall(db: None) -> Hall:
    """A hall with seats for some days ahead."""
    made = await make_hall(online_share="1")
    await open_every_day(made)
    await schedule.apply(made.id)
    return made


@pytest.fixture
async def other(hall: Hall) -> Hall:
    """Another hall, whose manager is no manager here."""
    return await make_hall("YX")


@pytest.fixture
async def manager(at_work: AtWork, hall: Hall) -> Browser:
    return await at_work("manager", Post(StaffRole.HALL_MANAGER, hall_id=hall.id))


async def a_booking(hall: Hall) -> tuple[Slot, booking.Booked]:
    """Somebody's appointment in the first slot of the day after tomorrow."""
    slot = (
        await Slot.filter(hall=hall, on__gt=clock.today() + timedelta(days=1)).order_by("starts_at").first()
    )
    assert slot is not None
    await Slot.filter(id=slot.id).update(bookable_from=clock.now() - timedelta(days=1))
    made = await booking.book(seat(slot, await make_person()))
    assert isinstance(made, booking.Booked)
    return slot, made


async def go(browser: Browser, path: str, step: str, **said: Any) -> Page:
    """A form of a change, filled in: looked at, or done with what was looked at."""
    page = await browser.get(path)
    form = {"csrf": page.field("csrf"), "reason": "消防演练", **said, "go": step}
    return await browser("POST", path, data=form)


async def change(browser: Browser, path: str, **said: Any) -> Page:
    """A change from its preview to the deed."""
    seen = (await go(browser, path, "preview", **said)).field("seen")
    return await go(browser, path, "apply", seen=seen, **said)
