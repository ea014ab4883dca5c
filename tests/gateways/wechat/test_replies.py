"""Passive replies: nothing a person or a table says can leave its element, and nothing is too long."""

import orjson
import pytest
import xmltodict

from app.gateways.wechat import replies
from app.gateways.wechat.replies import Image, News, Text, Transfer

NASTY = "a]]></Content><MsgType>evil</MsgType>]]>\x00\x0b<b>&amp;\ud800 早"


def rendered(reply: replies.Reply) -> dict[str, object]:
    fields: dict[str, object] = xmltodict.parse(replies.render(reply, to="o]]>1", sender="gh_1"))["xml"]
    return fields


def test_text_stays_in_its_place() -> None:
    fields = rendered(Text(NASTY))
    assert fields["Content"] == "a]]></Content><MsgType>evil</MsgType>]]><b>&amp; 早"
    assert (fields["MsgType"], fields["ToUserName"], fields["FromUserName"]) == ("text", "o]]>1", "gh_1")
    assert str(fields["CreateTime"]).isdigit()


def test_article_stays_in_its_place() -> None:
    fields = rendered(News("标题]]>", NASTY, "https://example.org/?a=1&b=2", "https://example.org/p.png"))
    assert fields["ArticleCount"] == "1"
    assert fields["Articles"] == {
        "item": {
            "Title": "标题]]>",
            "Description": "a]]></Content><MsgType>evil</MsgType>]]><b>&amp; 早",
            "PicUrl": "https://example.org/p.png",
            "Url": "https://example.org/?a=1&b=2",
        }
    }


def test_picture_and_hand_over() -> None:
    assert rendered(Image("m1"))["Image"] == {"MediaId": "m1"}
    assert rendered(Transfer())["MsgType"] == "transfer_customer_service"


def test_mini_program_takes_only_the_hand_over() -> None:
    told = orjson.loads(replies.render(Transfer(), to="o1", sender="gh_2", form="json"))
    assert told["MsgType"] == "transfer_customer_service"
    assert (told["ToUserName"], told["FromUserName"]) == ("o1", "gh_2")
    with pytest.raises(ValueError, match="Text"):
        replies.render(Text("你好"), to="o1", sender="gh_2", form="json")


def test_long_text_is_cut_at_a_line() -> None:
    lines = [f"第{n}行" + "字" * 30 for n in range(60)]
    head, rest = replies.split("\n".join(lines))
    assert len(head.encode()) <= replies.MOST_BYTES
    assert [*head.split("\n"), *rest.split("\n")] == lines


def test_long_text_without_lines_is_cut_between_signs_and_never_inside_a_link() -> None:
    head, rest = replies.split("税" * 1000)
    assert head == "税" * (replies.MOST_BYTES // 3)
    assert head + rest == "税" * 1000
    link = f'<a href="https://example.org/{"x" * 200}">办</a>'
    text = "税" * 650 + link
    assert replies.split(text) == ("税" * 650, link)


def test_what_is_rendered_is_never_too_long() -> None:
    content = rendered(Text("😀" * 2000))["Content"]
    assert len(str(content).encode()) <= replies.MOST_BYTES


def test_custom_messages_say_the_same() -> None:
    assert replies.as_custom(Text("好")) == {"msgtype": "text", "text": {"content": "好"}}
    assert replies.as_custom(Image("m1")) == {"msgtype": "image", "image": {"media_id": "m1"}}
    article = {"title": "t", "description": "d", "url": "u", "picurl": ""}
    assert replies.as_custom(News("t", "d", "u")) == {"msgtype": "news", "news": {"articles": [article]}}
    assert replies.as_custom(Transfer()) is None
