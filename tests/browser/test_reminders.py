"""May we remind you: asked when something was done, kept when allowed, and left alone when not."""

import aiohttp
from playwright.async_api import Page, expect

from tests.browser import at_phone
from tests.browser.conftest import System, Window
from tests.browser.handset import ACCOUNT, Handset

_ASKED = ["预约成功通知", "预约到期提醒", "大厅取消预约通知"]


async def test_who_refuses_is_sent_nothing_and_told_the_way_out(window: Window) -> None:
    refuses, allows = await window.open("remind-no", "remind-yes")
    await _ask(refuses)
    await refuses.sheet.get_by_role("button", name="拒绝").click()
    await expect(refuses.itself.get_by_role("heading", name="预约成功")).to_be_visible()
    await expect(refuses.itself).to_contain_text("微信里收不到提醒。要收提醒，可关注公众号")
    await _ask(allows)
    await allows.sheet.get_by_role("button", name="允许").click()
    await expect(allows.itself.get_by_role("heading", name="预约成功")).to_be_visible()
    await expect(allows.itself).not_to_contain_text("微信里收不到提醒")
    # What was told later has arrived, so what was told before would have arrived as well.
    for phone in (allows, refuses):
        await phone.home()
        await phone.tap("服务通知")
    await expect(allows.log.locator(".card")).to_contain_text("预约成功")
    await expect(refuses.log.locator(".card")).to_have_count(0)


async def _ask(phone: Handset) -> None:
    """The prompt stands there, with the messages a booking is about."""
    await phone.tap("小程序 · 预约办事")
    await phone.choose_seat()
    await expect(phone.sheet).to_have_accessible_name("发送以下消息")
    await expect(phone.sheet.get_by_role("listitem")).to_have_text([f"{title}一次性订阅" for title in _ASKED])


async def test_whom_nothing_reaches_follows_by_the_code_and_is_reminded(
    window: Window, system: System
) -> None:
    page = await at_phone.sign_in(window, "remind-way")
    await _unfollow(window)
    before = await _codes(system)
    await _book(page, system)
    asked = page.locator("#remind")
    await expect(asked).to_contain_text("到时要提醒您吗")
    await asked.locator("summary").click()
    code = asked.get_by_role("img", name="公众号二维码")
    await expect(code).to_be_visible()
    await code.evaluate("image => image.decode()")  # Fails for a picture that is none.
    booked = page.url
    [scene] = await _codes(system) - before
    [phone] = await window.open("remind-way")
    await phone.tap("扫一扫")
    await phone.button(f"扫描公众号二维码 {scene}").click()
    await expect(phone.log).to_contain_text("提醒会发到这里")
    await page.goto(booked)
    await expect(
        page.get_by_role("heading", name="签到码").or_(page.get_by_text("预约成功")).first
    ).to_be_visible()
    await expect(page.locator("#remind")).to_have_count(0)
    await page.get_by_text("取消这个预约").click()
    await page.get_by_role("button", name="确认取消").click()
    [phone] = await window.open("remind-way")
    await phone.tap(ACCOUNT)
    await expect(phone.log.locator(".card").last).to_contain_text("预约取消通知")


async def _unfollow(window: Window) -> None:
    [phone] = await window.open("remind-way")
    await phone.home()
    await phone.tap(ACCOUNT)
    await phone.tap("公众号资料")
    await phone.tap("不再关注")
    await phone.sheet.get_by_role("button", name="不再关注").click()
    await expect(phone.button("关注公众号")).to_be_visible()


async def _book(page: Page, system: System) -> None:
    """A seat of tomorrow or later, which may still be given back."""
    await page.goto(f"{system.server}/h5/halls/1")
    day = page.locator("details.day").last
    await day.locator("summary").click()
    await day.get_by_role("link").first.click()
    await page.get_by_role("button", name="确认预约").click()
    await expect(page.get_by_role("status")).to_contain_text("预约成功")


async def _codes(system: System) -> set[str]:
    """The scenes of the codes our accounts have had made."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{system.sandbox}/_sandbox/codes") as answer,
    ):
        return {one["scene"] for one in (await answer.json(content_type=None))["items"]}
