"""Mass sends 群发: one message to many followers at once, four for each follower in a calendar month.

Source: the platform's guide to mass sends and originality checks, and its pages on drafts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.gateways.wechat.client import AsyncWeChatClient
from app.gateways.wechat.errors import WeChatRefused, WeChatUnreachable
from app.gateways.wechat.shapes import reading

FEWEST: Final = 2
MOST: Final = 10_000
"""How many openids one call takes."""

_SEND_ALL: Final = "/cgi-bin/message/mass/sendall"
_SEND: Final = "/cgi-bin/message/mass/send"
_PREVIEW: Final = "/cgi-bin/message/mass/preview"
_GET: Final = "/cgi-bin/message/mass/get"
_DELETE: Final = "/cgi-bin/message/mass/delete"
_ADD_DRAFT: Final = "/cgi-bin/draft/add"
_ADD_MATERIAL: Final = "/cgi-bin/material/add_material"
_UPLOAD_IMAGE: Final = "/cgi-bin/media/uploadimg"

_KNOWN_ID: Final = 45065
_LONGEST_ID: Final = 32

Picture = tuple[str, bytes, str]
"""File name, content and content type."""


@dataclass(frozen=True, slots=True)
class MassJob:
    """A mass send WeChat took; ``msg_data_id`` is that of its article, if WeChat tells it."""

    msg_id: int
    msg_data_id: int | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """An article 图文消息; ``thumb_media_id`` is a lasting picture, ``content`` HTML without script."""

    title: str
    content: str
    thumb_media_id: str
    digest: str = ""
    author: str = ""
    source_url: str = ""


def mass_text(content: str) -> dict[str, Any]:
    """A mass message of plain text."""
    return {"msgtype": "text", "text": {"content": content}}


def mass_article(media_id: str) -> dict[str, Any]:
    """A mass message of the articles of a draft; one found to be a reprint is not sent."""
    return {"msgtype": "mpnews", "mpnews": {"media_id": media_id}, "send_ignore_reprint": 0}


async def mass_by_tag(
    client: AsyncWeChatClient, tag_id: int | None, message: Mapping[str, Any], client_msg_id: str
) -> MassJob:
    """Send to everybody with a tag, or to every follower if ``tag_id`` is None.

    The same ``client_msg_id`` (at most 32 characters) is sent once within a day; a repetition gives the
    job of the first. Raises WeChatRefused or WeChatUnreachable.
    """
    chosen = {"is_to_all": True} if tag_id is None else {"is_to_all": False, "tag_id": tag_id}
    return await _send(client, _SEND_ALL, {"filter": chosen, **message}, client_msg_id)


async def mass_to(
    client: AsyncWeChatClient, openids: Sequence[str], message: Mapping[str, Any], client_msg_id: str
) -> MassJob:
    """Send to 2 to 10,000 followers by their openids; for the rest see ``mass_by_tag``."""
    if not FEWEST <= len(openids) <= MOST:
        raise ValueError(f"a mass send goes to {FEWEST} to {MOST} people")
    return await _send(client, _SEND, {"touser": list(openids), **message}, client_msg_id)


async def mass_preview(client: AsyncWeChatClient, openid: str, message: Mapping[str, Any]) -> None:
    """Show a mass message to one person before it is sent; WeChat allows 100 a day."""
    await client.call("POST", _PREVIEW, data={"touser": openid, **message})


async def mass_state(client: AsyncWeChatClient, msg_id: int) -> str:
    """How far a mass send is: SENDING, SEND_SUCCESS, SEND_FAIL or DELETE."""
    answer = await client.call("POST", _GET, data={"msg_id": str(msg_id)})
    with reading(_GET):
        return str(answer["msg_status"]).upper().replace(" ", "_")


async def mass_delete(client: AsyncWeChatClient, msg_id: int) -> None:
    """Take the articles of a mass send away: who opens the card sees that it is gone.

    Only articles can be taken away, and only after they were sent.
    """
    await client.call("POST", _DELETE, data={"msg_id": msg_id, "article_idx": 0})


async def add_draft(client: AsyncWeChatClient, articles: Sequence[Article]) -> str:
    """Put articles in the draft box; gives their media_id, which one mass send takes out of it."""
    body = [
        {
            "title": one.title,
            "author": one.author,
            "digest": one.digest,
            "content": one.content,
            "content_source_url": one.source_url,
            "thumb_media_id": one.thumb_media_id,
        }
        for one in articles
    ]
    answer = await client.call("POST", _ADD_DRAFT, data={"articles": body})
    with reading(_ADD_DRAFT):
        return str(answer["media_id"])


async def add_picture(client: AsyncWeChatClient, picture: Picture) -> str:
    """Keep a picture for good, as the cover of an article needs it; gives its media_id."""
    files = {"media": picture}
    answer = await client.call("POST", _ADD_MATERIAL, params={"type": "image"}, files=files)
    with reading(_ADD_MATERIAL):
        return str(answer["media_id"])


async def upload_image(client: AsyncWeChatClient, picture: Picture) -> str:
    """Upload a PNG or JPEG below 1 MB that stands inside an article; gives its address."""
    answer = await client.call("POST", _UPLOAD_IMAGE, files={"media": picture})
    with reading(_UPLOAD_IMAGE):
        return str(answer["url"])


async def _send(client: AsyncWeChatClient, path: str, body: Mapping[str, Any], client_msg_id: str) -> MassJob:
    if not 0 < len(client_msg_id) <= _LONGEST_ID:
        raise ValueError(f"a client_msg_id has 1 to {_LONGEST_ID} characters")
    try:
        answer = await client.call("POST", path, data={**body, "clientmsgid": client_msg_id})
    except WeChatRefused as refused:
        # It was sent already, under this very id: the refusal names the job of the first time.
        if refused.errcode != _KNOWN_ID or refused.msg_id is None:
            raise
        return MassJob(refused.msg_id)
    msg_id = answer.get("msg_id")
    if msg_id is None:
        raise WeChatUnreachable(path, "no msg_id in the answer", sent_maybe=True)
    with reading(path):
        return MassJob(int(msg_id), int(answer["msg_data_id"]) if answer.get("msg_data_id") else None)
