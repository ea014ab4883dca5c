"""Template messages through our client, against a bare aiohttp loop that posts the same bodies."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count

import aiohttp
import orjson

from app.gateways.wechat import WeChat
from config.settings import Settings
from tests.bench.contest import Contestant
from tests.bench.servers import Site, free_port

CONCURRENCY = 64

_PATH = "/cgi-bin/message/template/send"
_TEMPLATE = "ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY"
_URL = "https://weiban.example/h5/appointments/0198d0c5-7c3e-7bd2-9a2e-5f1f6a1c2b3d"
_DATA = {
    "thing1": "发票领用",
    "time2": "2026年1月5日 09:00",
    "thing3": "市政务服务中心办税服务厅",
    "character_string4": "26010512",
}


@asynccontextmanager
async def pushers(site: Site) -> AsyncIterator[tuple[Contestant, Contestant]]:
    """Our client and the bare loop, both in front of the same server in a process of its own."""
    port = free_port()
    await site.serve("push", port, "tests.bench.push_platform", str(port), environment={})
    base = f"http://127.0.0.1:{port}"
    wechat = WeChat(_settings(base))
    await wechat.open()
    connector = aiohttp.TCPConnector(limit=CONCURRENCY)
    async with aiohttp.ClientSession(connector=connector) as bare:
        try:
            yield as_contestant(_ours(wechat)), as_contestant(_bare(bare, base))
        finally:
            await wechat.close()


def _settings(base: str) -> Settings:
    keys = dict.fromkeys(("secret_key", "pii_key"), "a key for benchmarks, at least 32 characters")
    return Settings.model_validate({"env": "local", "wechat_api_base": base, **keys})


def _ours(wechat: WeChat) -> Callable[[str], Awaitable[None]]:
    async def send(number: str) -> None:
        await wechat.oa.send_template(f"o{number}", _TEMPLATE, _DATA, client_msg_id=number, url=_URL)

    return send


def _bare(session: aiohttp.ClientSession, base: str) -> Callable[[str], Awaitable[None]]:
    address = f"{base}{_PATH}?access_token={'a' * 136}"
    headers = {"Content-Type": "application/json; charset=utf-8"}
    data = {name: {"value": value} for name, value in _DATA.items()}

    async def send(number: str) -> None:
        message = {"touser": f"o{number}", "template_id": _TEMPLATE, "url": _URL, "client_msg_id": number}
        body = orjson.dumps(message | {"data": data})
        async with session.post(address, data=body, headers=headers) as answer:
            await answer.read()

    return send


def as_contestant(send: Callable[[str], Awaitable[None]]) -> Contestant:
    """Keeps ``CONCURRENCY`` calls of ``send`` under way; each is told a number of its own."""
    numbers = count()

    async def keep_sending(until: float) -> int:
        sent = 0
        while time.perf_counter() < until:
            await send(f"{next(numbers):032d}")
            sent += 1
        return sent

    async def work(seconds: float) -> float:
        started = time.perf_counter()
        done = await asyncio.gather(*(keep_sending(started + seconds) for _ in range(CONCURRENCY)))
        return sum(done) / (time.perf_counter() - started)

    return work
