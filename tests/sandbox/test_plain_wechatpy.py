"""An independent client: plain wechatpy, synchronous and unmodified but for its host."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from wechatpy import WeChatClient, WeChatClientException, WeChatOAuth, parse_message
from wechatpy.crypto import WeChatCrypto

from app.sandbox.options import Options
from app.sandbox.running import Running
from app.sandbox.world import openid_of, unionid_of

_REAL_HOSTS = ("https://api.weixin.qq.com", "https://open.weixin.qq.com")
_TARGET = "http://127.0.0.1:8000/h5/authorized"


@pytest.fixture
def options(options: Options) -> Options:
    return replace(options, followers_per_page=2)


@pytest.fixture(autouse=True)
def _pointed_here(platform: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every request of the library goes to the sandbox instead of WeChat."""
    request = requests.Session.request

    def here(session: requests.Session, method: str, url: str, **more: Any) -> requests.Response:
        for host in _REAL_HOSTS:
            url = url.replace(host, platform.url)
        return request(session, method, url, **more)

    monkeypatch.setattr(requests.Session, "request", here)


@pytest.fixture
def client(options: Options) -> Iterator[WeChatClient]:
    found = WeChatClient(options.oa.appid, options.oa.secret)
    yield found
    found._http.close()


@pytest.fixture
def program(options: Options) -> Iterator[WeChatClient]:
    found = WeChatClient(options.mp.appid, options.mp.secret)
    yield found
    found._http.close()


def _refused(call: Any, *args: Any) -> int:
    with pytest.raises(WeChatClientException) as refusal:
        call(*args)
    return int(refusal.value.errcode)


def _messages(client: WeChatClient, openid: str) -> int:
    data = {"thing1": {"value": "发票领用"}, "time2": {"value": "09:00"}}
    assert client.user.get(openid)["subscribe"] == 1
    sent = client.message.send_template(openid, "T-BOOKED", data)
    too_long = {**data, "thing1": {"value": "长" * 21}}
    assert _refused(client.message.send_template, openid, "T-BOOKED", too_long) == 47003
    client.message.send_text(openid, "您好")
    client.message.send_articles(openid, [{"title": "指南", "description": "", "url": "https://a.cn"}])
    client.message.send_text(openid, "再见")
    assert _refused(client.message.send_text, openid, "太多") == 45047
    return int(sent["msgid"])


async def test_it_reads_a_follower_and_sends(talk: Any, client: WeChatClient, options: Options) -> None:
    await talk.tap("follow")
    msgid = await asyncio.to_thread(_messages, client, openid_of(options.oa.appid, "zhang"))
    kinds = [message["kind"] for message in await talk.messages()]
    assert kinds == ["template", "text", "news", "text"]
    assert (await talk.messages())[0]["msgid"] == msgid


def _menus(client: WeChatClient, openid: str) -> None:
    assert client.menu.get() is None
    client.menu.create({"button": [{"type": "click", "name": "预约", "key": "booking"}]})
    assert client.menu.get()["menu"]["button"][0]["name"] == "预约"
    tag = client.tag.create("企业")
    client.tag.tag_user(tag["id"], openid)
    assert client.tag.get_user_tag(openid) == [tag["id"]]
    rule = {"tag_id": str(tag["id"])}
    added = client.menu.add_conditional(
        {"button": [{"type": "click", "name": "企业", "key": "e"}], "matchrule": rule}
    )
    assert client.menu.try_match(openid)["button"][0]["key"] == "e"
    client.menu.del_conditional(added["menuid"])
    assert client.menu.try_match(openid)["button"][0]["key"] == "booking"
    client.menu.delete()
    assert client.menu.get() is None
    client.tag.untag_user(tag["id"], openid)
    client.tag.delete(tag["id"])


async def test_it_keeps_menus_and_tags(talk: Any, client: WeChatClient, options: Options) -> None:
    await talk.tap("follow")
    await asyncio.to_thread(_menus, client, openid_of(options.oa.appid, "zhang"))


async def test_it_lists_followers_page_by_page(talk: Any, client: WeChatClient, options: Options) -> None:
    names = ["a", "b", "c", "d", "e"]
    for name in names:
        await talk.tap("follow", name)
    found = await asyncio.to_thread(lambda: list(client.user.iter_followers()))
    assert sorted(found) == sorted(openid_of(options.oa.appid, name) for name in names)
    assert (await talk.ask("GET", "/_sandbox/calls"))["/cgi-bin/user/get"] == 4


def _library(client: WeChatClient) -> dict[str, Any]:
    code = client.qrcode.create(
        {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "poster"}}}
    )
    template_id = client.template.get("43216")
    own = [one["template_id"] for one in client.template.get_all_private_template()["template_list"]]
    ticket = client.jsapi.get_jsapi_ticket()
    client.template.del_private_template(template_id)
    return {"code": code, "is_added": template_id in own, "ticket": ticket}


async def test_it_makes_codes_adds_templates_and_gets_tickets(talk: Any, client: WeChatClient) -> None:
    done = await asyncio.to_thread(_library, client)
    (listed,) = (await talk.ask("GET", "/_sandbox/codes"))["items"]
    assert listed["ticket"] == done["code"]["ticket"]
    assert done["is_added"]
    assert len(done["ticket"]) > 40


async def test_it_signs_people_in_to_the_mini_program(program: WeChatClient, options: Options) -> None:
    session = await asyncio.to_thread(program.wxa.code_to_session, "sandbox-zhang")
    assert (session["openid"], session["unionid"]) == (
        openid_of(options.mp.appid, "zhang"),
        unionid_of("zhang"),
    )
    number = await asyncio.to_thread(program.wxa.get_phone_number, "phone-zhang")
    assert number["phone_info"]["purePhoneNumber"].startswith("138")
    picture = await asyncio.to_thread(program.wxa.get_wxa_code_unlimited, "Ab3", page="pages/index/index")
    assert picture.content.startswith(b"\x89PNG")


def _authorised(options: Options, platform: Running) -> tuple[dict[str, Any], dict[str, Any]]:
    oauth = WeChatOAuth(options.oa.appid, options.oa.secret, _TARGET, "snsapi_userinfo", "abc")
    address = oauth.authorize_url.replace(_REAL_HOSTS[1], platform.url).partition("#")[0]
    answered = requests.get(
        f"{address}&sandbox_person=zhang&sandbox_answer=allow", allow_redirects=False, timeout=5
    )
    query = parse_qs(urlsplit(answered.headers["Location"]).query)
    assert query["state"] == ["abc"]
    grant = oauth.fetch_access_token(query["code"][0])
    assert oauth.check_access_token()
    info = oauth.get_user_info()
    oauth.refresh_access_token(grant["refresh_token"])
    oauth._http.close()
    return grant, info


async def test_it_learns_who_visits_a_web_page(platform: Running, options: Options) -> None:
    grant, info = await asyncio.to_thread(_authorised, options, platform)
    assert grant["openid"] == openid_of(options.oa.appid, "zhang")
    assert (info["nickname"], info["unionid"]) == ("zhang", unionid_of("zhang"))


async def test_it_opens_and_reads_every_push(talk: Any, ours: Any, options: Options) -> None:
    crypto = WeChatCrypto(options.oa.token, options.oa.aes_key, options.oa.appid)
    taps: list[tuple[str, dict[str, Any], str]] = [
        ("scan", {"scene": "hall-7"}, "subscribe_scan"),
        ("menu", {"key": "booking"}, "click"),
        ("menu", {"key": "https://example.gov.cn/"}, "view"),
        ("scan", {"scene": "hall-8"}, "scan"),
        ("position", {"latitude": 31.2, "longitude": 121.5}, "location"),
        ("unfollow", {}, "unsubscribe"),
        ("text", {"text": "预约 ]]> <b>"}, "text"),
        ("image", {}, "image"),
        ("voice", {"text": "预约"}, "voice"),
        ("location", {"latitude": 31.2, "longitude": 121.5, "label": "大厅"}, "location"),
    ]
    for kind, more, _ in taps:
        await talk.tap(kind, **more)
    seen = []
    for _, query, body in ours.got:
        plain = crypto.decrypt_message(body, query["msg_signature"], query["timestamp"], query["nonce"])
        message = parse_message(plain)
        assert message.source == query["openid"] == openid_of(options.oa.appid, "zhang")
        seen.append(message.event if message.type == "event" else message.type)
    assert seen == [expected for _, _, expected in taps]
