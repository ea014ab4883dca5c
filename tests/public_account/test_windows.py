"""Whoever writes to an account lets it write back for two days, five times; a click does not."""

import pytest

from app.kit import cache
from notifications import windows
from tests.public_account.conftest import Platform


async def test_a_message_opens_the_window_for_five_answers(platform: Platform) -> None:
    appid, openid = platform.account.appid, platform.openid()
    assert await windows.open_among(appid, [openid]) == set()
    await platform.say("帮助")
    key = f"{windows.PREFIX}{windows.talker_of(appid, openid)}"
    assert 0 < await cache.client().ttl(key) <= windows.LIFE_S
    allowed = [bool(await windows.spend(appid, [openid, "somebody-else"])) for _ in range(windows.MOST + 1)]
    assert allowed == [True] * windows.MOST + [False]
    assert await windows.open_among(appid, [openid]) == set()
    await platform.say("帮助")
    assert await windows.open_among(appid, [openid, "somebody-else"]) == {openid}


async def test_a_push_that_comes_again_opens_no_window_anew(platform: Platform) -> None:
    appid, openid = platform.account.appid, platform.openid()
    said = platform.text("帮助", message_id=77)
    await platform.hear(said)
    await windows.spend(appid, [openid])
    await platform.hear(said)
    key = f"{windows.PREFIX}{windows.talker_of(appid, openid)}"
    assert int(await cache.client().get(key) or 0) == windows.MOST - 1


async def test_a_click_opens_none(platform: Platform) -> None:
    await platform.hear(platform.event("CLICK", key="booking"))
    assert await windows.open_among(platform.account.appid, [platform.openid()]) == set()


async def test_a_window_is_closed_when_wechat_says_so(platform: Platform) -> None:
    await platform.say("帮助")
    await windows.close(platform.account.appid, platform.openid())
    assert await windows.spend(platform.account.appid, [platform.openid()]) == set()


async def test_without_the_cache_every_window_is_closed(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    await platform.say("帮助")

    def gone() -> object:
        raise ConnectionError

    monkeypatch.setattr(cache, "client", gone)
    appid, openid = platform.account.appid, platform.openid()
    assert await windows.open_among(appid, [openid]) == set()
    assert await windows.spend(appid, [openid]) == set()
    await windows.close(appid, openid)
