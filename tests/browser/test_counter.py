"""The counter: who books on the phone stands on its page at once, and hears there of their check-in."""

from datetime import timedelta

import asyncpg
from playwright.async_api import expect

from app.domain.appointments.rules import day_of, half_day_of
from app.kit import clock
from tests.browser.at_desk import OpenDesk
from tests.browser.conftest import System, Window
from tests.browser.handset import ACCOUNT

_HALL, _NAME = "GZ-HUIJIANG", "会江村便民服务站"

# A slot of this very moment, whatever the time of the test; its seats were not set free for walk-ins yet.
_OPEN_NOW = """
INSERT INTO slot (hall_id, business_id, "on", half_day, starts_at, ends_at, bookable_from, bookable_until,
                  capacity, onsite_capacity, booked, held, is_open, released_at)
SELECT h.id, b.business_id, $2, $3, $4::timestamptz, $4::timestamptz + interval '1 hour',
       $4::timestamptz - interval '1 day', $4::timestamptz + interval '30 minutes', 9, 2, 0, 0, true, $4
FROM hall h JOIN hall_business b ON b.hall_id = h.id WHERE h.code = $1
"""


async def open_now(system: System) -> None:
    """Let the hall take bookings for this moment."""
    now = clock.now()
    starts_at = max(now - timedelta(minutes=1), day_of(now)[0])
    database = await asyncpg.connect(system.settings["WEIBAN_DATABASE_URL"])
    try:
        await database.execute(_OPEN_NOW, _HALL, clock.today(), half_day_of(starts_at), starts_at)
    finally:
        await database.close()


async def test_a_booking_arrives_live_and_the_check_in_is_heard_of(
    window: Window, open_desk: OpenDesk, system: System
) -> None:
    await open_now(system)
    desk = await open_desk("clerk", "--hall", _HALL)
    counter = desk.page
    await desk.open("/console/counter/")
    await expect(counter.get_by_role("heading", name=_NAME)).to_be_visible()
    await expect(counter.get_by_text("实时更新中")).to_be_visible()
    await counter.evaluate("window.isAsItWas = true")
    [phone] = await window.open("at-counter")
    await phone.follow()
    await phone.home()
    await phone.tap("小程序 · 预约办事")
    await phone.itself.locator(".hall", has_text=_NAME).click()
    await phone.button("余").first.click()
    await phone.sheet.get_by_role("button", name="预约", exact=True).click()
    await phone.sheet.get_by_role("button", name="允许").click()
    number = await phone.itself.locator(".number").inner_text()

    await expect(counter.get_by_role("region", name="待签到").get_by_text(number)).to_be_visible()
    assert await counter.evaluate("window.isAsItWas"), "the list came to the page, not the page anew"
    # As a scanner does: it types, ends with Enter, and cares for no focus.
    await counter.keyboard.type(number[-6:])
    await counter.keyboard.press("Enter")
    await expect(counter.get_by_role("status").get_by_text(f"{number} 已签到")).to_be_visible()
    await phone.home()
    await phone.tap(ACCOUNT)
    await expect(phone.log.locator(".card", has_text="签到成功通知")).to_contain_text(number)

    await counter.keyboard.press("F4")
    await expect(counter.get_by_text(f"正在办理 {number}")).to_be_visible()
    await counter.keyboard.press("F9")
    await expect(counter.get_by_text(f"{number} 已办结")).to_be_visible()


async def test_a_page_whose_session_is_over_says_so(open_desk: OpenDesk) -> None:
    desk = await open_desk("clerk", "--hall", _HALL)
    await desk.open("/console/counter/")
    await expect(desk.page.get_by_text("实时更新中")).to_be_visible()
    other = await desk.page.context.new_page()
    await other.goto(f"{desk.server}/console/")
    await other.get_by_role("button", name="退出").click()
    await expect(desk.page.get_by_role("alert")).to_contain_text("列表不再更新")
