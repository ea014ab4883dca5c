"""Halls near the reader: by distance when the phone tells its place, and a way on when it does not."""

import re

from playwright.async_api import Geolocation, Page, expect

from tests.browser.conftest import System, Window

_SHENZHEN: Geolocation = {"latitude": 22.5431234, "longitude": 114.0578765}
_PLACE = re.compile(r"22\.5|114\.0|near=")


async def test_halls_are_sorted_by_distance_and_the_address_keeps_no_place(
    window: Window, system: System
) -> None:
    page = window.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url + str(request.headers.get("referer"))))
    await page.context.grant_permissions(["geolocation"], origin=system.server)
    await page.context.set_geolocation(_SHENZHEN)
    await page.goto(f"{system.server}/h5/halls")
    await page.get_by_role("button", name="离我最近的大厅").click()
    await _is_by_distance(page)
    assert not _PLACE.search(page.url)
    sent = [one for one in asked if _PLACE.search(one)]
    assert [one.partition("/h5/halls")[2] for one in sent] == ["?near=22.543%2C114.058None"], (
        "roughly, and once"
    )
    # Whoever comes back from a hall finds the same order.
    await page.locator("a.entry").first.click()
    await expect(page.get_by_role("heading", name="预约", exact=True)).to_be_visible()
    await page.go_back()
    await _is_by_distance(page)
    assert not _PLACE.search(page.url)
    await page.get_by_role("link", name="不按距离").click()
    await expect(page.get_by_role("button", name="离我最近的大厅")).to_be_visible()


async def _is_by_distance(page: Page) -> None:
    entries = page.locator("a.entry")
    await expect(entries.first).to_contain_text("深圳")
    told = [await entry.locator("b").inner_text() for entry in await entries.all()]
    metres = [_metres(text) for text in told]
    assert metres == sorted(metres)
    assert len(metres) > 2


def _metres(told: str) -> float:
    found = re.search(r"([\d.]+)\s*(公里|米)", told)
    assert found is not None, told
    return float(found[1]) * (1000 if found[2] == "公里" else 1)


async def test_who_does_not_let_it_know_finds_halls_by_region_or_name(window: Window, system: System) -> None:
    page = window.page
    await page.goto(f"{system.server}/h5/halls")
    button = page.get_by_role("button", name="离我最近的大厅")
    await button.click()
    await expect(page.get_by_role("status")).to_have_text(
        "没有得到位置授权。请在微信的设置里允许，或按地区、名称查找。"
    )
    await expect(button).to_be_enabled()
    await expect(page.locator("a.entry").first).to_be_visible()


async def test_a_phone_that_does_not_know_its_place_says_so(window: Window, system: System) -> None:
    page = window.page
    await page.context.grant_permissions(["geolocation"], origin=system.server)
    await page.context.set_geolocation(None)
    await page.goto(f"{system.server}/h5/halls")
    await page.get_by_role("button", name="离我最近的大厅").click()
    await expect(page.get_by_role("status")).to_have_text("暂时定位不到，请稍后再试，或按地区、名称查找。")
