"""A member of staff before a window of their own, signed in by password and one-time code."""

import asyncio
import os
import subprocess
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import pyotp
from playwright.async_api import Page, expect

from app.commands.serve import weiban
from tests.factories.accounts import CHOSEN_PASSWORD

OpenDesk = Callable[..., Awaitable["AtDesk"]]


@dataclass(frozen=True)
class AtDesk:
    """A window of the console; it starts at the desks of whoever signed in."""

    page: Page
    server: str

    async def open(self, path: str) -> None:
        """A page of the console, which must be there."""
        answer = await self.page.goto(f"{self.server}{path}")
        assert answer is not None
        assert answer.status == 200, (path, answer.status)


async def hire(settings: Mapping[str, str], username: str, role: str, *scope: str) -> tuple[str, str]:
    """An account made by the command; answers its one-time password and what its authenticator was given."""
    made = await asyncio.to_thread(
        subprocess.run,
        weiban("staff", "create", username, "--role", role, *scope),
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    told = dict(line.split(maxsplit=1) for line in made.stdout.splitlines() if " " in line)
    return told["一次性密码"], told["动态码设置"]


async def sign_in(page: Page, server: str, username: str, password: str, totp_uri: str) -> AtDesk:
    """The first sign-in, which asks for a password of one's own."""
    totp = pyotp.parse_uri(totp_uri)
    assert isinstance(totp, pyotp.TOTP)
    await page.goto(f"{server}/console/sign-in")
    await page.get_by_label("用户名").fill(username)
    await page.get_by_label("密码", exact=True).fill(password)
    await page.get_by_label("动态口令").fill(totp.now())
    await page.get_by_role("button", name="登录", exact=True).click()
    await page.get_by_label("现在的密码").fill(password)
    await page.get_by_label("新密码", exact=True).fill(CHOSEN_PASSWORD)
    await page.get_by_label("再输一次新密码").fill(CHOSEN_PASSWORD)
    await page.get_by_role("button", name="修改", exact=True).click()
    await expect(page.get_by_role("button", name="退出")).to_be_visible()
    return AtDesk(page, server)
