"""Booking with the phone: in the mini-program, by a link of the chat, by a scanned code, on a web page."""

import re

from playwright.async_api import expect

from tests.browser.conftest import Window
from tests.browser.handset import ACCOUNT


async def test_a_booking_brings_a_card_that_leads_back_to_it(window: Window) -> None:
    [phone] = await window.open("book-card")
    await phone.follow()
    await phone.home()
    await phone.tap("小程序 · 预约办事")
    number = await phone.book()
    await phone.home()
    await phone.tap(ACCOUNT)
    card = phone.log.locator(".card")
    await expect(card).to_contain_text("预约成功通知")
    await expect(card).to_contain_text(number)
    await card.get_by_role("button", name="进入小程序查看").click()
    await phone.shows("微办")
    await expect(phone.itself.locator(".appointment")).to_contain_text(number)


async def test_who_does_not_follow_gets_the_message_they_allowed(window: Window) -> None:
    [phone] = await window.open("book-allow")
    await phone.follow()
    await phone.tap("公众号资料")
    await phone.tap("不再关注")
    await phone.sheet.get_by_role("button", name="不再关注").click()
    await expect(phone.button("关注公众号")).to_be_visible()
    await phone.home()
    await phone.tap("小程序 · 预约办事")
    await phone.choose_seat()
    await expect(phone.sheet).to_have_accessible_name("发送以下消息")
    await phone.sheet.get_by_role("button", name="允许").click()
    await expect(phone.itself.get_by_role("heading", name="预约成功")).to_be_visible()
    await phone.home()
    await phone.tap("服务通知")
    await expect(phone.log.locator(".card")).to_contain_text("预约成功")


async def test_a_link_in_the_chat_leads_to_the_seat(window: Window) -> None:
    [phone] = await window.open("book-link")
    await phone.follow()
    await phone.say("预约 天河区税务局")
    await phone.log.get_by_role("button", name=re.compile("余\\d")).first.click()
    await expect(phone.sheet).to_have_accessible_name("确认预约")
    await window.page.keyboard.press("Escape")
    await expect(phone.sheet).to_have_count(0)
    await phone.shows("微办")


async def test_scanned_codes_follow_and_open(window: Window) -> None:
    [phone] = await window.open("book-scan")
    await phone.tap("扫一扫")
    hang = phone.button("挂一张大厅海报")
    code = phone.button("扫描公众号二维码")
    await expect(hang.or_(code).first).to_be_visible()
    if await hang.is_visible():
        await hang.click()
    await code.first.click()
    await phone.shows(ACCOUNT)
    await expect(phone.log).to_contain_text("点时段即可预约")
    await phone.home()
    await phone.tap("扫一扫")
    await phone.button("扫描小程序二维码").first.click()
    await phone.shows("微办")
    await expect(phone.itself).to_contain_text("办理业务")


async def test_a_web_page_opens_signed_in_and_only_for_its_holder(window: Window) -> None:
    booked, other = await window.open("web-one", "web-two")
    await booked.tap("小程序 · 预约办事")
    number = await booked.book()
    await booked.home()
    for phone in (booked, other):
        await phone.follow()
        await phone.say("帮助")
        await phone.button("打开我的微办").last.click()
        await phone.agree()
        await expect(phone.web_page.get_by_role("heading", name="我的预约")).to_be_visible()
        mine = phone.web_page.locator("a.appointment")
        await expect(mine).to_have_count(1 if phone is booked else 0)
        if phone is booked:
            await mine.click()
            await expect(phone.web_page.get_by_text(number)).to_be_visible()
    # One cookie jar for the window: the page of the first phone stopped when the second was opened.
    await expect(booked.itself).to_contain_text("另一部手机正在看网页")
    await booked.tap("重新打开")
    await expect(booked.web_page.locator("a.appointment")).to_have_count(1)
    await expect(other.itself).to_contain_text("另一部手机正在看网页")
    await booked.tap("关闭")
    await booked.shows(ACCOUNT)
