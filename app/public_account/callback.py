"""WeChat's own calls to us: checked, opened, done once, and answered within its five seconds."""

import hashlib
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from sanic import HTTPResponse
from sanic.response import text

from app.gateways import wechat
from app.gateways.wechat import BadEnvelope, Event, parse
from app.kit import cache
from app.kit.errors import NotAllowed
from app.kit.web import ANYONE, Call, Routes, Schema, fields
from app.public_account import consents, followers
from config import settings

log = logging.getLogger("weiban.callback")

routes = Routes("/wechat", tag="微信回调")

LARGEST_BODY: Final = 1024 * 1024
_HANDLED: Final = "success"

Listener = Callable[[str, Event], Awaitable[None]]
"""Gets the appid and the event. WeChat tells things twice: a listener must be safe to repeat."""


class NotFromWeChat(NotAllowed):
    """One answer to every kind of defect, so that a forger learns nothing from it."""

    code = "not_from_wechat"
    message = "不是微信发来的请求"


class WeChatAddress(Schema):
    """The query WeChat adds to the address; it may add more one day."""

    class Meta:
        unknown = "exclude"

    signature = fields.Text(metadata={"description": "明文签名", "example": "5a1f…"})
    msg_signature = fields.Text(metadata={"description": "密文签名（安全模式）", "example": "c2d8…"})
    timestamp = fields.Text(metadata={"description": "时间戳（秒）", "example": "1795312800"})
    nonce = fields.Text(metadata={"description": "随机数", "example": "486513"})
    encrypt_type = fields.Text(metadata={"description": "加密方式", "example": "aes"})
    openid = fields.Text(metadata={"description": "发送者", "example": "o6_bmjrPTlm6_2sgVt7hMZOPfL2M"})
    echostr = fields.Text(metadata={"description": "接入验证时原样返回", "example": "4375120948345356249"})


_listeners: dict[str, list[Listener]] = {
    "subscribe": [followers.follow],
    "unsubscribe": [followers.unfollow],
    "subscribe_msg_popup_event": [consents.enter],
    "subscribe_msg_change_event": [consents.enter],
}


def listen(event: str, listener: Listener) -> None:
    """Have another part of the house told of an event, by WeChat's name of it in lower case."""
    known = _listeners.setdefault(event, [])
    if listener not in known:
        known.append(listener)


def _declare(path: str, appid_of: Callable[[], str], whose: str) -> None:
    """Both accounts are called alike. The caller proves itself by the signature, not by a token."""

    async def verify(call: Call) -> object:
        _party(appid_of()).envelope.check_address(call.query)
        return text(call.query.get("echostr", ""))

    async def take(call: Call) -> object:
        return await receive(appid_of(), call.request.body, call.query)

    verify.__doc__ = f"微信验证{whose}的服务器地址"
    take.__doc__ = f"接收微信推送到{whose}的消息与事件"
    declared = {"caller": ANYONE, "query": WeChatAddress, "errors": (NotFromWeChat,)}
    routes.get(path, produces="text/plain", **declared)(_told_plainly(verify))
    routes.post(path, produces="text/plain", **declared)(_told_plainly(take))


async def receive(appid: str, body: bytes, query: dict[str, str]) -> HTTPResponse:
    """One push: open it, tell whoever listens, and say ``success``; a repeated one only that.

    Raises BadEnvelope. A failing listener fails the answer, and WeChat comes again.
    """
    if len(body) > LARGEST_BODY:
        raise BadEnvelope("too large")
    said = parse(_party(appid).envelope.open(body, query).message)
    if isinstance(said, Event) and not await _is_done(appid, said):
        for listener in _listeners.get(said.event, ()):
            await listener(appid, said)
        await _remember(appid, said)
    return text(_HANDLED)


def _party(appid: str) -> wechat.PublicAccount | wechat.MiniProgram:
    current = wechat.current()
    return current.oa if appid == current.oa.appid else current.mp


def _told_plainly(handler: Callable[[Call], Awaitable[object]]) -> Callable[[Call], Awaitable[object]]:
    async def handle(call: Call) -> object:
        try:
            return await handler(call)
        except BadEnvelope as bad:
            log.warning("a callback was refused: %s", bad.reason)
            raise NotFromWeChat from None

    handle.__doc__ = handler.__doc__
    return handle


# An event is remembered only once it is done: a try that failed must be repeated. The memory saves
# work and nothing else, so a lost cache does no harm.
def _key(appid: str, event: Event) -> str:
    return f"callback:{hashlib.sha256(f'{appid} {event.once_key}'.encode()).hexdigest()}"


async def _is_done(appid: str, event: Event) -> bool:
    try:
        return bool(await cache.client().exists(_key(appid, event)))
    except cache.CACHE_ERRORS:
        return False


async def _remember(appid: str, event: Event) -> None:
    try:
        # A push can be replayed for the whole window on either side of its timestamp.
        await cache.client().set(_key(appid, event), b"1", ex=2 * settings.current().callback_window_s + 60)
    except cache.CACHE_ERRORS:
        log.warning("the cache does not remember callbacks at the moment")


_declare("/oa", lambda: settings.current().oa_appid, "公众号")
_declare("/mp", lambda: settings.current().mp_appid, "小程序")
