"""Tags 标签 on followers, by which WeChat chooses the conditional menu."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.gateways.wechat.client import AsyncWeChatClient
from app.gateways.wechat.shapes import reading

AT_ONCE = 50
"""WeChat tags this many people in one call."""

_GET = "/cgi-bin/tags/get"
_CREATE = "/cgi-bin/tags/create"


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag; ``count`` is how many followers have it."""

    id: int
    name: str
    count: int


async def tags(client: AsyncWeChatClient) -> tuple[Tag, ...]:
    """Every tag of the account, WeChat's own (星标组 and so on) among them."""
    answer = await client.call("GET", _GET)
    with reading(_GET):
        return tuple(Tag(int(tag["id"]), str(tag["name"]), int(tag["count"])) for tag in answer["tags"])


async def create_tag(client: AsyncWeChatClient, name: str) -> int:
    """Make a tag (at most 30 bytes); gives its id. A name that exists is refused with 45157."""
    answer = await client.call("POST", _CREATE, data={"tag": {"name": name}})
    with reading(_CREATE):
        return int(answer["tag"]["id"])


async def tag_people(client: AsyncWeChatClient, tag_id: int, openids: Sequence[str]) -> None:
    """Put a tag on at most 50 followers; doing it twice changes nothing."""
    await client.call("POST", "/cgi-bin/tags/members/batchtagging", data=_members(tag_id, openids))


async def untag_people(client: AsyncWeChatClient, tag_id: int, openids: Sequence[str]) -> None:
    """Take a tag off at most 50 followers."""
    await client.call("POST", "/cgi-bin/tags/members/batchuntagging", data=_members(tag_id, openids))


def _members(tag_id: int, openids: Sequence[str]) -> dict[str, object]:
    if not 1 <= len(openids) <= AT_ONCE:
        raise ValueError(f"a call tags 1 to {AT_ONCE} people")
    return {"tagid": tag_id, "openid_list": list(openids)}
