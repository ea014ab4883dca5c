"""WeChat's own calls to us: checked, opened, done once, and answered within a second."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qsl

from sanic import HTTPResponse
from sanic.response import text

from app.gateways import wechat
from app.gateways.wechat import BadEnvelope, Event, Message, parse, replies
from app.gateways.wechat.envelope import Opened
from app.kit.errors import NotAllowed
from app.kit.web import ANYONE, Call, Routes, Schema, fields
from app.public_account import answering, consents, deliveries, followers, privacy
from app.public_account.metrics import EVENTS, REPEATS
from notifications import windows

log = logging.getLogger("weiban.callback")

routes = Routes("/wechat", tag="微信回调")

LARGEST_BODY: Final = 1024 * 1024
# WeChat gives up after five seconds and comes again: by then a try of ours is over, one way or the other.
_LONGEST_S: Final = 3.0

Party = wechat.PublicAccount | wechat.MiniProgram
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

    def read_itself(self, query_string: str) -> dict[str, str]:
        """The values by name, the last one of each; the envelope checks every one it reads."""
        return (
            dict(parse_qsl(query_string))
            if "%" in query_string or "+" in query_string
            else {name: value for name, _, value in (pair.partition("=") for pair in query_string.split("&"))}
        )


_listeners: dict[str, list[Listener]] = {
    "subscribe": [followers.follow],
    "unsubscribe": [followers.unfollow],
    "user_info_modified": [followers.look_again],
    "subscribe_msg_popup_event": [consents.enter],
    "subscribe_msg_change_event": [consents.enter],
    "user_authorization_revoke": [privacy.take_back],
    "user_authorization_cancellation": [privacy.take_back_all],
}
# Events that are counted and nothing else; a name nobody knows is counted as one of others.
_COUNTED: Final = ("view", "view_miniprogram", "scancode_push", "location_select", "pic_sysphoto")


def listen(event: str, listener: Listener) -> None:
    """Have another part of the house told of an event, by WeChat's name of it in lower case."""
    known = _listeners.setdefault(event, [])
    if listener not in known:
        known.append(listener)


def _declare(path: str, kind: str, whose: str) -> None:
    """All accounts are called alike. The caller proves itself by the signature, not by a token."""

    async def verify(call: Call) -> object:
        _party(kind, call).envelope.check_address(call.query)
        return text(call.query.get("echostr", ""))

    async def take(call: Call) -> object:
        return await receive(_party(kind, call), call.request.body, call.query)

    verify.__doc__ = f"微信验证{whose}的服务器地址"
    take.__doc__ = f"接收微信推送到{whose}的消息与事件"
    declared = {"caller": ANYONE, "query": WeChatAddress, "errors": (NotFromWeChat,)}
    routes.get(path, produces="text/plain", **declared)(_told_plainly(verify))
    routes.post(path, produces="text/plain", **declared)(_told_plainly(take))


async def receive(party: Party, body: bytes, query: dict[str, str]) -> HTTPResponse:
    """One push: open it, do what it asks for once, and answer; a repeated one gets the same answer.

    Raises BadEnvelope. A failing listener fails the answer, and WeChat comes again.
    """
    if len(body) > LARGEST_BODY:
        raise BadEnvelope("too large")
    opened = party.envelope.open(body, query)
    if party.kind == "oa" and opened.form != "xml":
        opened = replace(opened, form="xml")  # A public account has no other form to be answered in.
    said = parse(opened.message)
    talker = windows.talker_of(party.appid, said.openid) if answering.is_talk(said) else ""
    claim = await deliveries.claim(party.appid, said.once_key, talker, is_message=isinstance(said, Message))
    if claim.answer is not None:
        REPEATS.inc()
        return _answered(party, claim.answer, opened, query)
    try:
        if isinstance(said, Event):
            await _tell_listeners(party.appid, said)
        answer, opening = await _answer(party, said, opened, claim)
    except BaseException:
        await deliveries.release(claim)
        raise
    await deliveries.settle(claim, answer, opening)
    return _answered(party, answer, opened, query)


async def _tell_listeners(appid: str, said: Event) -> None:
    EVENTS.labels(said.event if _is_known(said) else "other").inc()
    told = _listeners.get(said.event, ())
    if told:
        async with asyncio.timeout(_LONGEST_S):
            for listener in told:
                await listener(appid, said)


async def _answer(
    party: Party, said: Message | Event, opened: Opened, claim: deliveries.Claim
) -> tuple[bytes, deliveries.Opening | None]:
    """The answer as it is remembered, sealed but not yet signed, and what the dialogue leaves open."""
    if not claim.talker:
        return replies.HANDLED, None
    reply, opening = await answering.answer(party, said, opened.message, claim)
    if reply is None:
        return replies.HANDLED, opening
    written = replies.render(reply, to=said.openid, sender=said.account, form=opened.form)
    if opened.key is None:
        return written, opening
    return party.envelope.encrypt(written, key=opened.key).encode(), opening


def _answered(party: Party, answer: bytes, opened: Opened, query: dict[str, str]) -> HTTPResponse:
    """Sign it for this very request: a repeated delivery has a nonce of its own."""
    if answer != replies.HANDLED and opened.key is not None:
        answer = party.envelope.sign(answer.decode(), nonce=query["nonce"], form=opened.form)
    is_plain = answer == replies.HANDLED or opened.form == "json"
    return HTTPResponse(answer, content_type="text/plain; charset=utf-8" if is_plain else "application/xml")


def _is_known(said: Event) -> bool:
    return said.event in _listeners or said.event in _COUNTED or answering.is_talk(said)


def _party(kind: str, call: Call) -> Party:
    """The account an address belongs to; an appid that is not ours looks like any other forgery."""
    current = wechat.current()
    appid = call.path.get("appid")
    if appid is None:
        return current.oa if kind == "oa" else current.mp
    try:
        party = current.party(appid)
    except KeyError:
        raise BadEnvelope("no such account") from None
    if not isinstance(party, Party) or party.kind != kind:
        raise BadEnvelope("an account of another kind")
    return party


def _told_plainly(handler: Callable[[Call], Awaitable[object]]) -> Callable[[Call], Awaitable[object]]:
    async def handle(call: Call) -> object:
        try:
            return await handler(call)
        except BadEnvelope as bad:
            log.warning("a callback was refused: %s", bad.reason)
            raise NotFromWeChat from None

    handle.__doc__ = handler.__doc__
    return handle


_declare("/oa", "oa", "公众号")
_declare("/mp", "mp", "小程序")
_declare("/oa/<appid:str>", "oa", "另一公众号")
_declare("/mp/<appid:str>", "mp", "另一小程序")
