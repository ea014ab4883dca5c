"""Access tokens of the sandbox behave like the platform's."""

from datetime import timedelta
from typing import Any

import pytest

from app.kit import clock
from app.sandbox.options import Options
from app.sandbox.running import Running

_INFO = "/cgi-bin/user/info"


async def test_normal_mode_gives_the_same_token_until_five_minutes_before_its_end(talk: Any) -> None:
    start = clock.now()
    with clock.frozen(start):
        first = await talk.token()
    assert first["expires_in"] == 7200
    with clock.frozen(start + timedelta(seconds=6800)):
        assert await talk.token() == {"access_token": first["access_token"], "expires_in": 400}
    with clock.frozen(start + timedelta(seconds=6901)):
        second = await talk.token()
        assert second["access_token"] != first["access_token"]
        # Both live in the overlap.
        for token in (first, second):
            params = {"access_token": token["access_token"], "openid": "nobody"}
            assert (await talk.ask("GET", _INFO, params=params))["errcode"] == 40003
    with clock.frozen(start + timedelta(seconds=7201)):
        params = {"access_token": first["access_token"], "openid": "nobody"}
        assert (await talk.ask("GET", _INFO, params=params))["errcode"] == 42001


async def test_force_rotates_at_once_and_is_limited(talk: Any) -> None:
    start = clock.now().replace(hour=8)
    with clock.frozen(start):
        first = await talk.token()
        forced = await talk.token(force=True)
        assert forced["access_token"] != first["access_token"]
        params = {"access_token": first["access_token"], "openid": "nobody"}
        assert (await talk.ask("GET", _INFO, params=params))["errcode"] == 40001
        assert (await talk.token(force=True))["errcode"] == 45011
    for turn in range(1, 20):
        with clock.frozen(start + timedelta(seconds=31 * turn)):
            assert "access_token" in await talk.token(force=True)
    with clock.frozen(start + timedelta(seconds=31 * 20)):
        assert (await talk.token(force=True))["errcode"] == 45009


async def test_the_plain_token_rotates_with_each_call_and_leaves_stable_ones_alone(
    talk: Any, options: Options
) -> None:
    stable = await talk.token()
    params = {"grant_type": "client_credential", "appid": options.oa.appid, "secret": options.oa.secret}
    start = clock.now()
    tokens = [(await talk.ask("GET", "/cgi-bin/token", params=params))["access_token"] for _ in range(2)]
    assert len({*tokens, stable["access_token"]}) == 3
    assert (await talk.token())["access_token"] == stable["access_token"]
    for seconds, errcode in ((290, 40003), (310, 42001)):
        with clock.frozen(start + timedelta(seconds=seconds)):
            asked = {"access_token": tokens[0], "openid": "nobody"}
            assert (await talk.ask("GET", _INFO, params=asked))["errcode"] == errcode


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"grant_type": "x"}, 40002),
        ({"appid": None}, 41002),
        ({"secret": None}, 41004),
        ({"appid": "wx0000000000000000"}, 40013),
        ({"secret": "wrong"}, 40125),
        ({"force_refresh": "yes"}, 47001),
    ],
)
async def test_a_wrong_request_for_a_token_is_named(
    talk: Any, options: Options, changes: dict[str, Any], errcode: int
) -> None:
    body = {"grant_type": "client_credential", "appid": options.oa.appid, "secret": options.oa.secret}
    answer = await talk.ask("POST", "/cgi-bin/stable_token", json={**body, **changes})
    assert answer["errcode"] == errcode
    assert "rid: " in answer["errmsg"]


async def test_calls_need_a_live_token_of_the_right_account(talk: Any) -> None:
    other = (await talk.token("mp"))["access_token"]
    for token, errcode in (
        ({}, 41001),
        ({"access_token": "made up"}, 40001),
        ({"access_token": other}, 48001),
    ):
        assert (await talk.ask("GET", _INFO, params={**token, "openid": "o"}))["errcode"] == errcode


async def test_methods_bodies_and_paths_are_checked(talk: Any, platform: Running) -> None:
    assert (await talk.ask("GET", "/cgi-bin/stable_token"))["errcode"] == 43002
    assert (await talk.ask("POST", "/cgi-bin/token"))["errcode"] == 43001
    assert (await talk.ask("POST", "/cgi-bin/stable_token", data=b"{"))["errcode"] == 47001
    assert (await talk.ask("POST", "/cgi-bin/stable_token", data=b"[]"))["errcode"] == 47001
    assert (await talk.ask("POST", "/cgi-bin/no/such/thing"))["errcode"] == 40066
    assert platform.sandbox.calls["/cgi-bin/no/such/thing"] == 1
