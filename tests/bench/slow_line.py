"""How soon a first page of ours shows on a slow phone line: Chromium on what Lighthouse calls Slow 4G."""

import os
import shutil
from statistics import median
from typing import Final

from playwright.async_api import Browser, async_playwright

from app.kit.web import H5_CITIZEN
from tests.bench import dataset
from tests.bench.ground import SMALL, Ground
from tests.bench.pages import Pages

LONGEST_S: Final = 1.0
NOTES: Final = (
    "first contentful paint of sign-in, halls, a hall and the first page with an appointment; the slowest"
    " of them, nothing in the cache, middle of five; 150 ms, 1.6 Mbit/s down, 750 kbit/s up"
)

_PAGES: Final = ("/h5/sign-in", "/h5/halls", "/h5/halls/1", "/h5/")
_TIMES: Final = 5
_SLOW_4G: Final = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
_BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
_PAINTED: Final = """new Promise((tell) => new PerformanceObserver((seen) => {
    const [painted] = seen.getEntriesByName("first-contentful-paint");
    if (painted) tell(painted.startTime);
}).observe({ type: "paint", buffered: true }))"""


class NoBrowser(Exception):
    """There is no Chromium to open pages with."""


async def slowest_page(pages: Pages, ground: Ground) -> float:
    """Seconds until the slowest of the first pages shows something to read."""
    await pages.home()  # Makes the people who have an appointment.
    port = await ground.ours(SMALL)
    named = os.environ.get("WEIBAN_CHROMIUM") or next(filter(None, map(shutil.which, _BROWSERS)), None)
    if named is None:
        raise NoBrowser("install Chromium, or name one with WEIBAN_CHROMIUM")
    # Chromium's own sandbox refuses to run as root.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=named, args=arguments)
        address = f"http://127.0.0.1:{port}"
        await _painted(browser, address, _PAGES[0])  # The browser's own beginning is nobody's page.
        return max(
            [median([await _painted(browser, address, path) for _ in range(_TIMES)]) for path in _PAGES]
        )


async def _painted(browser: Browser, address: str, path: str) -> float:
    """Seconds to the first paint with something to read, in a window that has never been here."""
    context = await browser.new_context(locale="zh-CN", viewport={"width": 375, "height": 800})
    if path == "/h5/":
        somebody = dataset.token(dataset.PEOPLE - 1)
        await context.add_cookies([{"name": H5_CITIZEN.cookie or "", "value": somebody, "url": address}])
    page = await context.new_page()
    line = await context.new_cdp_session(page)
    await line.send("Network.enable")
    await line.send("Network.emulateNetworkConditions", dict(_SLOW_4G))
    answer = await page.goto(address + path, wait_until="commit")
    assert answer is not None
    assert answer.status == 200, (path, answer.status)
    assert page.url == address + path, "the page itself, and not the way to sign in"
    painted: float = await page.evaluate(_PAINTED)
    await context.close()
    return painted / 1000
