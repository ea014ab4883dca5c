"""The whole system, started once as on somebody's own machine, and a window of a real Chromium before it."""

import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest
from playwright.async_api import Browser, ConsoleMessage, Error, Page, Request, async_playwright, expect

from tests.browser.handset import Handset
from tests.processes import Program, environment, free_port, until

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_PATIENCE_MS = 15_000

expect.set_options(timeout=_PATIENCE_MS)


@dataclass(frozen=True)
class System:
    """Where the server and the sandbox with its phone page listen."""

    server: str
    sandbox: str


@pytest.fixture(scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    """``weiban up`` on free ports, with the demonstration and its menu."""
    home = tmp_path_factory.mktemp("browser")
    port = free_port(2)
    log = home / "up.log"
    program = Program.start(
        log, "up", "--port", str(port), "--data-dir", str(home / "data"), told=environment()
    )
    found = System(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}")

    async def is_ready() -> bool:
        assert program.process.poll() is None, program.words()
        return f"ready {found.server}" in log.read_text() and await _has_menu(found)

    try:
        await until(is_ready, within_s=90, words=program.words)
        yield found
    finally:
        program.stop()


async def _has_menu(system: System) -> bool:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{system.sandbox}/_sandbox/menu?person=li-na") as answer,
    ):
        return bool((await answer.json(content_type=None))["button"])


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The Chromium of this machine, or the one that WEIBAN_CHROMIUM named when the tests were started."""
    named = _given or next(filter(None, map(shutil.which, _NAMES)), None)
    assert named, "没有找到 Chromium：请安装（Debian：apt-get install chromium），或用 WEIBAN_CHROMIUM 指定"
    # Chromium's own sandbox refuses to run as root.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=named, args=arguments)
        yield started
        await started.close()


# The toolbox of all tests takes every WEIBAN_ name out of the environment, this one before it.
_given = os.environ.get("WEIBAN_CHROMIUM")


@dataclass
class Window:
    """One window on the phone page, and what went wrong in it."""

    page: Page
    system: System
    faults: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("console", self._said)
        self.page.on("pageerror", self._failed)
        self.page.on("request", self._asked)

    def _said(self, message: ConsoleMessage) -> None:
        # A page that breaks its content security policy says so here.
        if message.type in ("error", "warning"):
            self.faults.append(f"{message.type}: {message.text}")

    def _failed(self, error: Error) -> None:
        self.faults.append(f"script: {error}")

    def _asked(self, request: Request) -> None:
        own = (f"{self.system.server}/", f"{self.system.sandbox}/", "data:", "about:")
        if not request.url.startswith(own):
            self.faults.append(f"foreign request: {request.url}")

    async def open(self, *names: str, width: int = 1280, height: int = 900) -> list[Handset]:
        """The phones of these people, side by side as far as the window is wide enough."""
        await self.page.set_viewport_size({"width": width, "height": height})
        await self.page.goto(f"{self.system.sandbox}/#{','.join(names)}")
        return [Handset(self.page, name) for name in names]


@pytest.fixture
async def window(browser: Browser, system: System) -> AsyncIterator[Window]:
    """A fresh window; afterwards nothing was said on its console, and nobody else was asked anything."""
    context = await browser.new_context(
        locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce", viewport=None, no_viewport=True
    )
    context.set_default_timeout(_PATIENCE_MS)
    opened = Window(await context.new_page(), system)
    opened.watch()
    try:
        yield opened
    finally:
        await context.close()
    assert opened.faults == []
