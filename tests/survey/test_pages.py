"""Every page in Chromium: no serious fault of accessibility, nothing wider than a phone, and its picture."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import ConsoleMessage, Dialog, Page, ViewportSize

from tests.browser.conftest import browser as chromium
from tests.public_account.h5.conftest import Browser
from tests.survey.conftest import Reader
from tests.survey.crawling import walk
from tests.survey.readers import READERS

__all__ = ["chromium"]

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "build" / "pages"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
_SERIOUS = """async () => (await axe.run({ exclude: [".watermark"] }, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"], resultTypes: ["violations"],
})).violations.filter((one) => ["serious", "critical"].includes(one.impact))
    .map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.target.join(" ")).join(" | ")}`)"""
_TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
_PHONE: Final[ViewportSize] = {"width": 375, "height": 812}
_DESK: Final[ViewportSize] = {"width": 1440, "height": 900}


@dataclass
class Sight:
    """A window that is watched, and what was wrong with the pages in it."""

    page: Page
    who: str
    wrong: list[str]

    def watch(self) -> None:
        self.page.on("dialog", self._alarmed)
        self.page.on("console", self._said)

    async def _alarmed(self, dialog: Dialog) -> None:
        self.wrong.append(f"{self.who}: {dialog.message} at {self.page.url}")
        await dialog.dismiss()

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.wrong.append(f"{self.who}: {message.text} at {self.page.url}")


@pytest.mark.timeout(400)
async def test_every_page_is_fit_to_be_read(chromium: Chromium, reader: Reader, address: str) -> None:
    wrong: list[str] = []
    seen: set[str] = set()
    for who, way in READERS.items():
        browser = await reader(who)
        done = await walk(browser, *way.starts, within=way.within)
        fresh = {
            kind: one
            for kind, one in done.first_of_each().items()
            if kind not in seen and one.page.status == 200 and one.is_page
        }
        seen |= fresh.keys()
        context = await chromium.new_context(
            locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce"
        )
        await context.add_cookies(cookies_of(browser, address))
        sight = Sight(await context.new_page(), who, wrong)
        sight.watch()
        for kind, visit in fresh.items():
            faults = await look(sight.page, address + visit.address, kind)
            wrong += [f"{who}: {visit.address} {fault}" for fault in faults]
        await context.close()
    assert not wrong, "\n".join(wrong)


def cookies_of(browser: Browser, address: str) -> list[Any]:
    """What the browser holds, as Chromium takes it."""
    return [{"name": one.key, "value": one.value, "url": address} for one in browser.session.cookie_jar]


async def look(page: Page, address: str, kind: str) -> list[str]:
    """What is wrong with a page; leaves its pictures in ``build/pages``."""
    name = re.sub(r"[^a-z0-9]+", "-", re.sub(r"<(\w+):\w+>", r"\1", kind)).strip("-")
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.set_viewport_size({**_PHONE, "width": 320})
    await page.goto(address, wait_until="load")
    found = ["wider than 320 px"] if await page.evaluate(_TOO_WIDE) else []
    for size in (_PHONE, _DESK):
        await page.set_viewport_size(size)
        await page.screenshot(path=PICTURES / f"{name}@{size['width']}.png", full_page=True)
    await page.evaluate(AXE.read_text())
    return [*found, *await page.evaluate(_SERIOUS)]
