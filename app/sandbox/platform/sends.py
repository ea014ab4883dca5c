"""Template and subscribe messages, checked as the platform checks them, and shown on the person's phone."""

from typing import Any, Final

from sanic import Request

from app.gateways.wechat.accounts import Account
from app.sandbox.answers import PlatformRefusal
from app.sandbox.fields import checked_values
from app.sandbox.platform.calls import OK, Calls, Table, body_of, page_path
from app.sandbox.quotas import BIZ_SEND, SUBSCRIBE_SEND, TEMPLATE_SEND
from app.sandbox.templates import Channel, Template
from app.sandbox.world import Person

_LONGEST_CLIENT_MSG_ID: Final = 32
_STATES: Final = (None, "developer", "trial", "formal")
_LANGUAGES: Final = (None, "zh_CN", "en_US", "zh_HK", "zh_TW")


class Sends(Calls):
    """``message/template/send``, ``message/subscribe/send`` and ``bizsend``."""

    pays_late = True

    def table(self) -> Table:
        return {
            TEMPLATE_SEND: ("POST", self.template),
            SUBSCRIBE_SEND: ("POST", self.subscribe),
            BIZ_SEND: ("POST", self.biz_subscribe),
        }

    async def template(self, request: Request) -> dict[str, Any]:
        account, world = self._caller(request, "oa"), self._sandbox.world
        body = body_of(request)
        person = self._person(account, body.get("touser"))
        template = self._template(account, body, "template")
        if not world.following(person, account.appid):
            raise PlatformRefusal(43004)
        client_msg_id = _client_msg_id(body)
        values = checked_values(template, body.get("data"))
        target = self._target(body)
        known = world.already_sent(account.appid, person, client_msg_id) if client_msg_id else None
        if known is not None:
            return {**OK, "msgid": known}
        self._sandbox.quotas.spend(TEMPLATE_SEND, account.appid)
        msgid = world.next_msgid()
        if client_msg_id:
            self._sandbox.accepted.note(client_msg_id)
        more = {"client_msg_id": client_msg_id, "msgid": msgid, **target}
        self._sandbox.show(account, person, _card(template, values, body, TEMPLATE_SEND) | more)
        event = {"MsgID": msgid, "Status": "success"}
        self._sandbox.push_event(account, person, "TEMPLATESENDJOBFINISH", **event)
        return {**OK, "msgid": msgid}

    async def subscribe(self, request: Request) -> dict[str, Any]:
        account = self._caller(request, "mp")
        body = body_of(request)
        person = self._person(account, body.get("touser"))
        template = self._template(account, body, "subscribe")
        if body.get("miniprogram_state") not in _STATES or body.get("lang") not in _LANGUAGES:
            raise PlatformRefusal(40097, "miniprogram_state or lang")
        page = page_path(body.get("page"))
        is_released = body.get("miniprogram_state") in (None, "formal")
        if page and is_released and page.partition("?")[0].lstrip("/") not in self._sandbox.options.pages:
            raise PlatformRefusal(41030)
        return self._send_subscribed(account, person, template, body, SUBSCRIBE_SEND, {"page": page})

    async def biz_subscribe(self, request: Request) -> dict[str, Any]:
        """The subscribe message of a public account; it leads to a web page or a mini-program."""
        account = self._caller(request, "oa")
        body = body_of(request)
        person = self._person(account, body.get("touser"))
        template = self._template(account, body, "subscribe")
        target = self._target({**body, "url": body.get("page")})
        return self._send_subscribed(account, person, template, body, BIZ_SEND, target)

    def _send_subscribed(
        self,
        account: Account,
        person: Person,
        template: Template,
        body: dict[str, Any],
        path: str,
        target: dict[str, Any],
    ) -> dict[str, Any]:
        world = self._sandbox.world
        values = checked_values(template, body.get("data"))
        if not world.has_consent(person, template.template_id):
            raise PlatformRefusal(43101)
        self._sandbox.quotas.spend(path, account.appid)
        msgid = world.next_msgid()
        more = {"client_msg_id": None, "msgid": msgid, **target}
        self._sandbox.show(account, person, _card(template, values, body, path) | more)
        entry = {"TemplateId": template.template_id, "MsgID": str(msgid), "ErrorCode": "0"}
        entries = [{**entry, "ErrorStatus": "success"}]
        event = self._sandbox.list_event(account, "subscribe_msg_sent_event", entries)
        self._sandbox.push_event(account, person, event.pop("Event"), **event)
        return {**OK, "msgid": msgid}

    def _template(self, account: Account, body: dict[str, Any], channel: Channel) -> Template:
        template = self._sandbox.own_templates.find(account.appid, body.get("template_id"), channel)
        if template is None:
            raise PlatformRefusal(40037)
        return template

    def _target(self, body: dict[str, Any]) -> dict[str, Any]:
        """Where a tap on the card leads: with both given, the mini-program wins."""
        url, program = body.get("url") or None, body.get("miniprogram") or None
        if url is not None and not (isinstance(url, str) and url.startswith(("http://", "https://"))):
            raise PlatformRefusal(40097, "url")
        if program is None:
            return {"url": url}
        if not isinstance(program, dict) or program.get("appid") not in self._sandbox.appids("mp"):
            raise PlatformRefusal(40013, "miniprogram")
        return {"url": url, "page": page_path(program.get("pagepath"))}


def _card(template: Template, values: dict[str, str], body: dict[str, Any], path: str) -> dict[str, Any]:
    return {
        "kind": template.channel,
        "from": "account",
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
