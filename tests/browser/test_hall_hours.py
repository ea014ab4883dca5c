"""New hours of a hall: seen, applied, and whoever has lost their seat is moved and told on their phone."""

import re
from datetime import date
from typing import Any, Final

import aiohttp
from playwright.async_api import Page, expect

from tests.browser.at_desk import OpenDesk
from tests.browser.conftest import Window
from tests.browser.handset import ACCOUNT, Handset

HALL, OTHER_HALL = "FS-SHUNDE", "FS-GUICHENG"
_WEEKDAYS: Final = "一二三四五六日"


async def book(phone: Handset, hall: str) -> str:
    """A seat at the hall by its name; answers the number of the appointment."""
    await phone.itself.locator(".hall", has_text=hall).click()
    await phone.itself.get_by_role("button", name="余").last.click()
    await phone.sheet.get_by_role("button", name="预约", exact=True).click()
    await phone.sheet.get_by_role("button", name="允许").click()
    await expect(phone.itself.get_by_role("heading", name="预约成功")).to_be_visible()
    return await phone.itself.locator(".number").inner_text()


async def hall_coded(server: str, code: str) -> Any:
    async with aiohttp.ClientSession(server) as session, session.get("/api/v1/halls?limit=100") as answer:
        return next(one for one in (await answer.json())["items"] if one["code"] == code)


async def close_the_weekday_of(page: Page, hall: str, number: str) -> None:
    """No more hours on the weekday of an appointment: first looked at, then applied."""
    await page.goto(f"{hall}/appointments?number={number}")
    row = await page.get_by_role("row", name=re.compile(number)).inner_text()
    day = re.search(r"\d{4}-\d\d-\d\d", row)
    assert day is not None, row
    weekday = date.fromisoformat(day[0]).isoweekday()
    await page.goto(f"{hall}/hours")
    await page.get_by_label("自哪天起").fill(day[0])
    await page.get_by_label(f"周{_WEEKDAYS[weekday - 1]}").fill("")
    await page.get_by_label("理由").fill("每周这一天集中学习")
    await page.get_by_role("button", name="预览影响").click()
    await expect(page.get_by_role("region", name="受影响的预约")).to_contain_text(number)
    await expect(page.get_by_role("region", name="修改的内容")).to_contain_text("闭厅")
    await page.get_by_role("button", name="确认应用").click()
    await expect(page.get_by_role("status")).to_contain_text("开放时间已更新")


async def test_new_hours_move_whoever_booked_and_tell_them(window: Window, open_desk: OpenDesk) -> None:
    server = window.system.server
    hall, other = await hall_coded(server, HALL), await hall_coded(server, OTHER_HALL)
    [phone] = await window.open("hours-moved")
    await phone.follow()
    await phone.home()
    await phone.tap("小程序 · 预约办事")
    number = await book(phone, hall["name"])

    admin = await open_desk("system_admin")
    await close_the_weekday_of(admin.page, f"{server}/console/halls/{hall['id']}", number)
    await admin.page.goto(f"{server}/console/halls/conflicts")
    await admin.page.get_by_role("link", name=number).click()
    await expect(admin.page.get_by_role("heading", name=re.compile(number))).to_be_visible()
    conflict = admin.page.url

    stranger = await open_desk("hall_manager", "--hall", OTHER_HALL)
    await stranger.open("/console/halls/conflicts")
    await expect(stranger.page.get_by_text(number)).to_have_count(0)
    await stranger.open("/console/halls/list")
    await expect(stranger.page.get_by_role("link", name=other["name"])).to_be_visible()
    await expect(stranger.page.get_by_text(hall["name"])).to_have_count(0)
    own = f"{server}/console/halls/{hall['id']}"
    for foreign in (own, f"{own}/hours", f"{own}/appointments", conflict):
        answer = await stranger.page.request.get(foreign)
        assert answer.status == 404, foreign

    await admin.page.get_by_role("button", name="改期并通知").click()
    await expect(admin.page.get_by_role("status")).to_contain_text("系统会通知本人")
    await phone.home()
    await phone.tap(ACCOUNT)
    card = phone.log.locator(".card", has_text="预约改期通知")
    await expect(card).to_contain_text(number)
    await expect(card).to_contain_text("大厅调整了开放时间")
