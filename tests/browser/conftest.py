"""The whole system, started once as on somebody's own machine, and a window of a real Chromium before it."""

import itertools
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser, ConsoleMessage, Error, Page, Request, async_playwright, expect

from tests.browser import at_desk
from tests.browser.at_desk import AtDesk, OpenDesk
from tests.browser.handset import Handset
from tests.processes import Program, environment, free_port, until

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_PATIENCE_MS = 15_000

expect.set_options(timeout=_PATIENCE_MS)


@dataclass(frozen=True)
class System:
    """Where the server and the sandbox with its phone page listen, and what its own commands are told."""

    server: str
    sandbox: str
    settings: Mapping[str, str]


@pytest.fixture(scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    """``weiban up`` on free ports, with the demonstration and its menu."""
    home = tmp_path_factory.mktemp("browser")
    port = free_port(2)
    log = home / "up.log"
    # Stories are told at any hour: what is sent to many waits for no morning here.
    told = environment(WEIBAN_QUIET_HOURS="off")
    program = Program.start(log, "up", "--port", str(port), "--data-dir", str(home / "data"), told=told)
    server, sandbox = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}"

    async def is_ready() -> bool:
        assert program.process.poll() is None, program.words()
        return f"ready {server}" in log.read_text() and await _has_menu(sandbox)

    try:
        await until(is_ready, within_s=180, words=program.words)
        yield System(server, sandbox, _settings(home / "data" / "settings.env"))
    finally:
        program.stop()


async def _has_menu(sandbox: str) -> bool:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{sandbox}/_sandbox/menu?person=li-na") as answer,
    ):
        return bool((await answer.json(content_type=None))["button"])


def _settings(file: Path) -> Mapping[str, str]:
    """What ``weiban up`` wrote down for whoever runs a command beside it."""
    lines = (line for line in file.read_text().splitlines() if line and not line.startswith("#"))
    return {name: value.strip("'\"") for name, _, value in (line.partition("=") for line in lines)}


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
    async with opened(browser, system) as window:
        yield window


@pytest.fixture
async def open_desk(browser: Browser, system: System) -> AsyncIterator[OpenDesk]:
    """The desk of a new member of staff in a role, with ``--hall CODE`` or without, in its own window."""
    async with AsyncExitStack() as stack:

        async def open_desk(role: str, *scope: str) -> AtDesk:
            username = f"desk-{next(_numbers)}"
            password, totp_uri = await at_desk.hire(system.settings, username, role, *scope)
            window = await stack.enter_async_context(opened(browser, system))
            return await at_desk.sign_in(window.page, system.server, username, password, totp_uri)

        yield open_desk


_numbers = itertools.count(1)


@asynccontextmanager
async def opened(browser: Browser, system: System, *, has_scripts: bool = True) -> AsyncIterator[Window]:
    """A window with cookies of its own, watched until it is closed."""
    context = await browser.new_context(
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
        viewport=None,
        no_viewport=True,
        java_script_enabled=has_scripts,
    )
    context.set_default_timeout(_PATIENCE_MS)
    found = Window(await context.new_page(), system)
    found.watch()
    try:
        yield found
    finally:
        await context.close()
    assert found.faults == []
