"""The work calendar at the desk: a year to look at, a notice to look at before it is loaded."""

import re
from datetime import date

import pytest
from aiohttp import FormData

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
from tests.public_account.h5.conftest import Browser, Page

CALENDAR = "/console/halls/calendar"
NOTICE_PAGE = f"{CALENDAR}/notice"
# A year nobody has settled yet, so these days are made up.
PAPER = """关于2027年部分节假日安排的通知（假设）
一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月6日（周六）至12日（周五）放假调休，共7天。2月20日（周六）上班。
三、清明节：4月3日（周六）至5日（周一）放假，共3天。
四、劳动节：5月1日（周六）至5日（周三）放假调休，共5天。5月8日（周六）上班。
五、端午节：6月9日（周三）放假1天。
六、中秋节：9月15日（周三）放假1天。
七、国庆节：10月1日（周五）至7日（周四）放假调休，共7天。10月9日（周六）上班。
"""


@pytest.fixture
async def admin(at_work: AtWork) -> Browser:
    return await at_work("admin", Post(StaffRole.SYSTEM_ADMIN))


async def send(browser: Browser, step: str, days: str = "", *, file: bytes = b"", seen: str = "") -> Page:
    """The form of the notice as a browser sends it, with a file or without."""
    form = FormData(default_to_multipart=True)
    csrf = (await browser.get(NOTICE_PAGE)).field("csrf")
    for name, value in {"csrf": csrf, "days": days, "source": SOURCE, "go": step, "seen": seen}.items():
        form.add_field(name, value)
    form.add_field("file", file, filename="notice.txt" if file else "", content_type="text/plain")
    return await browser("POST", NOTICE_PAGE, data=form)


async def test_a_notice_is_looked_at_then_loaded_and_once_more_changes_nothing(admin: Browser) -> None:
    await holidays.fill_calendar()
    looked = await send(admin, "preview", NOTICE)
    assert looked.status == 200
    assert "2027-02-20" in looked.text
    assert "2027-01-01 ·" not in looked.text, "a day that stays as it was"
    assert not await WorkDay.filter(on__year=2027, status=DayStatus.OFFICIAL).exists()
    assert not (await load_calendar()).is_workday(date(2027, 2, 20)), "and nothing of it stays in memory"
    loaded = await send(admin, "apply", NOTICE, seen=looked.field("seen"))
    assert loaded.location == f"{CALENDAR}?year=2027&done=notice"
    assert (await load_calendar()).is_workday(date(2027, 2, 20))
    year = (await admin.get(loaded.location)).text
    assert len(re.findall(r'class="day extra"', year)) == 1 + 2, "one in the legend, two in the year"
    again = await send(admin, "preview", NOTICE)
    assert (await send(admin, "apply", NOTICE, seen=again.field("seen"))).status == 303
    assert await AuditEntry.filter(action="work_calendar_changed", actor__startswith="staff:").count() == 1
    assert await OutboxEvent.filter(kind="work_calendar_changed").count() == 1


async def test_a_notice_is_not_loaded_unseen(admin: Browser) -> None:
    """What changed since the preview, here the calendar itself, is shown before anything is done."""
    await holidays.fill_calendar()
    seen = (await send(admin, "preview", NOTICE)).field("seen")
    await holidays.load_notice(NOTICE.replace("2027-02-06,restday,春节\n", ""), source="更正")
    again = await send(admin, "apply", NOTICE, seen=seen)
    assert again.status == 409
    assert not await AuditEntry.filter(action="work_calendar_changed", actor__startswith="staff:").exists()
    assert (await send(admin, "apply", NOTICE, seen=again.field("seen"))).status == 303


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
async def test_the_notice_itself_is_read_from_a_file(admin: Browser, encoding: str) -> None:
    await holidays.fill_calendar()
    looked = await send(admin, "preview", file=PAPER.encode(encoding))
    assert looked.status == 200
    assert "2027-02-20 · 上班" in looked.text
    loaded = await send(admin, "apply", PAPER, seen=looked.field("seen"))
    assert loaded.status == 303
    assert (await WorkDay.get(on=date(2027, 10, 9))).name == "国庆节"


async def test_what_is_no_notice_says_what_is_wrong_and_keeps_what_was_typed(admin: Browser) -> None:
    refused = await send(admin, "preview", "date,kind,name\n2027-13-01,restday,元旦")
    assert refused.status == 422
    assert "第 2 行" in refused.text
    assert "2027-13-01" in refused.text, "what was typed stays"
    wrong_day = await send(admin, "preview", PAPER.replace("1月1日（周五）", "1月1日（周一）"))
    assert (wrong_day.status, "2027-01-01 不是周一" in wrong_day.text) == (422, True)
    assert "端午节：6月9日" in wrong_day.text
    assert "请粘贴通知全文" in (await send(admin, "preview")).text
    picture = await send(admin, "preview", file=b"\x89PNG\r\n\x1a\n\x00\x00")
    assert (picture.status, "应为文本文件" in picture.text) == (422, True)


async def test_a_notice_that_takes_days_off_the_window_tells_of_their_slots(admin: Browser) -> None:
    """Days within the booking window lose their slots: how many stands in the preview, before it is so."""
    await holidays.fill_calendar()
    hall = await make_hall(online_share="1")
    await open_every_day(hall)
    await schedule.apply(hall.id)
    day = (await load_calendar()).add_workdays(clock.today(), 2)
    text = re.sub(r"2027-(\d\d-\d\d)", rf"{day.year}-\1", NOTICE)
    text = "\n".join(line for line in text.splitlines() if not line.startswith(f"{day}"))
    looked = await send(admin, "preview", f"{text}\n{day},restday,临时放假")
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
