"""The control API under ``/_sandbox``: look at a phone, tap on it, order faults, count calls."""

from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from sanic import HTTPResponse, Request

from app.sandbox.answers import answered
from app.sandbox.codes import LIFE_S
from app.sandbox.pushes import Push
from app.sandbox.quotas import Limit
from app.sandbox.sandbox import Sandbox
from app.sandbox.templates import Template
from app.sandbox.world import Person, openid_of, phone_of, unionid_of

Handler = Callable[[Request], Coroutine[Any, Any, HTTPResponse]]


class Control:
    """Raises ValueError with a Chinese text for a wish it cannot understand."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def messages(self, request: Request) -> HTTPResponse:
        """All that a person's WeChat shows, oldest first."""
        person = self._sandbox.world.people.get(request.args.get("person", ""))
        return answered({"items": list(person.messages) if person else [], "next": None})

    async def tap(self, request: Request) -> HTTPResponse:
        wish = _wish(request)
        person = self._sandbox.world.person(_text(wish, "person"))
        push = await self._tap(person, _text(wish, "kind"), wish)
        return answered({"ok": True, "person": self._shown(person), "push": push.shown() if push else None})

    async def _tap(self, person: Person, kind: str, wish: dict[str, Any]) -> Push | None:
        match kind:
            case "follow":
                return await self._sandbox.follow(person)
            case "unfollow":
                return await self._sandbox.unfollow(person)
            case "text":
                return await self._sandbox.say(person, _text(wish, "text"))
            case "menu":
                return await self._sandbox.press(person, _text(wish, "key"))
            case "scan":
                return await self._sandbox.scan(person, _text(wish, "scene"))
            case "accept" | "reject":
                chosen = self._templates(wish)
                return await self._sandbox.answer_prompt(person, chosen, accept=kind == "accept")
        raise ValueError("kind 只能是 follow、unfollow、text、menu、scan、accept 或 reject")

    async def order_fault(self, request: Request) -> HTTPResponse:
        self._sandbox.faults.order(_wish(request))
        return await self.faults(request)

    async def faults(self, _request: Request) -> HTTPResponse:
        return answered({"items": [fault.shown() for fault in self._sandbox.faults.items.values()]})

    async def clear_faults(self, request: Request) -> HTTPResponse:
        self._sandbox.faults.clear()
        return await self.faults(request)

    async def set_quota(self, request: Request) -> HTTPResponse:
        wish = _wish(request)
        limits = {name: wish.get(name) for name in ("per_day", "per_minute")}
        if any(
            value is not None and not (isinstance(value, int) and value >= 0) for value in limits.values()
        ):
            raise ValueError("per_day 和 per_minute 要是不小于 0 的整数，或不写")
        self._sandbox.quotas.limits[_text(wish, "path")] = Limit(**limits)
        return answered({"ok": True})

    async def calls(self, _request: Request) -> HTTPResponse:
        """How often each path of the platform was called."""
        return answered(dict(self._sandbox.calls))

    async def pushes(self, _request: Request) -> HTTPResponse:
        """What was pushed to our server lately, and how it answered."""
        return answered({"items": [push.shown() for push in self._sandbox.pushes.items], "next": None})

    async def reset(self, _request: Request) -> HTTPResponse:
        sandbox = self._sandbox
        for part in (sandbox.calls, sandbox.faults, sandbox.codes, sandbox.quotas, sandbox.pushes.items):
            part.clear()
        sandbox.world.reset()
        return answered({"ok": True})

    async def code(self, request: Request) -> HTTPResponse:
        """A single-use code, as wx.login or the phone-number button gives it."""
        wish = _wish(request)
        person = self._sandbox.world.person(_text(wish, "person"))
        purpose = wish.get("purpose", "login")
        if purpose not in ("login", "phone"):
            raise ValueError("purpose 只能是 login 或 phone")
        return answered({"code": self._sandbox.codes.issue(person.name, purpose), "expires_in": LIFE_S})

    async def people(self, _request: Request) -> HTTPResponse:
        shown = [self._shown(person) for person in self._sandbox.world.people.values()]
        return answered({"items": shown, "next": None})

    async def new_person(self, request: Request) -> HTTPResponse:
        person = self._sandbox.world.person(_text(_wish(request), "person"))
        return answered(self._shown(person))

    async def templates(self, _request: Request) -> HTTPResponse:
        """The templates both accounts own, so that a phone knows what it may ask consent for."""
        items = [
            {
                "template_id": template.template_id,
                "channel": template.channel,
                "title": template.title,
                "long_term": template.long_term,
                "lines": [{"label": line.label, "key": line.key} for line in template.lines],
            }
            for template in self._sandbox.templates.values()
        ]
        return answered({"items": items, "next": None})

    def _templates(self, wish: dict[str, Any]) -> list[Template]:
        wanted = wish.get("template_ids")
        if not isinstance(wanted, list) or not wanted:
            raise ValueError("请在 template_ids 中写明订阅模板")
        chosen = []
        for template_id in wanted:
            template = self._sandbox.template(template_id, "subscribe")
            if template is None:
                raise ValueError(f"小程序没有这个订阅模板：{template_id}")
            chosen.append(template)
        return chosen

    def _shown(self, person: Person) -> dict[str, Any]:
        options = self._sandbox.options
        return {
            "person": person.name,
            "following": person.following,
            "openid_oa": openid_of(options.oa.appid, person.name),
            "openid_mp": openid_of(options.mp.appid, person.name),
            "unionid": unionid_of(person.name),
            "phone": phone_of(person.name),
            "consents": {key: count for key, count in person.consents.items() if count},
            "long_term": sorted(person.long_term),
            "messages": len(person.messages),
        }


def understood(handler: Handler) -> Handler:
    """Turn a ValueError into 400 with its text."""

    async def answer(request: Request) -> HTTPResponse:
        try:
            return await handler(request)
        except ValueError as wrong:
            refusal = answered({"detail": str(wrong)})
            refusal.status = 400
            return refusal

    answer.__name__ = getattr(handler, "__name__", "control")
    return answer


def _wish(request: Request) -> dict[str, Any]:
    try:
        wish = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise ValueError("请求体要是 JSON") from None
    if not isinstance(wish, dict):
        raise ValueError("请求体要是 JSON 对象")
    return wish


def _text(wish: dict[str, Any], name: str) -> str:
    value = wish.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"请写明 {name}")
    return value
