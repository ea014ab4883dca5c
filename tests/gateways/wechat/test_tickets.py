"""Tickets of the JS-SDK: shared like access tokens, and the signature made with them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from redis.asyncio import Redis

from app.gateways.wechat import WeChat, WeChatRefused, WeChatUnreachable, js_sdk
from config.settings import current
from tests.gateways.wechat.scripted import Scripted, said, scripted

_TICKET = "/cgi-bin/ticket/getticket"


@pytest.fixture
async def platform() -> AsyncIterator[Scripted]:
    async with scripted() as started:
        started.answer(
            _TICKET, *(said(errcode=0, ticket=f"ticket-{n}", expires_in=7200) for n in range(1, 9))
        )
        yield started


async def _opened(stack: AsyncExitStack, platform: Scripted, redis: Redis | None) -> WeChat:
    wechat = WeChat(current().model_copy(update={"wechat_api_base": platform.url}), redis)
    await wechat.open()
    stack.push_async_callback(wechat.close)
    return wechat


async def test_300_cold_callers_cause_one_fetch(platform: Scripted) -> None:
    async with AsyncExitStack() as stack:
        wechat = await _opened(stack, platform, None)
        tickets = await asyncio.gather(*(wechat.oa.jsapi_ticket() for _ in range(300)))
    assert set(tickets) == {"ticket-1"}
    assert len(platform.calls(_TICKET)) == 1
    assert platform.calls(_TICKET)[0].query["type"] == "jsapi"


async def test_processes_that_share_valkey_share_one_ticket(platform: Scripted, valkey: Redis) -> None:
    async with AsyncExitStack() as stack:
        processes = [await _opened(stack, platform, valkey) for _ in range(4)]
        asked = [process.oa.jsapi_ticket() for process in processes for _ in range(25)]
        assert set(await asyncio.gather(*asked)) == {"ticket-1"}
        life_ms = await valkey.pttl(f"weiban:wechat:{processes[0].oa.appid}:jsapi_ticket")
    assert len(platform.calls(_TICKET)) == 1
    assert 6_800_000 < life_ms <= 6_900_000


async def test_tickets_come_from_the_process_when_valkey_is_gone(platform: Scripted) -> None:
    nowhere: Redis = Redis.from_url("unix:///nonexistent/valkey.sock")
    async with AsyncExitStack() as stack:
        wechat = await _opened(stack, platform, nowhere)
        tickets = [await wechat.oa.jsapi_ticket() for _ in range(5)]
        await nowhere.aclose()
    assert set(tickets) == {"ticket-1"}
    assert len(platform.calls(_TICKET)) == 1


async def test_a_card_ticket_is_not_a_page_ticket(platform: Scripted) -> None:
    async with AsyncExitStack() as stack:
        wechat = await _opened(stack, platform, None)
        page, card = await wechat.oa.jsapi_ticket(), await wechat.oa.client.jsapi.get_jsapi_card_ticket()
        assert page != card
        assert await wechat.oa.client.jsapi.get_jsapi_ticket() == page
        signed = await wechat.oa.client.jsapi.get_jsapi_add_card_params("c1", nonce_str="n", timestamp=1)
    assert [one.query["type"] for one in platform.calls(_TICKET)] == ["jsapi", "wx_card"]
    assert len(signed.signature) == 40


async def test_a_refused_ticket_is_told_to_all_and_asked_again_next_time(platform: Scripted) -> None:
    platform.forget(_TICKET)
    platform.answer(_TICKET, said(errcode=45009, errmsg="x rid: 1-2-3"), said(errcode=0))
    async with AsyncExitStack() as stack:
        wechat = await _opened(stack, platform, None)
        results = await asyncio.gather(*(wechat.oa.jsapi_ticket() for _ in range(9)), return_exceptions=True)
        assert all(isinstance(result, WeChatRefused) for result in results)
        with pytest.raises(WeChatUnreachable):
            await wechat.oa.jsapi_ticket()


def test_a_page_is_signed_as_wechat_s_example_says() -> None:
    # The worked example of the platform's JS-SDK guide.
    signed = js_sdk.signed(
        "wx1",
        "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg",
        "http://mp.weixin.qq.com?params=value#part",
        "Wm3WZYTPz0wzccnW",
        1414587457,
    )
    assert signed.signature == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"


async def test_a_page_has_a_new_nonce_each_time(platform: Scripted) -> None:
    async with AsyncExitStack() as stack:
        wechat = await _opened(stack, platform, None)
        one, two = [await wechat.oa.sign_page("https://weiban.example/h5/") for _ in range(2)]
    assert one.nonce_str != two.nonce_str
    assert one.app_id == wechat.oa.appid
