"""Links that open the mini-program from outside WeChat (URL Link)."""

from app.gateways.wechat.client import AsyncWeChatClient
from app.gateways.wechat.shapes import reading

_GENERATE = "/wxa/generate_urllink"


async def url_link(client: AsyncWeChatClient, path: str, query: str = "", *, days: int = 30) -> str:
    """A link to a page of the released mini-program, for 1–30 days.

    ``path`` has no leading slash and no query, ``query`` at most 1,024 characters.
    Raises WeChatRefused or WeChatUnreachable.
    """
    asked = {"path": path.lstrip("/"), "query": query, "expire_type": 1, "expire_interval": days}
    answer = await client.call("POST", _GENERATE, data=asked)
    with reading(_GENERATE):
        return str(answer["url_link"])
