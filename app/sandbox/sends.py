"""The two sends, checked as the platform checks them, and shown on the person's phone."""

from typing import Any, Final

from sanic import Request

from app.gateways.wechat.accounts import Account
from app.sandbox.answers import PlatformRefusal
from app.sandbox.fields import checked_values
from app.sandbox.platform import body_of
from app.sandbox.quotas import SUBSCRIBE_SEND, TEMPLATE_SEND
from app.sandbox.sandbox import Sandbox
from app.sandbox.templates import Channel, Template
from app.sandbox.world import Person

_LONGEST_CLIENT_MSG_ID: Final = 32
_STATES: Final = (None, "developer", "trial", "formal")
_LANGUAGES: Final = (None, "zh_CN", "en_US", "zh_HK", "zh_TW")


class Sends:
    """``message/template/send`` and ``message/subscribe/send``."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def template(self, request: Request) -> dict[str, Any]:
        account, world = self._sandbox.options.oa, self._sandbox.world
        body = self._body(request, account)
        person = self._recipient(account, body)
        template = self._template(body, "template")
        if not person.following:
            raise PlatformRefusal(43004)
        client_msg_id = _client_msg_id(body)
        values = checked_values(template, body.get("data"))
        target = self._template_target(body)
        known = world.already_sent(person, client_msg_id) if client_msg_id else None
        if known is not None:
            return {"errcode": 0, "errmsg": "ok", "msgid": known}
        self._sandbox.quotas.spend(TEMPLATE_SEND, account.appid)
        msgid = world.next_msgid()
        more = {"client_msg_id": client_msg_id, "msgid": msgid, "appid": account.appid, **target}
        world.show(person, _card(template, values, body, TEMPLATE_SEND) | more)
        event = {"MsgID": msgid, "Status": "success"}
        self._sandbox.push_event(account, person, "TEMPLATESENDJOBFINISH", **event)
        return {"errcode": 0, "errmsg": "ok", "msgid": msgid}

    async def subscribe(self, request: Request) -> dict[str, Any]:
        account, world = self._sandbox.options.mp, self._sandbox.world
        body = self._body(request, account)
        person = self._recipient(account, body)
        template = self._template(body, "subscribe")
        if body.get("miniprogram_state") not in _STATES or body.get("lang") not in _LANGUAGES:
            raise PlatformRefusal(40097, "miniprogram_state or lang")
        page = _page(body.get("page"))
        values = checked_values(template, body.get("data"))
        if not world.has_consent(person, template.template_id):
            raise PlatformRefusal(43101)
        self._sandbox.quotas.spend(SUBSCRIBE_SEND, account.appid)
        msgid = world.next_msgid()
        more = {"page": page, "client_msg_id": None, "msgid": msgid, "appid": account.appid}
        world.show(person, _card(template, values, body, SUBSCRIBE_SEND) | more)
        entry = {"TemplateId": template.template_id, "MsgID": str(msgid), "ErrorCode": "0"}
        sent = {**entry, "ErrorStatus": "success"}
        self._sandbox.push_event(account, person, "subscribe_msg_sent_event", List=sent)
        return {"errcode": 0, "errmsg": "ok", "msgid": msgid}

    def _body(self, request: Request, account: Account) -> dict[str, Any]:
        self._sandbox.tokens.check(request.args.get("access_token"), account.appid)
        return body_of(request)

    def _recipient(self, account: Account, body: dict[str, Any]) -> Person:
        person = self._sandbox.world.find(account.appid, body.get("touser"))
        if person is None:
            raise PlatformRefusal(40003)
        return person

    def _template(self, body: dict[str, Any], channel: Channel) -> Template:
        template = self._sandbox.template(body.get("template_id"), channel)
        if template is None:
            raise PlatformRefusal(40037)
        return template

    def _template_target(self, body: dict[str, Any]) -> dict[str, Any]:
        """Where a tap on the card leads: with both given, the mini-program wins."""
        url, program = body.get("url") or None, body.get("miniprogram") or None
        if url is not None and not (isinstance(url, str) and url.startswith(("http://", "https://"))):
            raise PlatformRefusal(40097, "url")
        if program is None:
            return {"url": url}
        if not isinstance(program, dict) or program.get("appid") != self._sandbox.options.mp.appid:
            raise PlatformRefusal(40013, "miniprogram")
        return {"url": url, "page": _page(program.get("pagepath"))}


def _card(template: Template, values: dict[str, str], body: dict[str, Any], path: str) -> dict[str, Any]:
    return {
        "kind": template.channel,
        "title": template.title,
        "template_id": template.template_id,
        "lines": [
            {"label": line.label, "key": line.key, "value": values[line.key]} for line in template.lines
        ],
        "data": body["data"],
        "path": path,
    }


def _client_msg_id(body: dict[str, Any]) -> str | None:
    given = body.get("client_msg_id")
    if given is None:
        return None
    if not isinstance(given, str) or not 0 < len(given) <= _LONGEST_CLIENT_MSG_ID:
        raise PlatformRefusal(40097, "client_msg_id")
    return given


def _page(page: Any) -> str | None:
    """A page of the mini-program, by its path; an address of the web is none."""
    if page is None:
        return None
    if not isinstance(page, str) or "://" in page or len(page) > 1024 or any(c.isspace() for c in page):
        raise PlatformRefusal(41030)
    return page
