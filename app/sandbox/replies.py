"""What our server may answer a push with: checked as the platform checks it, shaped for the phone.

Source: the platform's guide to passive replies.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

LONGEST_TEXT_BYTES: Final = 2048

IsMedia = Callable[[object], bool]


class BadReply(Exception):
    """The reply breaks a rule; the person gets the platform's apology, the developer the reason."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def shown_reply(
    reply: Mapping[str, Any], *, sender: str, receiver: str, is_program: bool, is_media: IsMedia
) -> dict[str, Any]:
    """The chat message a reply becomes. Raises BadReply.

    ``sender`` is our account's original id, ``receiver`` the person's openid: a reply swaps the
    two of the push. A mini-program may only hand over to customer service.
    """
    if reply.get("ToUserName") != receiver or reply.get("FromUserName") != sender:
        raise BadReply("ToUserName and FromUserName are not those of the push, swapped")
    if not str(reply.get("CreateTime", "")).isdigit():
        raise BadReply("CreateTime is not a whole number of seconds")
    kind = str(reply.get("MsgType", ""))
    shape = _SHAPES.get(kind)
    if shape is None or (is_program and kind != "transfer_customer_service"):
        raise BadReply(f"MsgType {kind or 'missing'} is not allowed here")
    return shape(reply, is_media)


def _text(reply: Mapping[str, Any], _is_media: IsMedia) -> dict[str, Any]:
    text = reply.get("Content")
    if not isinstance(text, str) or not text:
        raise BadReply("Content is empty")
    if len(text.encode()) > LONGEST_TEXT_BYTES:
        raise BadReply(f"Content is longer than {LONGEST_TEXT_BYTES} bytes")
    return {"kind": "text", "text": text}


def _image(reply: Mapping[str, Any], is_media: IsMedia) -> dict[str, Any]:
    return {"kind": "image", "media_id": _media(reply, "Image", is_media)}


def _voice(reply: Mapping[str, Any], is_media: IsMedia) -> dict[str, Any]:
    return {"kind": "voice", "media_id": _media(reply, "Voice", is_media)}


def _video(reply: Mapping[str, Any], is_media: IsMedia) -> dict[str, Any]:
    inside = _inside(reply, "Video")
    words = {"title": _word(inside, "Title"), "description": _word(inside, "Description")}
    return {"kind": "video", "media_id": _media(reply, "Video", is_media), **words}


def _music(reply: Mapping[str, Any], is_media: IsMedia) -> dict[str, Any]:
    inside = _inside(reply, "Music")
    if not is_media(inside.get("ThumbMediaId")):
        raise BadReply("Music.ThumbMediaId is not a media of this account")
    return {
        "kind": "music",
        "title": _word(inside, "Title"),
        "description": _word(inside, "Description"),
        "url": _word(inside, "MusicUrl") or None,
    }


def _news(reply: Mapping[str, Any], _is_media: IsMedia) -> dict[str, Any]:
    items = _inside(reply, "Articles").get("item")
    articles = items if isinstance(items, list) else [items]
    # The platform shows one article to a message of a person, however many were sent.
    if str(reply.get("ArticleCount")) != "1" or len(articles) != 1 or not isinstance(articles[0], Mapping):
        raise BadReply("a reply has exactly one article")
    names = {"title": "Title", "description": "Description", "url": "Url", "picurl": "PicUrl"}
    article = {ours: _word(articles[0], theirs) for ours, theirs in names.items()}
    if not article["title"]:
        raise BadReply("the article has no Title")
    return {"kind": "news", "articles": [article]}


def _transfer(reply: Mapping[str, Any], _is_media: IsMedia) -> dict[str, Any]:
    info = reply.get("TransInfo")
    if info is not None and not (isinstance(info, Mapping) and _word(info, "KfAccount")):
        raise BadReply("TransInfo names no KfAccount")
    return {"kind": "transfer", "text": "已转接人工客服，请稍候"}


_SHAPES: Final[dict[str, Callable[[Mapping[str, Any], IsMedia], dict[str, Any]]]] = {
    "text": _text,
    "image": _image,
    "voice": _voice,
    "video": _video,
    "music": _music,
    "news": _news,
    "transfer_customer_service": _transfer,
}


def _inside(reply: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inside = reply.get(name)
    if not isinstance(inside, Mapping):
        raise BadReply(f"{name} is missing")
    return inside


def _media(reply: Mapping[str, Any], name: str, is_media: IsMedia) -> str:
    media_id = _inside(reply, name).get("MediaId")
    if not is_media(media_id):
        raise BadReply(f"{name}.MediaId is not a media of this account")
    return str(media_id)


def _word(inside: Mapping[str, Any], name: str) -> str:
    value = inside.get(name)
    return value if isinstance(value, str) else ""
