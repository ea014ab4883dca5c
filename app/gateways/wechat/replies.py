"""What we answer inside a callback: passive replies 被动回复, written so that no text can leave its place.

Source: the platform's guide to passive replies. A text has at most 2,048 bytes and an answer to a
message one article; To and From are those of the message, swapped. A mini-program may only hand over
to customer service here; anything else reaches it as a customer-service message.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from app.gateways.wechat.markup import cdata
from app.kit import clock

MOST_BYTES: Final = 2048
HANDLED: Final = b"success"
"""Said when there is nothing to say: WeChat does not come again."""

# XML 1.0 has no place for these; WeChat would call the whole answer faulty.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Text:
    """A text; ``<a href=…>`` is a link, and beyond 2,048 bytes the rest is cut off (see ``split``)."""

    content: str


@dataclass(frozen=True, slots=True)
class Image:
    """A picture uploaded before."""

    media_id: str


@dataclass(frozen=True, slots=True)
class News:
    """One article 图文: a card that opens a page."""

    title: str
    description: str
    url: str
    picture_url: str = ""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Hand the conversation over to a person at customer service 转人工客服."""


Reply = Text | Image | News | Transfer


def split(content: str, most_bytes: int = MOST_BYTES) -> tuple[str, str]:
    """As much of a text as fits, and the rest: cut after a line, else before a link, else at a sign."""
    encoded = content.encode("utf-8", "ignore")
    if len(encoded) <= most_bytes:
        return content, ""
    head = encoded[:most_bytes].decode("utf-8", "ignore")
    line, link = head.rfind("\n"), head.rfind("<a ")
    if line > 0:
        head = head[:line]
    elif link > 0 and head.rfind("</a>") < link:
        head = head[:link]
    return head, content[len(head) :].lstrip("\n")


def render(reply: Reply, *, to: str, sender: str, form: str = "xml") -> bytes:
    """The reply as WeChat reads it, in the form of the message it answers."""
    at = int(clock.seconds())
    if form == "json":
        head = {"ToUserName": to, "FromUserName": sender, "CreateTime": at}
        return orjson.dumps({**head, **_as_json(reply)})
    return (
        f"<xml><ToUserName>{_written(to)}</ToUserName><FromUserName>{_written(sender)}</FromUserName>"
        f"<CreateTime>{at}</CreateTime>{_as_xml(reply)}</xml>"
    ).encode("utf-8", "ignore")


def as_custom(reply: Reply) -> Mapping[str, Any] | None:
    """The same as a customer-service message without its addressee; a hand-over has no such form."""
    match reply:
        case Text(content):
            return {"msgtype": "text", "text": {"content": split(content)[0]}}
        case Image(media_id):
            return {"msgtype": "image", "image": {"media_id": media_id}}
        case News(title, description, url, picture_url):
            article = {"title": title, "description": description, "url": url, "picurl": picture_url}
            return {"msgtype": "news", "news": {"articles": [article]}}
        case Transfer():
            return None


def _as_xml(reply: Reply) -> str:
    match reply:
        case Text(content):
            return f"<MsgType><![CDATA[text]]></MsgType><Content>{_written(split(content)[0])}</Content>"
        case Image(media_id):
            media = f"<MediaId>{_written(media_id)}</MediaId>"
            return f"<MsgType><![CDATA[image]]></MsgType><Image>{media}</Image>"
        case News(title, description, url, picture_url):
            return (
                "<MsgType><![CDATA[news]]></MsgType><ArticleCount>1</ArticleCount><Articles><item>"
                f"<Title>{_written(title)}</Title><Description>{_written(description)}</Description>"
                f"<PicUrl>{_written(picture_url)}</PicUrl><Url>{_written(url)}</Url></item></Articles>"
            )
        case Transfer():
            return "<MsgType><![CDATA[transfer_customer_service]]></MsgType>"


def _as_json(reply: Reply) -> Mapping[str, Any]:
    if isinstance(reply, Transfer):
        return {"MsgType": "transfer_customer_service"}
    raise ValueError(f"a mini-program takes no {type(reply).__name__} as a passive reply")


def _written(text: str) -> str:
    return cdata(_UNWRITABLE.sub("", text))
