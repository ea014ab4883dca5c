"""Posters 海报: codes of a hall for the public account or the mini-program, and one of the account alone."""

from typing import Final

from app.domain.accounts import scenes
from app.domain.accounts.scene_models import SceneKind, SceneMedium
from app.domain.accounts.scenes import Painter, Picture
from app.domain.halls.errors import HallNotFound
from app.domain.halls.models import Hall
from app.gateways import wechat
from app.gateways.wechat import WeChatDown, WeChatError
from app.kit import qr

_BOOKING_PAGE: Final = "pages/booking/index"
_PNG_HEAD: Final = b"\x89PNG"


async def poster(hall_id: int, medium: SceneMedium) -> Picture:
    """A hall's code for one medium, made once and then kept.

    Raises HallNotFound, also for a hall closed for good, and WeChatDown.
    """
    if not await Hall.filter(id=hall_id, is_active=True).exists():
        raise HallNotFound
    short = await scenes.make_scene(SceneKind.HALL_POSTER, {"hall_id": hall_id}, expires_in=None)
    return await scenes.picture(short, medium, _PAINTERS[medium])


async def account_code() -> Picture:
    """The code by which one comes to the public account for its reminders, of no hall. Raises WeChatDown."""
    short = await scenes.make_scene(SceneKind.REMINDERS, {}, expires_in=None)
    return await scenes.picture(short, SceneMedium.PUBLIC_ACCOUNT, _of_public_account)


async def mini_program_code(short: str, page: str) -> Picture:
    """WeChat's round code 小程序码 that opens a page with this scene. Raises WeChatDown."""
    try:
        body = await wechat.current().mp.code_image(short, page)
    except WeChatError as failed:
        raise WeChatDown from failed
    return Picture(body, "image/png" if body.startswith(_PNG_HEAD) else "image/jpeg")


async def _of_public_account(short: str) -> Picture:
    """A permanent scene code 带参二维码. WeChat tells what it says, so we draw it ourselves."""
    try:
        code = await wechat.current().oa.scene_code(short, expires_s=None)
    except WeChatError as failed:
        raise WeChatDown from failed
    return Picture(qr.png(code.url), "image/png")


async def _of_mini_program(short: str) -> Picture:
    return await mini_program_code(short, _BOOKING_PAGE)


_PAINTERS: dict[SceneMedium, Painter] = {
    SceneMedium.PUBLIC_ACCOUNT: _of_public_account,
    SceneMedium.MINI_PROGRAM: _of_mini_program,
}
