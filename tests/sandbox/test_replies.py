"""Our server's answers to pushes: every kind appears in the chat, a wrong one becomes WeChat's apology."""

from typing import Any

import pytest

from app.gateways.wechat.envelope import Envelope
from app.sandbox.options import Options
from tests.sandbox.conftest import sealed_reply, until

_NEWS = (
    "<MsgType>news</MsgType><ArticleCount>1</ArticleCount><Articles><item><Title>指南</Title>"
    "<Description>…</Description><PicUrl></PicUrl><Url>https://a.cn/</Url></item></Articles>"
)


async def _answered(talk: Any, ours: Any, reply: tuple[int, bytes]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The last message on the phone, and the push as a developer sees it."""
    ours.answers = [reply] * 3
    await talk.tap("text", text="在吗")
    (push,) = (await talk.ask("GET", "/_sandbox/pushes"))["items"]
    return (await talk.messages())[-1], push


async def test_an_article_appears(talk: Any, ours: Any, options: Options) -> None:
    shown, push = await _answered(talk, ours, sealed_reply(options, _NEWS))
    assert shown["kind"] == "news"
    assert shown["articles"] == [{"title": "指南", "description": "…", "url": "https://a.cn/", "picurl": ""}]
    assert (push["delivered"], push["error"]) == (True, None)


async def test_a_hand_over_appears(talk: Any, ours: Any, options: Options) -> None:
    reply = sealed_reply(options, "<MsgType>transfer_customer_service</MsgType>")
    shown, _ = await _answered(talk, ours, reply)
    assert (shown["kind"], shown["from"]) == ("transfer", "account")


async def test_uploaded_media_appear(talk: Any, ours: Any, options: Options) -> None:
    media_id = (await talk.upload())["media_id"]
    inside = f"<MsgType>image</MsgType><Image><MediaId>{media_id}</MediaId></Image>"
    shown, _ = await _answered(talk, ours, sealed_reply(options, inside))
    assert (shown["kind"], shown["image"]) == ("image", f"/_sandbox/media/{media_id}")
    music = f"<Title>歌</Title><MusicUrl>https://a.cn/m</MusicUrl><ThumbMediaId>{media_id}</ThumbMediaId>"
    ours.answers = [sealed_reply(options, f"<MsgType>music</MsgType><Music>{music}</Music>")]
    await talk.tap("text", text="再来")
    shown = (await talk.messages())[-1]
    assert (shown["kind"], shown["title"], shown["url"]) == ("music", "歌", "https://a.cn/m")


async def test_a_welcome_appears_after_following(talk: Any, ours: Any, options: Options) -> None:
    ours.answers = [sealed_reply(options, "<MsgType>text</MsgType><Content>欢迎</Content>")]
    await talk.tap("follow")
    (shown,) = await talk.messages()
    assert (shown["text"], shown["from"]) == ("欢迎", "account")


@pytest.mark.parametrize(
    ("inside", "reason"),
    [
        ("<MsgType>dance</MsgType>", "MsgType"),
        ("<Content>x</Content>", "MsgType"),
        ("<MsgType>text</MsgType><Content></Content>", "Content"),
        (f"<MsgType>text</MsgType><Content>{'字' * 683}</Content>", "2048"),
        ("<MsgType>image</MsgType><Image><MediaId>none</MediaId></Image>", "Image.MediaId"),
        ("<MsgType>image</MsgType>", "Image"),
        ("<MsgType>video</MsgType><Video><MediaId>none</MediaId></Video>", "Video.MediaId"),
        ("<MsgType>music</MsgType><Music><Title>x</Title></Music>", "Music"),
        (_NEWS.replace(">1<", ">2<"), "one article"),
        (_NEWS.replace("指南", ""), "Title"),
        ("<MsgType>transfer_customer_service</MsgType><TransInfo></TransInfo>", ""),
    ],
)
async def test_a_reply_that_breaks_a_rule_becomes_an_apology(
    talk: Any, ours: Any, options: Options, inside: str, reason: str
) -> None:
    shown, push = await _answered(talk, ours, sealed_reply(options, inside))
    if not reason:
        assert (shown["kind"], push["error"]) == ("transfer", None)
        return
    assert (shown["kind"], shown["from"]) == ("notice", "platform")
    assert "服务出现故障" in shown["text"]
    assert push["error"].startswith("bad reply")
    assert reason in push["error"]
    assert push["attempts"] == 1


async def test_a_reply_to_somebody_else_becomes_an_apology(talk: Any, ours: Any, options: Options) -> None:
    reply = sealed_reply(options, "<MsgType>text</MsgType><Content>x</Content>", person="li")
    shown, push = await _answered(talk, ours, reply)
    assert shown["kind"] == "notice"
    assert "swapped" in push["error"]


async def test_a_reply_nobody_can_read_is_asked_for_again(talk: Any, ours: Any, options: Options) -> None:
    foreign = Envelope(options.mp).seal(b"<xml></xml>", nonce="n")
    ours.answers = [(200, foreign), (200, b"<xml>"), sealed_reply(options, _NEWS)]
    await talk.tap("text", text="在吗")
    await until(lambda: len(ours.got) == 3)
    pushes = (await talk.ask("GET", "/_sandbox/pushes"))["items"]
    while pushes[0]["attempts"] < 3:
        pushes = (await talk.ask("GET", "/_sandbox/pushes"))["items"]
    assert (await talk.messages())[-1]["kind"] == "news"


async def test_a_mini_program_may_only_hand_over(talk: Any, ours: Any, options: Options) -> None:
    text = (
        '{"ToUserName":"%s","FromUserName":"gh_sandboxmp001","CreateTime":1,"MsgType":"text","Content":"x"}'
    )
    await talk.tap("text", text="一", account="mp")
    person = (await talk.ask("GET", "/_sandbox/persons"))["items"][0]
    body = (text % person["openid_mp"]).encode()
    ours.answers = [(200, Envelope(options.mp).seal(body, nonce="n", form="json"))]
    await talk.tap("text", text="二", account="mp")
    assert (await talk.messages())[-1]["kind"] == "notice"
