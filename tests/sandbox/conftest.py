"""A running sandbox, a bare HTTP client, and a server that takes its pushes."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from app.sandbox.options import Options
from app.sandbox.running import Running, running
from app.sandbox.templates import Line, Template, Templates, registry
from app.sandbox.world import openid_of
from config.settings import current

TestServer.__test__ = False

_LINES = (Line("办理事项", "thing1"), Line("预约时间", "time2"))


@pytest.fixture
def templates() -> Templates:
    return registry(
        [
            Template("T-BOOKED", "template", "预约成功通知", _LINES),
            Template("S-BOOKED", "subscribe", "预约成功提醒", _LINES),
            Template("S-LONG", "subscribe", "办理进度通知", _LINES, long_term=True),
        ]
    )


@dataclass
class Ours:
    """Our server as the platform sees it: what it was pushed, and what it answers."""

    url: str = ""
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    answers: list[tuple[int, bytes]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((request.path, dict(request.query), await request.read()))
        status, body = self.answers.pop(0) if self.answers else (200, b"success")
        return web.Response(status=status, body=body)


@pytest.fixture
async def ours() -> AsyncIterator[Ours]:
    server = Ours()
    application = web.Application()
    application.router.add_route("*", "/{rest:.*}", server.take)
    async with TestServer(application) as started:
        server.url = str(started.make_url("")).rstrip("/")
        yield server


@pytest.fixture
def options(ours: Ours) -> Options:
    return replace(Options.from_settings(current()), callback=ours.url, retry_s=0.05)


@pytest.fixture
async def platform(options: Options, templates: Templates) -> AsyncIterator[Running]:
    async with running(options, templates) as started:
        yield started


Ask = Callable[..., Awaitable[Any]]


@pytest.fixture
async def ask(platform: Running) -> AsyncIterator[Ask]:
    """One bare HTTP call to the sandbox; gives its JSON."""
    async with aiohttp.ClientSession(platform.url) as session:

        async def call(method: str, path: str, *, expect: int = 200, **options: Any) -> Any:
            async with session.request(method, path, **options) as answer:
                assert answer.status == expect, await answer.text()
                return await answer.json(content_type=None)

        yield call


@dataclass
class Talk:
    """Calls of one of our accounts, with its token."""

    ask: Ask
    options: Options

    async def token(self, account: str = "oa", *, force: bool = False) -> dict[str, Any]:
        chosen = self.options.oa if account == "oa" else self.options.mp
        body = {"grant_type": "client_credential", "appid": chosen.appid, "secret": chosen.secret}
        answer: dict[str, Any] = await self.ask(
            "POST", "/cgi-bin/stable_token", json={**body, "force_refresh": force}
        )
        return answer

    async def template(self, openid: str | None = None, **changes: Any) -> dict[str, Any]:
        """Send a template message to zhang, something in it changed."""
        body = {
            "touser": openid or openid_of(self.options.oa.appid, "zhang"),
            "template_id": "T-BOOKED",
            "data": {"thing1": {"value": "发票领用"}, "time2": {"value": "2026年1月5日 09:00"}},
            **changes,
        }
        return await self._post("/cgi-bin/message/template/send", "oa", body)

    async def subscribe(self, **changes: Any) -> dict[str, Any]:
        """Send a subscribe message to zhang, something in it changed."""
        body = {
            "touser": openid_of(self.options.mp.appid, "zhang"),
            "template_id": "S-BOOKED",
            "data": {"thing1": {"value": "发票领用"}, "time2": {"value": "2026年1月5日 09:00"}},
            **changes,
        }
        return await self._post("/cgi-bin/message/subscribe/send", "mp", body)

    async def login(self, code: str) -> dict[str, Any]:
        mp = self.options.mp
        params = {"appid": mp.appid, "secret": mp.secret, "js_code": code, "grant_type": "authorization_code"}
        answer: dict[str, Any] = await self.ask("GET", "/sns/jscode2session", params=params)
        return answer

    async def tap(self, kind: str, person: str = "zhang", **more: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await self.ask(
            "POST", "/_sandbox/tap", json={"person": person, "kind": kind, **more}
        )
        return answer

    async def messages(self, person: str = "zhang") -> list[dict[str, Any]]:
        answer = await self.ask("GET", "/_sandbox/messages", params={"person": person})
        items: list[dict[str, Any]] = answer["items"]
        return items

    async def _post(self, path: str, account: str, body: dict[str, Any]) -> dict[str, Any]:
        params = {"access_token": (await self.token(account))["access_token"]}
        answer: dict[str, Any] = await self.ask("POST", path, params=params, json=body)
        return answer


@pytest.fixture
def talk(ask: Ask, options: Options) -> Talk:
    return Talk(ask, options)
