"""Codes to be scanned: the public account's scene codes 带参二维码, the mini-program's own 小程序码."""

from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import quote

from app.gateways.wechat.client import AsyncWeChatClient
from app.gateways.wechat.errors import WeChatUnreachable
from app.gateways.wechat.shapes import reading
from app.gateways.wechat.transport import RawAnswer

EnvVersion = Literal["release", "trial", "develop"]

LONGEST_S: Final = 2_592_000
"""A temporary scene code lives 30 days at most."""

_CREATE: Final = "/cgi-bin/qrcode/create"
_UNLIMITED: Final = "/wxa/getwxacodeunlimit"


@dataclass(frozen=True, slots=True)
class SceneCode:
    """A code that opens the public account and tells it the scene.

    ``url`` is what the code says, to be drawn by ourselves; ``image_url`` is WeChat's picture of it.
    """

    ticket: str
    url: str
    image_url: str
    expires_s: int | None


async def scene_code(
    client: AsyncWeChatClient, picture_base: str, scene: str, *, expires_s: int | None
) -> SceneCode:
    """Make a scene code; ``scene`` has 1–64 characters, ``expires_s`` None makes it last for ever.

    An account has 100,000 lasting codes in all. Raises WeChatRefused or WeChatUnreachable.
    """
    if not 1 <= len(scene) <= 64:
        raise ValueError("a scene has 1 to 64 characters")
    if expires_s is not None and not 1 <= expires_s <= LONGEST_S:
        raise ValueError("a temporary code lives 30 days at most")
    asked: dict[str, object] = {"action_info": {"scene": {"scene_str": scene}}}
    if expires_s is None:
        asked |= {"action_name": "QR_LIMIT_STR_SCENE"}
    else:
        asked |= {"action_name": "QR_STR_SCENE", "expire_seconds": expires_s}
    answer = await client.call("POST", _CREATE, data=asked)
    with reading(_CREATE):
        ticket = str(answer["ticket"])
        return SceneCode(
            ticket=ticket,
            url=str(answer["url"]),
            image_url=f"{picture_base}/cgi-bin/showqrcode?ticket={quote(ticket, safe='')}",
            expires_s=None if expires_s is None else int(answer["expire_seconds"]),
        )


async def code_image(
    client: AsyncWeChatClient, scene: str, page: str, *, env_version: EnvVersion = "release", width: int = 430
) -> bytes:
    """The picture (PNG or JPEG) of a mini-program code that opens a page with this scene.

    The scene has 1–32 characters; WeChat mishandles some of the punctuation it allows, so use letters
    and digits. ``page`` has no leading slash and no query, ``width`` is 280–1280 pixels.
    Raises WeChatRefused or WeChatUnreachable.
    """
    asked = {
        "scene": scene,
        "page": page.lstrip("/"),
        "check_path": env_version == "release",
        "env_version": env_version,
        "width": width,
    }
    answer = await client.call("POST", _UNLIMITED, data=asked)
    if not isinstance(answer, RawAnswer):
        raise WeChatUnreachable(_UNLIMITED, "no picture in the answer", sent_maybe=True)
    return answer.content
