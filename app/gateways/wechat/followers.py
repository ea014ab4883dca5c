"""Who follows the public account, and what WeChat says of one of them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from app.gateways.wechat.client import AsyncWeChatClient
from app.gateways.wechat.shapes import reading

_INFO = "/cgi-bin/user/info"


@dataclass(frozen=True, slots=True)
class Follower:
    """What WeChat tells of somebody; of one who does not follow it tells only that."""

    openid: str
    is_follower: bool
    unionid: str | None
    tag_ids: tuple[int, ...]


async def profile(client: AsyncWeChatClient, openid: str) -> Follower:
    """One person seen from the public account. Raises WeChatRefused or WeChatUnreachable."""
    answer = await client.call("GET", _INFO, params={"openid": openid, "lang": "zh_CN"})
    with reading(_INFO):
        return Follower(
            openid=str(answer["openid"]),
            is_follower=bool(int(answer["subscribe"])),
            unionid=answer.get("unionid") or None,
            tag_ids=tuple(int(tag_id) for tag_id in answer.get("tagid_list") or ()),
        )


async def followers(client: AsyncWeChatClient) -> AsyncIterator[str]:
    """The openid of every follower, asked for by pages of 10,000."""
    async for openid in client.user.iter_followers():
        yield openid
