"""Several accounts in one sandbox: each has its own openids, followers, tokens, menus and address."""

from dataclasses import replace
from typing import Any

import pytest

from app.gateways.wechat import parse
from app.gateways.wechat.accounts import Account
from app.gateways.wechat.envelope import Envelope
from app.sandbox.options import Options
from app.sandbox.world import openid_of

_APPID = "wx0secondoa0000001"


@pytest.fixture
def options(ours: Any, options: Options) -> Options:
    account = replace(options.oa, appid=_APPID, secret="another secret", token="anotherToken")
    return replace(options, more=(("oa", account),))


async def _token(talk: Any, account: Account) -> str:
    body = {"grant_type": "client_credential", "appid": account.appid, "secret": account.secret}
    return str((await talk.ask("POST", "/cgi-bin/stable_token", json=body))["access_token"])


async def test_following_one_account_is_not_following_the_other(
    talk: Any, options: Options, ours: Any
) -> None:
    second = options.named(_APPID)
    answer = await talk.tap("follow", account=_APPID)
    assert (answer["person"]["following"], answer["person"]["follows"]) == (None, [_APPID])
    path, query, body = ours.got[-1]
    event = parse(Envelope(second).open(body, query).message)
    assert path == f"/wechat/oa/{_APPID}"
    assert event.openid == openid_of(_APPID, "zhang")
    assert event.account == options.original_id(second) != options.original_id(options.oa)
    token = await _token(talk, second)
    for openid, errcode in ((event.openid, None), (openid_of(options.oa.appid, "zhang"), 40003)):
        params = {"access_token": token, "openid": openid}
        assert (await talk.ask("GET", "/cgi-bin/user/info", params=params)).get("errcode") == errcode
    assert (await talk.template())["errcode"] == 43004


async def test_menus_and_tags_belong_to_one_account(talk: Any, options: Options) -> None:
    menu = {"button": [{"type": "click", "name": "x", "key": "main"}]}
    await talk.call("/cgi-bin/menu/create", menu)
    await talk.call("/cgi-bin/tags/create", {"tag": {"name": "企业"}})
    params = {"access_token": await _token(talk, options.named(_APPID))}
    assert (await talk.ask("GET", "/cgi-bin/menu/get", params=params))["errcode"] == 46003
    assert len((await talk.ask("GET", "/cgi-bin/tags/get", params=params))["tags"]) == 1
    asked = {"person": "zhang", "account": _APPID}
    assert await talk.ask("GET", "/_sandbox/menu", params=asked) == {"button": []}


async def test_a_code_for_one_account_is_none_for_another(talk: Any, options: Options) -> None:
    asked = {"grant_type": "authorization_code", "js_code": "sandbox-zhang"}
    second = options.named(_APPID)
    params = {**asked, "appid": _APPID, "secret": second.secret}
    assert (await talk.ask("GET", "/sns/jscode2session", params=params))["errcode"] == 40013
