"""How often an account may still call one of WeChat's paths today."""

from dataclasses import dataclass

from app.gateways.wechat.client import AsyncWeChatClient
from app.gateways.wechat.shapes import reading

_GET = "/cgi-bin/openapi/quota/get"


@dataclass(frozen=True, slots=True)
class Quota:
    """Calls of this day in Shanghai."""

    daily_limit: int
    used: int
    remain: int


async def quota(client: AsyncWeChatClient, path: str) -> Quota:
    """The quota of a path such as ``/cgi-bin/message/custom/send``.

    Raises WeChatRefused or WeChatUnreachable.
    """
    answer = await client.call("POST", _GET, data={"cgi_path": path})
    with reading(_GET):
        told = answer["quota"]
        return Quota(int(told["daily_limit"]), int(told["used"]), int(told["remain"]))
