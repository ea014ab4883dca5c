"""Customer-service messages: only while a window is open, only as many, only in a right shape."""

from datetime import timedelta
from typing import Any

import pytest

from app.kit import clock
from app.sandbox.options import Options
from app.sandbox.world import openid_of

SEND, _TYPING = "/cgi-bin/message/custom/send", "/cgi-bin/message/custom/typing"
_TEXT = {"msgtype": "text", "text": {"content": "您好"}}


@pytest.fixture
def send(talk: Any, options: Options) -> Any:
    async def send(account: str = "oa", **message: Any) -> int:
        appid = options.oa.appid if account == "oa" else options.mp.appid
        body = {"touser": openid_of(appid, "zhang"), **(message or _TEXT)}
        return int((await talk.call(SEND, body, account))["errcode"])

    return send


async def test_a_message_of_the_person_opens_48_hours_for_five(talk: Any, send: Any) -> None:
    start = clock.now()
    with clock.frozen(start - timedelta(minutes=5)):
        await talk.tap("follow")
    with clock.frozen(start):
        assert await send() == 45015
        await talk.tap("text", text="在吗")
    with clock.frozen(start + timedelta(hours=47)):
        assert [await send() for _ in range(6)] == [0] * 5 + [45047]
        shown = (await talk.messages())[-1]
        assert (shown["kind"], shown["from"], shown["text"], shown["path"]) == (
            "text",
            "account",
            "您好",
            SEND,
        )
    with clock.frozen(start + timedelta(hours=49)):
        assert await send() == 45015


@pytest.mark.parametrize(
    ("kind", "more"), [("menu", {"key": "booking"}), ("scan", {"scene": "hall-7"}), ("follow", {})]
)
async def test_click_scan_and_follow_open_one_minute_for_three(
    talk: Any, send: Any, kind: str, more: dict[str, str]
) -> None:
    start = clock.now()
    with clock.frozen(start - timedelta(minutes=5)):
        await talk.tap("follow")
    with clock.frozen(start):
        await talk.tap(kind, **more)
        assert [await send() for _ in range(4)] == [0, 0, 0, 45047]
    with clock.frozen(start + timedelta(seconds=61)):
        assert await send() == 45015


async def test_opening_a_page_from_the_menu_opens_no_window(talk: Any, send: Any) -> None:
    start = clock.now()
    with clock.frozen(start - timedelta(minutes=5)):
        await talk.tap("follow")
    with clock.frozen(start):
        await talk.tap("menu", key="https://example.gov.cn/")
        assert await send() == 45015


async def test_whoever_unfollows_or_declines_gets_nothing(talk: Any, send: Any) -> None:
    await talk.tap("follow")
    await talk.ask("PUT", "/_sandbox/persons", json={"person": "zhang", "declines": True})
    assert await send() == 48002
    await talk.ask("PUT", "/_sandbox/persons", json={"person": "zhang", "declines": False})
    assert await send() == 0
    await talk.tap("unfollow")
    assert await send() == 45015


async def test_the_mini_program_has_windows_of_its_own(talk: Any, send: Any, options: Options) -> None:
    start = clock.now()
    with clock.frozen(start):
        await talk.login("sandbox-zhang")
        assert await send("mp") == 45015
        await talk.tap("enter", session_from="pages/me/index")
        assert [await send("mp") for _ in range(3)] == [0, 0, 45047]
        await talk.tap("text", text="在吗", account="mp")
        assert [await send("mp") for _ in range(6)] == [0] * 5 + [45047]
    assert (await talk.messages())[-1]["appid"] == options.mp.appid


async def test_every_kind_of_message_is_shown(talk: Any, send: Any, options: Options) -> None:
    await talk.tap("follow")
    await talk.tap("text", text="在吗")
    media_id = (await talk.upload())["media_id"]
    thumb = (await talk.upload("thumb", b"\xff\xd8\xff1"))["thumb_media_id"]
    article = {"title": "指南", "description": "…", "url": "https://a.cn/", "picurl": ""}
    page = {"title": "预约", "appid": options.mp.appid, "pagepath": "pages/index/index"}
    options_list = [{"id": "1", "content": "满意"}, {"id": "2", "content": "不满意"}]
    menu = {"head_content": "请评价", "list": options_list, "tail_content": "谢谢"}
    assert await send(msgtype="image", image={"media_id": media_id}) == 0
    assert await send(msgtype="news", news={"articles": [article]}) == 0
    assert await send(msgtype="msgmenu", msgmenu=menu) == 0
    assert await send(msgtype="miniprogrampage", miniprogrampage={**page, "thumb_media_id": thumb}) == 0
    image, news, menu_shown, card = (await talk.messages())[-4:]
    assert image["image"] == f"/_sandbox/media/{media_id}"
    assert news["articles"] == [article]
    assert menu_shown["menu"] == {"head": "请评价", "items": options_list, "tail": "谢谢"}
    assert (card["kind"], card["title"], card["page"]) == ("miniprogrampage", "预约", "pages/index/index")


@pytest.mark.parametrize(
    ("message", "errcode"),
    [
        ({"msgtype": "dance"}, 40008),
        ({"msgtype": "link", "link": {}}, 40008),
        ({"msgtype": "text"}, 44002),
        ({"msgtype": "text", "text": {"content": ""}}, 44004),
        ({"msgtype": "text", "text": {"content": "字" * 683}}, 45002),
        ({"msgtype": "image", "image": {}}, 41006),
        ({"msgtype": "voice", "voice": {"media_id": "none"}}, 40007),
        ({"msgtype": "video", "video": {"media_id": "none", "thumb_media_id": "none"}}, 40007),
        ({"msgtype": "music", "music": {"thumb_media_id": "none"}}, 40007),
        ({"msgtype": "news", "news": {"articles": []}}, 44003),
        ({"msgtype": "news", "news": {"articles": [{"title": "a", "url": "https://a.cn"}] * 2}}, 45008),
        ({"msgtype": "news", "news": {"articles": [{"title": "a", "url": "a"}]}}, 40035),
        ({"msgtype": "msgmenu", "msgmenu": {"list": [{"id": "1"}]}}, 40035),
        ({"msgtype": "mpnews", "mpnews": {"media_id": "m"}}, 40007),
        ({"msgtype": "mpnewsarticle", "mpnewsarticle": {"article_id": "a"}}, 53600),
        ({"msgtype": "wxcard", "wxcard": {"card_id": "c"}}, 40035),
        ({"msgtype": "miniprogrampage", "miniprogrampage": {"appid": "wx0", "title": "a"}}, 40013),
        ({**_TEXT, "customservice": {"kf_account": "a@b"}}, 65401),
        ({**_TEXT, "touser": "o-nobody"}, 40003),
    ],
)
async def test_a_wrong_message_is_refused_and_costs_nothing(
    talk: Any, send: Any, message: dict[str, Any], errcode: int
) -> None:
    await talk.tap("follow")
    assert await send(**message) == errcode
    assert [await send() for _ in range(4)] == [0, 0, 0, 45047]


async def test_typing_is_shown_to_whoever_spoke_lately(talk: Any, options: Options) -> None:
    await talk.tap("follow")
    body = {"touser": openid_of(options.oa.appid, "zhang"), "command": "Typing"}
    assert (await talk.call(_TYPING, body))["errcode"] == 45080
    await talk.tap("text", text="在吗")
    codes = [(await talk.call(_TYPING, body))["errcode"] for _ in range(2)]
    assert codes == [0, 45081]
    assert (await talk.call(_TYPING, {**body, "command": "CancelTyping"}))["errcode"] == 0
    assert (await talk.call(_TYPING, body))["errcode"] == 0
    assert (await talk.call(_TYPING, {**body, "command": "Dance"}))["errcode"] == 45072
