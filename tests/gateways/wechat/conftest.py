"""A sandbox that plays WeChat, and clients that call it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis

from app.gateways.wechat import WeChat
from app.sandbox.options import Options
from app.sandbox.running import Running, running
from app.sandbox.templates import Line, Template, Templates, registry
from app.sandbox.world import openid_of
from config.settings import Settings, current

_LINES = (Line("办理事项", "thing1"), Line("预约时间", "time2"))


@pytest.fixture
def templates() -> Templates:
    return registry(
        [
            Template("T-BOOKED", "template", "预约成功通知", _LINES),
            Template("S-BOOKED", "subscribe", "预约成功提醒", _LINES),
        ]
    )


@pytest.fixture
async def platform(templates: Templates) -> AsyncIterator[Running]:
    async with running(Options.from_settings(current()), templates) as started:
        yield started


@pytest.fixture
async def valkey(engines: Any) -> AsyncIterator[Redis]:
    client: Redis = Redis.from_url(engines.valkey.url)
    await client.flushdb()
    yield client
    await client.aclose()


@pytest.fixture
def towards(platform: Running) -> Settings:
    """The settings of a server that calls the sandbox; it answers within 300 ms or never."""
    return current().model_copy(update={"wechat_api_base": platform.url, "wechat_timeout_s": 0.3})


@pytest.fixture
async def wechat(towards: Settings) -> AsyncIterator[WeChat]:
    client = WeChat(towards)
    await client.open()
    yield client
    await client.close()


@pytest.fixture
async def follower(platform: Running, wechat: WeChat) -> str:
    """The openid of someone who follows the public account."""
    await platform.sandbox.follow(platform.sandbox.world.person("zhang"))
    return openid_of(wechat.oa.appid, "zhang")


@pytest.fixture
def booked() -> dict[str, str]:
    return {"thing1": "发票领用", "time2": "2026年1月5日 09:00"}
