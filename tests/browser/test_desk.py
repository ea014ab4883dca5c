"""The desk: phones side by side, each its own person's, at every width."""

import asyncio

from playwright.async_api import Request, expect

from tests.browser.conftest import Window

_WIDTHS = (320, 375, 820, 1280, 1600)
# Which of the page itself and the screens on it are wider than their place.
_TOO_WIDE = """
[document.documentElement, ...document.querySelectorAll(".scroll")]
    .filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.className || one.tagName)
"""


async def test_two_people_side_by_side_see_only_their_own(window: Window) -> None:
    left, right = await window.open("desk-left", "desk-right")
    await left.follow()
    await left.say("帮助")
    await right.follow()
    await right.say("人工")
    await expect(left.log).to_contain_text("帮助")
    await expect(left.log).not_to_contain_text("人工客服，请稍候")
    await expect(right.log.locator(".mine")).to_have_count(1)


async def test_a_phone_is_put_beside_and_away_again(window: Window) -> None:
    [first] = await window.open("desk-first")
    await expect(first.itself).to_be_visible()
    await window.page.get_by_label("新人物").fill("desk-second")
    await window.page.get_by_role("button", name="添加").click()
    await expect(first.itself).to_have_count(0)
    await window.page.get_by_role("button", name="把 desk-first 的手机放在旁边").click()
    await expect(first.itself).to_be_visible()
    assert window.page.url.endswith("#desk-second,desk-first")
    await window.page.get_by_role("button", name="收起 desk-second 的手机").click()
    await expect(window.page.get_by_role("article")).to_have_count(1)


async def test_one_loop_asks_for_the_news_of_all_phones(window: Window) -> None:
    await window.open("desk-a", "desk-b", "desk-c", width=1600)
    await expect(window.page.get_by_role("article")).to_have_count(3)
    # The first look at each phone is over.
    await asyncio.sleep(0.5)
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    window.page.on("request", note)
    await asyncio.sleep(1.5)
    assert 1 <= len([url for url in asked if url.endswith("/_sandbox/persons")]) <= 2
    assert not [url for url in asked if "/_sandbox/messages" in url]


async def test_nobody_holds_the_phone_at_first(window: Window) -> None:
    await window.open()
    await window.page.get_by_role("button", name="用 li-na 开始").click()
    await expect(window.page.get_by_role("article", name="li-na 的手机")).to_be_visible()


async def test_no_width_needs_scrolling_sideways(window: Window) -> None:
    [phone] = await window.open("width")

    async def fits_everywhere() -> None:
        for width in _WIDTHS:
            await window.page.set_viewport_size({"width": width, "height": 800})
            over = await window.page.evaluate(_TOO_WIDE)
            assert over == [], width

    await phone.follow()
    await phone.say("预约 天河区税务局")
    await expect(phone.log).to_contain_text("点时段即可预约")
    await fits_everywhere()
    await phone.home()
    await phone.tap("小程序 · 预约办事")
    await phone.itself.locator(".hall").first.click()
    await expect(phone.button("余").first).to_be_visible()
    await fits_everywhere()
    await phone.home()
    await phone.tap("扫一扫")
    await fits_everywhere()
