"""Access tokens: one fetch for everybody, one refresh for a refused one."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from app.gateways.wechat import ErrorClass, WeChat, WeChatRefused
from app.kit import clock
from app.sandbox.running import Running
from config.logging import masked
from config.settings import Settings

_FETCH = "/cgi-bin/stable_token"


async def _opened(stack: AsyncExitStack, settings: Settings, redis: Redis | None) -> WeChat:
    client = WeChat(settings, redis)
    await client.open()
    stack.push_async_callback(client.close)
    return client


async def test_300_cold_callers_cause_one_fetch(platform: Running, wechat: WeChat) -> None:
    tokens = await asyncio.gather(*(wechat.oa.client.tokens.get() for _ in range(300)))
    assert len(set(tokens)) == 1
    assert platform.sandbox.calls[_FETCH] == 1


async def test_processes_that_share_valkey_share_one_fetch(
    platform: Running, towards: Settings, valkey: Redis
) -> None:
    async with AsyncExitStack() as stack:
        clients = [await _opened(stack, towards, valkey) for _ in range(4)]
        calls = [client.oa.client.tokens.get() for client in clients for _ in range(25)]
        assert len(set(await asyncio.gather(*calls))) == 1
    assert platform.sandbox.calls[_FETCH] == 1


async def test_accounts_have_their_own_tokens(wechat: WeChat) -> None:
    assert await wechat.oa.client.tokens.get() != await wechat.mp.client.tokens.get()


async def test_300_refused_calls_cause_one_refresh(
    platform: Running, towards: Settings, valkey: Redis, follower: str
) -> None:
    async with AsyncExitStack() as stack:
        clients = [await _opened(stack, towards, valkey) for _ in range(3)]
        for client in clients:
            await client.oa.client.tokens.get()
        platform.sandbox.tokens.stable(clients[0].oa.appid, force=True)
        answers = await asyncio.gather(*(c.oa.client.user.get(follower) for c in clients for _ in range(100)))
    assert all(answer["subscribe"] == 1 for answer in answers)
    # One for the first token and one for the token after it; the forced one above was not fetched by us.
    assert platform.sandbox.calls[_FETCH] == 2


async def test_a_token_that_comes_back_refused_is_forced_once(platform: Running, wechat: WeChat) -> None:
    tokens = wechat.oa.client.tokens
    first = await tokens.get()
    await tokens.invalidate(first)
    second = await tokens.get()
    assert second != first
    await tokens.invalidate(second)
    # WeChat allows one forced token in 30 seconds, so this time the same one comes back.
    assert await tokens.get() == second
    assert platform.sandbox.calls[_FETCH] == 4


async def test_a_forced_token_denied_leaves_the_one_there_is(platform: Running, wechat: WeChat) -> None:
    tokens = wechat.oa.client.tokens
    # Somebody else has just forced one, and WeChat denies ours (45011).
    platform.sandbox.tokens.stable(wechat.oa.appid, force=True)
    current = await tokens.get()
    await tokens.invalidate(current)
    assert await tokens.get() == current
    assert platform.sandbox.calls[_FETCH] == 3


async def test_no_token_shows_in_anything_that_holds_one(wechat: WeChat) -> None:
    tokens = wechat.oa.client.tokens
    token = await tokens.get()
    assert token not in "".join(map(repr, (tokens, *vars(tokens).values())))


async def test_a_late_refusal_of_an_old_token_refreshes_nothing(platform: Running, wechat: WeChat) -> None:
    current = await wechat.oa.client.tokens.get()
    await wechat.oa.client.tokens.invalidate("an older token")
    assert await wechat.oa.client.tokens.get() == current
    assert platform.sandbox.calls[_FETCH] == 1


async def test_tokens_come_from_the_process_when_valkey_is_gone(
    platform: Running, towards: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere: Redis = Redis.from_url("unix:///nonexistent/valkey.sock")
    async with AsyncExitStack() as stack:
        client = await _opened(stack, towards, nowhere)
        tokens = await asyncio.gather(*(client.oa.client.tokens.get() for _ in range(50)))
        assert len(set(tokens)) == 1
        assert platform.sandbox.calls[_FETCH] == 1
        await client.oa.client.tokens.invalidate(tokens[0])
        assert await client.oa.client.tokens.get() != tokens[0]
        await nowhere.aclose()
    # The log masks what follows the name of a secret; why Valkey is gone must not stand there.
    assert "ConnectionError" in masked(caplog.text)


async def test_a_shared_token_ends_before_wechat_ends_it(
    platform: Running, towards: Settings, valkey: Redis
) -> None:
    async with AsyncExitStack() as stack:
        client = await _opened(stack, towards, valkey)
        await client.oa.client.tokens.get()
        life_ms = await valkey.pttl(f"weiban:wechat:{client.oa.appid}:access_token")
        assert 6_800_000 < life_ms <= 6_900_000
        with clock.frozen(clock.now() + timedelta(seconds=6901)):
            assert platform.sandbox.tokens.stable(client.oa.appid, force=False)[1] == 7200


async def test_a_wrong_secret_is_for_the_operator_and_shared_by_all_callers(
    platform: Running, towards: Settings
) -> None:
    async with AsyncExitStack() as stack:
        wrong = towards.model_copy(update={"oa_secret": towards.mp_secret})
        client = await _opened(stack, wrong, None)
        results = await asyncio.gather(
            *(client.oa.client.tokens.get() for _ in range(20)), return_exceptions=True
        )
    assert all(isinstance(result, WeChatRefused) for result in results)
    refusal = results[0]
    assert isinstance(refusal, WeChatRefused)
    assert (refusal.errcode, refusal.error_class) == (40125, ErrorClass.OPERATOR)
    assert platform.sandbox.calls[_FETCH] == 1


async def test_one_caller_giving_up_leaves_the_fetch_to_the_others(platform: Running, wechat: WeChat) -> None:
    platform.sandbox.faults.order({"path": _FETCH, "delay_s": 0.1})
    hasty = asyncio.create_task(wechat.oa.client.tokens.get())
    patient = asyncio.create_task(wechat.oa.client.tokens.get())
    await asyncio.sleep(0.02)
    hasty.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hasty
    assert await patient
    assert platform.sandbox.calls[_FETCH] == 1
