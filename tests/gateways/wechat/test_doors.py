"""The doors of the facade: what each sends, what it reads, and what it makes of a stranger's answer."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from app.gateways.wechat import (
    AccountTemplate,
    AskedTooOften,
    CodeInvalid,
    Follower,
    Quota,
    SceneCode,
    Tag,
    TextVerdict,
    WeChat,
    WeChatDown,
    WeChatUnreachable,
)
from app.gateways.wechat import client as client_module
from app.kit.errors import Fault
from config.settings import current
from tests.gateways.wechat.scripted import TOKEN, Answer, Scripted, said, scripted


@pytest.fixture
async def platform() -> AsyncIterator[Scripted]:
    async with scripted() as started:
        yield started


@pytest.fixture
async def wechat(platform: Scripted, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WeChat]:
    monkeypatch.setattr(client_module, "_PAUSE_S", 0.0)
    official = {"wechat_open_base": "https://open.weixin.qq.com", "wechat_api_base": platform.url}
    opened = WeChat(current().model_copy(update=official))
    await opened.open()
    yield opened
    await opened.close()


def sent(platform: Scripted, path: str) -> Any:
    """The body of the only call of a path."""
    (asked,) = platform.calls(path)
    return json.loads(asked.body)


# People ---------------------------------------------------------------------------------------


async def test_a_follower_has_a_unionid_and_tags(platform: Scripted, wechat: WeChat) -> None:
    platform.answer("/cgi-bin/user/info", said(openid="o1", subscribe=1, unionid="u1", tagid_list=[2, 5]))
    assert await wechat.oa.profile("o1") == Follower("o1", is_follower=True, unionid="u1", tag_ids=(2, 5))


async def test_of_a_stranger_only_that_is_known(platform: Scripted, wechat: WeChat) -> None:
    platform.answer("/cgi-bin/user/info", said(openid="o1", subscribe=0))
    assert await wechat.oa.profile("o1") == Follower("o1", is_follower=False, unionid=None, tag_ids=())


async def test_followers_come_one_by_one(platform: Scripted, wechat: WeChat) -> None:
    pages = said(data={"openid": ["o1", "o2"]}, next_openid="o2"), said(next_openid="")
    platform.answer("/cgi-bin/user/get", *pages)
    assert [openid async for openid in wechat.oa.followers()] == ["o1", "o2"]


async def test_tags_are_listed_made_and_put_on_people(platform: Scripted, wechat: WeChat) -> None:
    platform.answer("/cgi-bin/tags/get", said(tags=[{"id": 2, "name": "星标组", "count": 0}]))
    platform.answer("/cgi-bin/tags/create", said(tag={"id": 134, "name": "办税人员"}))
    assert await wechat.oa.tags() == (Tag(2, "星标组", 0),)
    assert await wechat.oa.create_tag("办税人员") == 134
    await wechat.oa.tag_people(134, ["o1", "o2"])
    await wechat.oa.untag_people(134, ("o3",))
    assert sent(platform, "/cgi-bin/tags/create") == {"tag": {"name": "办税人员"}}
    assert sent(platform, "/cgi-bin/tags/members/batchtagging") == {"tagid": 134, "openid_list": ["o1", "o2"]}
    assert sent(platform, "/cgi-bin/tags/members/batchuntagging") == {"tagid": 134, "openid_list": ["o3"]}
    for people in ([], ["o1"] * 51):
        with pytest.raises(ValueError):
            await wechat.oa.tag_people(134, people)


async def test_a_customer_service_message_is_sent_as_it_is(platform: Scripted, wechat: WeChat) -> None:
    await wechat.mp.send_custom("o1", {"msgtype": "text", "text": {"content": "您好"}})
    body = {"touser": "o1", "msgtype": "text", "text": {"content": "您好"}}
    assert sent(platform, "/cgi-bin/message/custom/send") == body
    assert "您好".encode() in platform.calls("/cgi-bin/message/custom/send")[0].body


# Web pages ------------------------------------------------------------------------------------


async def test_the_address_to_sign_in_keeps_wechat_s_order(wechat: WeChat) -> None:
    address = wechat.oa.authorize_url("https://weiban.example/h5/authorized?a=1&b=2", "State1")
    assert address == (
        f"https://open.weixin.qq.com/connect/oauth2/authorize?appid={wechat.oa.appid}"
        "&redirect_uri=https%3A%2F%2Fweiban.example%2Fh5%2Fauthorized%3Fa%3D1%26b%3D2"
        "&response_type=code&scope=snsapi_base&state=State1#wechat_redirect"
    )


@pytest.mark.parametrize("state", ["", "a" * 129, "a-b", "a&b", "a b", "状态", "a\n"])
async def test_a_state_is_letters_and_digits(wechat: WeChat, state: str) -> None:
    with pytest.raises(ValueError):
        wechat.oa.authorize_url("https://weiban.example/", state)


_GRANTED = {
    "access_token": "page-token",
    "expires_in": 7200,
    "refresh_token": "page-refresh",
    "openid": "o1",
    "scope": "snsapi_base",
}


@pytest.mark.parametrize(("marked", "is_snapshot"), [({}, False), ({"is_snapshotuser": 1}, True)])
async def test_a_code_is_exchanged_without_an_access_token(
    platform: Scripted, wechat: WeChat, marked: dict[str, int], is_snapshot: bool
) -> None:
    platform.answer("/sns/oauth2/access_token", said(**_GRANTED, **marked))
    grant = await wechat.oa.exchange_code("code1")
    assert (grant.openid, grant.unionid, grant.scope) == ("o1", None, "snsapi_base")
    assert grant.is_snapshot is is_snapshot
    assert not {"page-token", "page-refresh"} & set(repr(grant).split("'"))
    assert not platform.calls(TOKEN)
    (asked,) = platform.calls("/sns/oauth2/access_token")
    assert asked.query == {
        "appid": wechat.oa.appid,
        "secret": wechat.oa.account.secret,
        "code": "code1",
        "grant_type": "authorization_code",
    }


@pytest.mark.parametrize(
    ("answer", "heard"),
    [
        (said(errcode=40029, errmsg="x"), CodeInvalid),
        (said(errcode=40163, errmsg="x"), CodeInvalid),
        (said(errcode=45011, errmsg="x"), AskedTooOften),
        (said(errcode=40125, errmsg="x"), WeChatDown),
        (said(openid="o1"), WeChatDown),
        (Answer(b"<html>"), WeChatDown),
    ],
)
async def test_each_refused_code_has_its_words(
    platform: Scripted, wechat: WeChat, answer: Answer, heard: type[Fault]
) -> None:
    platform.answer("/sns/oauth2/access_token", answer)
    with pytest.raises(heard):
        await wechat.oa.exchange_code("code1")


# Codes and links ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expires_s", "asked"),
    [
        (600, {"action_name": "QR_STR_SCENE", "expire_seconds": 600}),
        (None, {"action_name": "QR_LIMIT_STR_SCENE"}),
    ],
)
async def test_a_scene_code_lasts_as_long_as_wanted(
    platform: Scripted, wechat: WeChat, expires_s: int | None, asked: dict[str, object]
) -> None:
    more = {} if expires_s is None else {"expire_seconds": expires_s}
    platform.answer("/cgi-bin/qrcode/create", said(ticket="a+b=", url="http://weixin.qq.com/q/1", **more))
    assert await wechat.oa.scene_code("Scene1", expires_s=expires_s) == SceneCode(
        "a+b=",
        "http://weixin.qq.com/q/1",
        "https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket=a%2Bb%3D",
        expires_s,
    )
    scene = {"action_info": {"scene": {"scene_str": "Scene1"}}}
    assert sent(platform, "/cgi-bin/qrcode/create") == asked | scene


async def test_a_scene_and_its_life_have_bounds(wechat: WeChat) -> None:
    for scene, expires_s in (("", 60), ("a" * 65, 60), ("a", 0), ("a", 2_592_001)):
        with pytest.raises(ValueError):
            await wechat.oa.scene_code(scene, expires_s=expires_s)


async def test_in_front_of_a_stand_in_the_picture_is_there_too(platform: Scripted) -> None:
    stand_in = {"wechat_open_base": platform.url, "wechat_api_base": platform.url}
    wechat = WeChat(current().model_copy(update=stand_in))
    await wechat.open()
    try:
        platform.answer("/cgi-bin/qrcode/create", said(ticket="t", url="u"))
        made = await wechat.oa.scene_code("Scene1", expires_s=None)
    finally:
        await wechat.close()
    assert made.image_url == f"{platform.url}/cgi-bin/showqrcode?ticket=t"


async def test_a_mini_program_code_is_a_picture(platform: Scripted, wechat: WeChat) -> None:
    picture = Answer(b"\x89PNG\r\n\x1a\n...", headers={"Content-Type": "image/png"})
    platform.answer("/wxa/getwxacodeunlimit", picture)
    assert await wechat.mp.code_image("aB3", "/pages/booking/index", width=280) == picture.body
    assert sent(platform, "/wxa/getwxacodeunlimit") == {
        "scene": "aB3",
        "page": "pages/booking/index",
        "check_path": True,
        "env_version": "release",
        "width": 280,
    }


async def test_a_link_opens_a_page_for_some_days(platform: Scripted, wechat: WeChat) -> None:
    platform.answer("/wxa/generate_urllink", said(url_link="https://wxaurl.cn/1"))
    assert await wechat.mp.url_link("/pages/index/index", "a=1", days=7) == "https://wxaurl.cn/1"
    asked = {"path": "pages/index/index", "query": "a=1", "expire_type": 1, "expire_interval": 7}
    assert sent(platform, "/wxa/generate_urllink") == asked


# Menus and templates --------------------------------------------------------------------------

_MENU = {"button": [{"type": "click", "name": "帮助", "key": "help"}]}


async def test_a_menu_goes_out_in_plain_characters(platform: Scripted, wechat: WeChat) -> None:
    await wechat.oa.create_menu(_MENU)
    assert sent(platform, "/cgi-bin/menu/create") == _MENU
    assert "帮助".encode() in platform.calls("/cgi-bin/menu/create")[0].body


async def test_the_menus_wechat_has(platform: Scripted, wechat: WeChat) -> None:
    conditional = {**_MENU, "matchrule": {"tag_id": "100"}, "menuid": 425}
    platform.answer(
        "/cgi-bin/menu/get",
        said(menu=_MENU, conditionalmenu=[conditional]),
        said(errcode=46003, errmsg="menu no exist"),
    )
    assert await wechat.oa.menu() == {"menu": _MENU, "conditionalmenu": [conditional]}
    assert await wechat.oa.menu() is None


async def test_a_conditional_menu_comes_and_goes(platform: Scripted, wechat: WeChat) -> None:
    platform.answer("/cgi-bin/menu/addconditional", said(menuid=425))
    wanted = {**_MENU, "matchrule": {"tag_id": "100"}}
    assert await wechat.oa.add_conditional_menu(wanted) == "425"
    await wechat.oa.delete_conditional_menu("425")
    await wechat.oa.delete_menu()
    assert sent(platform, "/cgi-bin/menu/addconditional") == wanted
    assert sent(platform, "/cgi-bin/menu/delconditional") == {"menuid": "425"}
    assert platform.calls("/cgi-bin/menu/delete")


@pytest.mark.parametrize("answer", [_MENU, {"menu": _MENU}])
async def test_the_menu_one_person_sees(platform: Scripted, wechat: WeChat, answer: dict[str, Any]) -> None:
    platform.answer("/cgi-bin/menu/trymatch", said(**answer))
    assert await wechat.oa.match_menu("o1") == _MENU
    assert sent(platform, "/cgi-bin/menu/trymatch") == {"user_id": "o1"}


async def test_templates_of_both_accounts(platform: Scripted, wechat: WeChat) -> None:
    content = "办理事项:{{thing1.DATA}}\n状态:{{phrase2.DATA}}\n"
    template = {"template_id": "T", "title": "预约成功通知", "content": content, "example": "例"}
    platform.answer("/cgi-bin/template/get_all_private_template", said(template_list=[template]))
    choices = [{"keywordCode": "phrase2.DATA", "enumValueList": ["已预约", "已取消"]}]
    subscribe = {"priTmplId": "S", "title": "预约提醒", "content": content, "example": "", "type": 3}
    platform.answer(
        "/wxaapi/newtmpl/gettemplate",
        said(data=[subscribe | {"keywordEnumValueList": choices}, subscribe]),
    )
    assert await wechat.oa.templates() == (AccountTemplate("T", "预约成功通知", content, "例"),)
    first, second = await wechat.mp.subscribe_templates()
    assert (first.template_id, first.type) == ("S", 3)
    assert first.choices == {"phrase2": ("已预约", "已取消")}
    assert second.choices == {}


# The rest -------------------------------------------------------------------------------------


async def test_a_text_is_judged_by_the_suggestion(platform: Scripted, wechat: WeChat) -> None:
    result = {"suggest": "risky", "label": 20001}
    platform.answer("/wxa/msg_sec_check", said(errcode=0, result=result, trace_id="trace"))
    assert await wechat.mp.check_text("o1", "您好", scene=2) == TextVerdict("risky", 20001, "trace")
    body = {"version": 2, "openid": "o1", "scene": 2, "content": "您好"}
    assert sent(platform, "/wxa/msg_sec_check") == body


async def test_a_quota_is_of_one_account(platform: Scripted, wechat: WeChat) -> None:
    told = {"daily_limit": 100000, "used": 3, "remain": 99997}
    platform.answer("/cgi-bin/openapi/quota/get", said(quota=told))
    path = "/cgi-bin/message/template/send"
    assert await wechat.party(wechat.mp.appid).quota(path) == Quota(100000, 3, 99997)
    assert sent(platform, "/cgi-bin/openapi/quota/get") == {"cgi_path": path}


_READERS: dict[str, Callable[[WeChat], Awaitable[object]]] = {
    "/cgi-bin/user/info": lambda wechat: wechat.oa.profile("o1"),
    "/cgi-bin/tags/get": lambda wechat: wechat.oa.tags(),
    "/cgi-bin/tags/create": lambda wechat: wechat.oa.create_tag("a"),
    "/cgi-bin/qrcode/create": lambda wechat: wechat.oa.scene_code("a", expires_s=None),
    "/cgi-bin/menu/addconditional": lambda wechat: wechat.oa.add_conditional_menu({}),
    "/cgi-bin/menu/trymatch": lambda wechat: wechat.oa.match_menu("o1"),
    "/cgi-bin/template/get_all_private_template": lambda wechat: wechat.oa.templates(),
    "/cgi-bin/ticket/getticket": lambda wechat: wechat.oa.jsapi_ticket(),
    "/wxaapi/newtmpl/gettemplate": lambda wechat: wechat.mp.subscribe_templates(),
    "/wxa/msg_sec_check": lambda wechat: wechat.mp.check_text("o1", "a", scene=2),
    "/wxa/getwxacodeunlimit": lambda wechat: wechat.mp.code_image("a", "pages/index/index"),
    "/wxa/generate_urllink": lambda wechat: wechat.mp.url_link("pages/index/index"),
    "/cgi-bin/openapi/quota/get": lambda wechat: wechat.oa.quota("/x"),
}


@pytest.mark.parametrize("answer", [said(errcode=0), said(errcode=0, data=5, tags="x", quota=None, result=7)])
@pytest.mark.parametrize("path", _READERS)
async def test_an_answer_without_what_we_asked_for_is_not_wechat_s(
    platform: Scripted, wechat: WeChat, path: str, answer: Answer
) -> None:
    platform.answer(path, answer)
    with pytest.raises(WeChatUnreachable) as lost:
        await _READERS[path](wechat)
    assert lost.value.path == path
