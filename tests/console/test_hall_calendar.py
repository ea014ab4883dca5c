"""The work calendar at the desk: a year to look at, a notice to look at before it is loaded."""

import re
from datetime import date

import pytest

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post
from app.domain.appointments import schedule
from app.domain.halls import holidays
from app.domain.halls.models import DayStatus, WorkDay
from app.domain.halls.schedules import load_calendar
from app.kit import clock
from app.kit.models import AuditEntry, OutboxEvent
from tests.console.conftest import AtWork
from tests.domain.halls.test_holidays import NOTICE, SOURCE
from tests.factories.appointments import make_hall
from tests.factories.halls import open_every_day
from tests.public_account.h5.conftest import Browser

CALENDAR = "/console/halls/calendar"


@pytest.fixture
async def admin(at_work: AtWork) -> Browser:
    return await at_work("admin", Post(StaffRole.SYSTEM_ADMIN))


async def test_a_notice_is_looked_at_then_loaded(admin: Browser) -> None:
    await holidays.fill_calendar()
    path = f"{CALENDAR}/notice"
    said = {"csrf": (await admin.get(path)).field("csrf"), "days": NOTICE, "source": SOURCE}
    looked = await admin.post(path, **said, go="preview")
    assert looked.status == 200
    assert "2027-02-20" in looked.text
    assert "2027-01-01 ·" not in looked.text, "a day that stays as it was"
    assert not await WorkDay.filter(on__year=2027, status=DayStatus.OFFICIAL).exists()
    assert not (await load_calendar()).is_workday(date(2027, 2, 20)), "and nothing of it stays in memory"
    loaded = await admin.post(path, **said, go="apply")
    assert loaded.location == f"{CALENDAR}?year=2027&done=notice"
    assert (await load_calendar()).is_workday(date(2027, 2, 20))
    assert await AuditEntry.filter(action="work_calendar_changed", actor__startswith="staff:").count() == 1
    assert await OutboxEvent.filter(kind="work_calendar_changed").exists()
    year = (await admin.get(loaded.location)).text
    assert len(re.findall(r'class="day extra"', year)) == 1 + 2, "one in the legend, two in the year"


async def test_a_file_that_is_no_whole_notice_names_its_lines(admin: Browser) -> None:
    path = f"{CALENDAR}/notice"
    csrf = (await admin.get(path)).field("csrf")
    refused = await admin.post(path, csrf=csrf, days="date,kind,name\n2027-13-01,restday,元旦", source=SOURCE)
    assert refused.status == 422
    assert "第 2 行" in refused.text
    assert "2027-13-01" in refused.text, "what was typed stays"


async def test_a_notice_that_takes_days_off_the_window_tells_of_their_slots(admin: Browser) -> None:
    """Days within the booking window lose their slots: how many stands in the preview, before it is so."""
    await holidays.fill_calendar()
    hall = await make_hall(online_share="1")
    await open_every_day(hall)
    await schedule.apply(hall.id)
    day = (await load_calendar()).add_workdays(clock.today(), 2)
    text = re.sub(r"2027-(\d\d-\d\d)", rf"{day.year}-\1", NOTICE)
    text = "\n".join(line for line in text.splitlines() if not line.startswith(f"{day}"))
    path = f"{CALENDAR}/notice"
    csrf = (await admin.get(path)).field("csrf")
    looked = await admin.post(path, csrf=csrf, days=f"{text}\n{day},restday,临时放假", source=SOURCE)
    assert looked.status == 200
    closed = re.search(r"取消时段</dt><dd>(\d+)", looked.text)
    assert closed is not None
    assert int(closed[1]) >= 6


async def test_a_hall_manager_reads_the_calendar_and_loads_nothing(at_work: AtWork) -> None:
    hall = await make_hall()
    manager = await at_work("manager", Post(StaffRole.HALL_MANAGER, hall_id=hall.id))
    year = clock.today().year + 1
    assert (await manager.get(f"{CALENDAR}?year={year}")).status == 200
    assert (await manager.get(f"{CALENDAR}/notice")).status == 403
    assert "/notice" not in (await manager.get(CALENDAR)).text
