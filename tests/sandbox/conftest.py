"""A running sandbox, a bare HTTP client, and a server that takes its pushes."""

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from app.gateways.wechat.envelope import Envelope
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


def sealed_reply(options: Options, inside: str, *, person: str = "zhang") -> tuple[int, bytes]:
    """An answer of our server to the public account's person: the elements inside, addressed and sealed."""
    sender, receiver = options.original_id(options.oa), openid_of(options.oa.appid, person)
    head = f"<ToUserName>{receiver}</ToUserName><FromUserName>{sender}</FromUserName>"
    reply = f"<xml>{head}<CreateTime>1</CreateTime>{inside}</xml>"
    return 200, Envelope(options.oa).seal(reply.encode(), nonce="n")


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

    async def call(self, path: str, body: Any = None, account: str = "oa", **params: Any) -> Any:
        """Call the platform with a token: POST with a body, GET without one."""
        params["access_token"] = (await self.token(account))["access_token"]
        if body is None:
            return await self.ask("GET", path, params=params)
        # Not aiohttp's own JSON, since the platform refuses menus with escapes.
        return await self.ask("POST", path, params=params, data=orjson.dumps(body))

    async def upload(self, kind: str = "image", content: bytes = b"\x89PNG\r\n\x1a\n1") -> dict[str, Any]:
        """Upload temporary media of the public account."""
        params = {"access_token": (await self.token())["access_token"], "type": kind}
        form = aiohttp.FormData()
        form.add_field("media", io.BytesIO(content), filename="media")
        answer: dict[str, Any] = await self.ask("POST", "/cgi-bin/media/upload", params=params, data=form)
        return answer

    async def template(self, openid: str | None = None, **changes: Any) -> dict[str, Any]:
        """Send a template message to zhang, something in it changed."""
        body = {
            "touser": openid or openid_of(self.options.oa.appid, "zhang"),
            "template_id": "T-BOOKED",
            "data": {"thing1": {"value": "发票领用"}, "time2": {"value": "2026年1月5日 09:00"}},
            **changes,
        }
        answer: dict[str, Any] = await self.call("/cgi-bin/message/template/send", body)
        return answer

    async def subscribe(self, **changes: Any) -> dict[str, Any]:
        """Send a subscribe message to zhang, something in it changed."""
        body = {
            "touser": openid_of(self.options.mp.appid, "zhang"),
            "template_id": "S-BOOKED",
            "data": {"thing1": {"value": "发票领用"}, "time2": {"value": "2026年1月5日 09:00"}},
            **changes,
        }
        answer: dict[str, Any] = await self.call("/cgi-bin/message/subscribe/send", body, "mp")
        return answer

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


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for what happens in the sandbox's own time."""
    async with asyncio.timeout(5):
        while not is_so():  # noqa: ASYNC110  The sandbox's pushes signal nobody.
            await asyncio.sleep(0.01)


@pytest.fixture
def talk(ask: Ask, options: Options) -> Talk:
    return Talk(ask, options)
