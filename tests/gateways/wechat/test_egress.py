"""The way out: through a proxy, to the second host, and never with a secret in sight."""

import asyncio
import base64
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import SecretStr

from app.gateways.wechat import WeChat, WeChatUnreachable
from config import settings
from config.settings import BadSettings, current
from tests.gateways.wechat.scripted import TOKEN, Answer, Scripted, said, scripted

_SEND = "/cgi-bin/message/template/send"
_SUBSCRIBE = "/cgi-bin/message/subscribe/send"
_NOWHERE = "http://api.wechat.invalid"


@pytest.fixture
async def platform() -> AsyncIterator[Scripted]:
    async with scripted() as started:
        started.answer(_SEND, said(errcode=0, msgid=7))
        yield started


@asynccontextmanager
async def towards(**settings: Any) -> AsyncIterator[WeChat]:
    wechat = WeChat(current().model_copy(update=settings))
    await wechat.open()
    try:
        yield wechat
    finally:
        await wechat.close()


@pytest.fixture
def closed() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


async def test_calls_go_through_the_proxy_with_its_password(platform: Scripted) -> None:
    through = SecretStr(platform.url.replace("http://", "http://weiban:p%40ss@"))
    async with towards(wechat_api_base=_NOWHERE, wechat_proxy=through) as wechat:
        assert await wechat.oa.send_template("o1", "T", {}, client_msg_id="m1") == 7
    login = base64.b64encode(b"weiban:p@ss").decode()
    assert [one.path for one in platform.asked] == [TOKEN, _SEND]
    for one in platform.asked:
        assert one.headers["Host"] == "api.wechat.invalid"
        assert one.headers["Proxy-Authorization"] == f"Basic {login}"


async def test_a_proxy_that_wants_another_password_is_told_without_ours(platform: Scripted) -> None:
    platform.answer(TOKEN, Answer(b"", status=407))
    through = SecretStr(platform.url.replace("http://", "http://weiban:hidden@"))
    async with towards(wechat_api_base=_NOWHERE, wechat_proxy=through) as wechat:
        with pytest.raises(WeChatUnreachable) as refused:
            await wechat.oa.send_template("o1", "T", {}, client_msg_id="m1")
    assert "407" in str(refused.value)
    assert "hidden" not in f"{refused.value!r} {vars(refused.value)} {refused.value.__cause__!r}"


async def test_a_tunnel_that_is_refused_let_nothing_out() -> None:
    asked: list[bytes] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0])
        writer.write(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        through = SecretStr(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        async with towards(wechat_api_base="https://api.wechat.invalid", wechat_proxy=through) as wechat:
            with pytest.raises(WeChatUnreachable) as refused:
                await wechat.mp.send_subscribe("o1", "S", {})
    assert not refused.value.sent_maybe
    assert set(asked) == {b"CONNECT api.wechat.invalid:443 HTTP/1.1"}


async def test_the_second_host_takes_over_when_the_first_cannot_be_connected(
    platform: Scripted, closed: str
) -> None:
    async with towards(wechat_api_base=closed, wechat_api_backup=platform.url) as wechat:
        assert await wechat.oa.send_template("o1", "T", {}, client_msg_id="m1") == 7
        platform.asked.clear()
        # For a while the first host is not even tried.
        assert await wechat.oa.send_template("o1", "T", {}, client_msg_id="m2") == 7
        assert wechat.oa.client._transport.address("/x") == f"{platform.url}/x"
    assert len(platform.asked) == 1


async def test_a_message_of_unknown_fate_does_not_go_to_the_second_host(platform: Scripted) -> None:
    async with (
        scripted() as second,
        towards(wechat_api_base=platform.url, wechat_api_backup=second.url) as wechat,
    ):
        platform.answer(_SUBSCRIBE, Answer(drop=True))
        with pytest.raises(WeChatUnreachable) as lost:
            await wechat.mp.send_subscribe("o1", "S", {})
    assert lost.value.sent_maybe
    assert not second.asked


async def test_the_first_host_has_its_turn_again_when_the_second_fails_too(closed: str) -> None:
    async with towards(wechat_api_base=closed, wechat_api_backup=closed + "/second") as wechat:
        transport = wechat.oa.client._transport
        for expected in (f"{closed}/second/x", f"{closed}/x"):
            with pytest.raises(WeChatUnreachable):
                await transport.send("GET", "/x")
            assert transport.address("/x") == expected


async def test_a_token_goes_to_wechat_only() -> None:
    async with towards(wechat_api_base="https://api.weixin.qq.com") as wechat:
        transport = wechat.oa.client._transport
        assert transport.address("https://iot.weixin.qq.com/x?a=1") == "https://iot.weixin.qq.com/x?a=1"
        for elsewhere in ("https://example.com/x", "https://weixin.qq.com.example.com/x"):
            with pytest.raises(ValueError):
                transport.address(elsewhere)


async def test_in_front_of_a_stand_in_no_host_of_wechat_s_is_called(platform: Scripted) -> None:
    async with towards(wechat_api_base=platform.url) as wechat:
        transport = wechat.oa.client._transport
        assert transport.address("https://iot.weixin.qq.com/x?a=1") == f"{platform.url}/x?a=1"


def _faults(monkeypatch: pytest.MonkeyPatch, **variables: str) -> str:
    for name, value in variables.items():
        monkeypatch.setenv(f"WEIBAN_{name.upper()}", value)
    with pytest.raises(BadSettings) as refused:
        settings.read()
    return str(refused.value)


@pytest.mark.parametrize("proxy", ["socks5://weiban:hidden@proxy:1080", "weiban:hidden@proxy", "http://"])
def test_a_proxy_that_is_none_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    told = _faults(monkeypatch, wechat_proxy=proxy)
    assert "WEIBAN_WECHAT_PROXY: 应为 http:// 或 https:// 开头的网址" in told
    assert "hidden" not in told


def test_in_production_the_second_host_speaks_https(monkeypatch: pytest.MonkeyPatch) -> None:
    told = _faults(monkeypatch, env="production", wechat_api_backup="http://api2.weixin.qq.com")
    assert "WEIBAN_WECHAT_API_BACKUP: 生产环境必须使用 https://" in told
