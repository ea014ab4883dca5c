"""A phone on which no script runs: people book, move, cancel, look up a case and read English alike."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from app.domain.seed.cases import SHOWN
from tests.browser import at_phone
from tests.browser.conftest import System, Window, opened

FREE = re.compile(r"余 ?\d")


@pytest.fixture
async def plain(browser: Browser, system: System) -> AsyncIterator[Window]:
    """A narrow window without scripts."""
    async with opened(browser, system, has_scripts=False) as window:
        await window.page.set_viewport_size({"width": 320, "height": 640})
        yield window


async def bring_in(window: Window, plain: Window, name: str) -> Page:
    """Somebody who signed in as usual, before scripts failed them."""
    signed_in = await at_phone.sign_in(window, name)
    await plain.page.context.add_cookies(await signed_in.context.cookies())  # type: ignore[arg-type]
    return plain.page


async def test_somebody_books_moves_and_cancels(window: Window, plain: Window, system: System) -> None:
    page = await bring_in(window, plain, "plain-books")
    await page.goto(f"{system.server}/h5/halls?q=天河区税务局")
    await page.get_by_role("link", name="天河区税务局办税服务厅").click()
    # Three taps from the hall: a time, and yes.
    await page.locator("details.day").nth(1).locator("summary").click()
    await page.locator("details.day").nth(1).get_by_role("link", name=FREE).first.click()
    await page.get_by_role("button", name="确认预约").click()
    await expect(page.get_by_role("status")).to_have_text("预约成功")
    number = await page.locator(".number").inner_text()
    await expect(page.get_by_role("img", name=number)).to_be_visible()
    await page.get_by_role("link", name="改到其他时间").click()
    await page.locator("details.day").last.locator("summary").click()
    chosen = page.locator("details.day").last.get_by_role("link", name=FREE).first
    hour = (await chosen.inner_text()).split()[0]
    await chosen.click()
    await page.get_by_role("button", name="确认改约").click()
    await expect(page.get_by_role("status")).to_have_text("改约成功")
    await expect(page.locator(".number")).to_have_text(number)
    await expect(page.locator("main")).to_contain_text(hour)
    await page.get_by_text("取消这个预约").click()
    await page.get_by_role("button", name="确认取消").click()
    await expect(page.get_by_role("status")).to_have_text("已取消")
    await page.get_by_role("link", name="全部预约").click()
    await expect(page.get_by_role("main")).to_contain_text("没有待办理的预约")


async def test_anybody_looks_up_a_case_by_its_code(plain: Window, system: System) -> None:
    page = plain.page
    number, code = _of_a_case()
    await page.goto(f"{system.server}/h5/cases/lookup")
    await page.get_by_label("办件编号或受理编号").fill(number)
    await page.get_by_label("查询码", exact=True).fill(code)
    await page.get_by_role("button", name="查询").click()
    await expect(page.get_by_role("heading", name="办理经过")).to_be_visible()
    await expect(page.get_by_role("main")).to_contain_text(number)


async def test_a_reader_chooses_english_and_large_letters(plain: Window, system: System) -> None:
    page = plain.page
    await page.goto(f"{system.server}/h5/halls")
    await page.get_by_role("link", name="English").click()
    await expect(page.get_by_role("heading", name="Choose a hall")).to_be_visible()
    usual = await _letters(page)
    await page.get_by_role("link", name="Large text").click()
    await expect(page.get_by_role("heading", name="Choose a hall")).to_be_visible()
    assert await _letters(page) > usual
    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, "nothing moves sideways on the smallest phone"


async def _letters(page: Page) -> float:
    return float(await page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)"))


def _of_a_case() -> tuple[str, str]:
    item, day, serial, code, *_ = SHOWN[0]
    return f"{item.code}{day:%Y%m%d}{serial}", code
