"""What a phone has to fetch before a first page can be used, as it travels over the line."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from playwright.async_api import Page, expect

from app.domain.seed.cases import SHOWN
from tests.browser import at_phone
from tests.browser.conftest import System, Window

MOST_BYTES = 60 * 1024


@pytest.mark.parametrize("path", ["/h5/sign-in", "/h5/halls", "/h5/halls/1", "/h5/cases/lookup"])
async def test_a_first_page_is_light(window: Window, system: System, path: str) -> None:
    page = window.page
    weight = await _weight(page, partial(page.goto, f"{system.server}{path}"))
    assert 1024 < weight <= MOST_BYTES


async def test_pages_of_ones_own_are_light(window: Window, system: System) -> None:
    phone = await at_phone.sign_in(window, "light-one")
    # In a tab of its own, nothing that the phone still fetches is weighed with it.
    page = await phone.context.new_page()
    for path in ("/h5/", "/h5/appointments", "/h5/cases", "/h5/me"):
        weight = await _weight(page, partial(page.goto, f"{system.server}{path}"))
        assert 1024 < weight <= MOST_BYTES, path


async def test_the_progress_of_a_case_is_light(window: Window, system: System) -> None:
    page = window.page
    item, day, serial, code, _ = SHOWN[1]
    await page.goto(f"{system.server}/h5/cases/lookup")
    await page.get_by_label("办件编号或受理编号").fill(f"{item.code}{day:%Y%m%d}{serial}")
    await page.get_by_label("查询码", exact=True).fill(code)
    weight = await _weight(page, lambda: page.get_by_role("button", name="查询").click())
    await expect(page.get_by_role("heading", name="办理经过")).to_be_visible()
    assert 1024 < weight <= MOST_BYTES


async def _weight(page: Page, deed: Callable[[], Awaitable[object]]) -> int:
    """Every byte of document, style and scripts, heads of the answers included, with nothing in the cache.

    All of them have to be found: a page that is missing is light as well.
    """
    line = await page.context.new_cdp_session(page)
    statuses: set[int] = set()
    kinds: dict[str, str] = {}
    bytes_of: dict[str, float] = {}

    def answered(told: dict[str, Any]) -> None:
        kinds[told["requestId"]] = told["type"]
        statuses.add(told["response"]["status"])

    def fetched(told: dict[str, Any]) -> None:
        bytes_of[told["requestId"]] = told["encodedDataLength"]

    line.on("Network.responseReceived", answered)
    line.on("Network.loadingFinished", fetched)
    await line.send("Network.enable")
    await line.send("Network.setCacheDisabled", {"cacheDisabled": True})
    await deed()
    await page.wait_for_load_state("networkidle")
    await line.detach()
    assert statuses == {200}
    return round(sum(size for asked, size in bytes_of.items() if kinds.get(asked) != "Image"))
