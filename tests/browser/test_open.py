"""The public page in a browser: plots over tables, at every width, read by anybody, scripts or none."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import System, Window, opened

PAGES = ("/open", "/open/halls/1", "/open/statistics", "/open/a-list", "/open/halls/999999")
_AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
_GRAVE = ("serious", "critical")


@pytest.fixture
async def plain(browser: Browser, system: System) -> AsyncIterator[Window]:
    """A narrow window without scripts."""
    async with opened(browser, system, has_scripts=False) as window:
        await window.page.set_viewport_size({"width": 320, "height": 640})
        yield window


async def test_months_are_plotted_over_the_table_of_the_same_numbers(window: Window) -> None:
    page = window.page
    await page.goto(f"{window.system.server}/open/statistics")
    await expect(page.locator("canvas")).to_have_count(2)
    await expect(page.locator("#visits tbody tr")).to_have_count(13)
    # The demonstration has a past, or a newcomer would look at nothing.
    await expect(page.locator("#visits tbody tr").nth(1)).to_contain_text(re.compile(r"\d,\d{3} *[+−]\d"))


async def test_no_page_is_wider_than_the_phone_nor_shuts_anybody_out(window: Window, system: System) -> None:
    page = window.page
    await page.set_viewport_size({"width": 320, "height": 640})
    await page.goto(f"{system.server}/open/text-size?to=big&back=/open")
    for path in PAGES:
        await page.goto(f"{system.server}{path}")
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert await page.evaluate(wide) <= 0, path
        await page.evaluate(_AXE.read_text())
        told = await page.evaluate("axe.run()")
        assert [one["id"] for one in told["violations"] if one["impact"] in _GRAVE] == [], path
    # The browser itself says of the last one that it was not found.
    window.faults[:] = [one for one in window.faults if "404" not in one]


async def test_somebody_without_scripts_finds_a_hall_and_its_year(plain: Window, system: System) -> None:
    page = plain.page
    await page.goto(f"{system.server}/open")
    await page.get_by_role("link", name="广州市", exact=True).click()
    await page.get_by_role("link", name="天河区税务局办税服务厅").click()
    await expect(page.locator("#visits tbody tr")).to_have_count(13)
    await page.get_by_role("link", name="English").click()
    await expect(page.get_by_role("columnheader", name="Booked")).to_be_visible()
    await expect(page.get_by_role("heading", level=1)).to_have_text("天河区税务局办税服务厅")
    await page.get_by_role("link", name="A-rated taxpayers").click()
    await page.get_by_label("Name or taxpayer number").fill("广州")
    await page.get_by_role("button", name="Find").click()
    await expect(page.get_by_role("columnheader", name="Number")).to_be_visible()
