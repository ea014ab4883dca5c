"""The control API under ``/_sandbox``: look at a phone, tap on it, order faults, count calls."""

from dataclasses import replace
from typing import Any, Final

from sanic import HTTPResponse, Request

from app.sandbox.answers import answered
from app.sandbox.codes import LIFE_S
from app.sandbox.quotas import Limit
from app.sandbox.sandbox import Sandbox
from app.sandbox.taps import Taps
from app.sandbox.wishes import Handler, flag_in, number_in, text_in, texts_in, wish_of
from app.sandbox.world import Person, openid_of, phone_of, unionid_of

_LARGEST_CROWD: Final = 1_000_000

Doors = tuple[tuple[str, str, Handler], ...]
"""Method, path under ``/_sandbox/`` and handler."""


class Control:
    """Raises ValueError with a Chinese text for a wish it cannot understand."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def doors(self) -> Doors:
        return (
            ("GET", "messages", self.messages),
            ("POST", "tap", self.tap),
            ("PUT", "faults", self.order_fault),
            ("GET", "faults", self.faults),
            ("DELETE", "faults", self.clear_faults),
            ("PUT", "quotas", self.set_quota),
            ("GET", "calls", self.calls),
            ("GET", "accepted", self.accepted),
            ("GET", "pushes", self.pushes),
            ("POST", "reset", self.reset),
            ("POST", "code", self.code),
            ("GET", "persons", self.people),
            ("POST", "persons", self.new_person),
            ("PUT", "persons", self.change_person),
            ("POST", "people", self.new_people),
            ("GET", "templates", self.templates),
        )

    async def messages(self, request: Request) -> HTTPResponse:
        """All that a person's WeChat shows, oldest first."""
        person = self._sandbox.world.people.get(request.args.get("person", ""))
        return answered({"items": list(person.messages) if person else [], "next": None})

    async def tap(self, request: Request) -> HTTPResponse:
        wish = wish_of(request)
        person = self._sandbox.world.person(text_in(wish, "person"))
        push = await Taps(self._sandbox, f"{request.scheme}://{request.host}").tap(person, wish)
        return answered({"ok": True, "person": self._shown(person), "push": push.shown() if push else None})

    async def order_fault(self, request: Request) -> HTTPResponse:
        self._sandbox.faults.order(wish_of(request))
        return await self.faults(request)

    async def faults(self, _request: Request) -> HTTPResponse:
        return answered({"items": [fault.shown() for fault in self._sandbox.faults.items.values()]})

    async def clear_faults(self, request: Request) -> HTTPResponse:
        self._sandbox.faults.clear()
        return await self.faults(request)

    async def set_quota(self, request: Request) -> HTTPResponse:
        wish = wish_of(request)
        given = [wish.get(name) for name in ("per_day", "per_minute")]
        if any(value is not None and not (isinstance(value, int) and value >= 0) for value in given):
            raise ValueError("per_day 和 per_minute 要是不小于 0 的整数，或不写")
        limits, path = self._sandbox.quotas.limits, text_in(wish, "path")
        limits[path] = replace(limits.get(path, Limit()), per_day=given[0], per_minute=given[1])
        return answered({"ok": True})

    async def calls(self, _request: Request) -> HTTPResponse:
        """How often each path of the platform was called."""
        return answered(dict(self._sandbox.calls))

    async def accepted(self, _request: Request) -> HTTPResponse:
        """How often each client_msg_id was accepted, oldest first; more than once is once too often."""
        counts = self._sandbox.accepted.counts()
        return answered({"items": counts, "total": sum(counts.values())})

    async def pushes(self, _request: Request) -> HTTPResponse:
        """What was pushed to our server lately, and how it answered."""
        return answered({"items": [push.shown() for push in self._sandbox.pushes.items], "next": None})

    async def reset(self, _request: Request) -> HTTPResponse:
        self._sandbox.reset()
        return answered({"ok": True})

    async def code(self, request: Request) -> HTTPResponse:
        """A single-use code, as wx.login or the phone-number button gives it."""
        wish = wish_of(request)
        person = self._sandbox.world.person(text_in(wish, "person"))
        purpose = wish.get("purpose", "login")
        if purpose not in ("login", "phone"):
            raise ValueError("purpose 只能是 login 或 phone")
        program = self._sandbox.options.named(wish.get("account") or "mp")
        code = self._sandbox.codes.issue(person.name, purpose, program.appid)
        return answered({"code": code, "expires_in": LIFE_S})

    async def people(self, _request: Request) -> HTTPResponse:
        shown = [self._shown(person) for person in self._sandbox.world.people.values()]
        return answered({"items": shown, "next": None})

    async def new_person(self, request: Request) -> HTTPResponse:
        person = self._sandbox.world.person(text_in(wish_of(request), "person"))
        return answered(self._shown(person))

    async def new_people(self, request: Request) -> HTTPResponse:
        """Let a crowd appear at once, ``<prefix>-0`` and so on; nothing of it is pushed to our server.

        ``follow`` makes them followers of the public account; ``consents`` are templates they accept once.
        """
        wish = wish_of(request)
        prefix, count = text_in(wish, "prefix"), int(number_in(wish, "count", _LARGEST_CROWD))
        follows, templates = flag_in(wish, "follow", default=True), texts_in(wish, "consents")
        world = self._sandbox.world
        for number in range(count):
            person = world.person(f"{prefix}-{number}")
            if follows:
                world.follow(person, following=True)
            for template_id in templates:
                world.consent(person, template_id, long_term=False)
        return answered({"ok": True, "count": count})

    async def change_person(self, request: Request) -> HTTPResponse:
        """Let someone be a snapshot visitor of web pages, or decline customer-service messages."""
        wish = wish_of(request)
        person = self._sandbox.world.person(text_in(wish, "person"))
        self._sandbox.world.behave(
            person,
            snapshot=flag_in(wish, "snapshot", default=person.snapshot),
            declines=flag_in(wish, "declines", default=person.declines),
        )
        return answered(self._shown(person))

    async def templates(self, _request: Request) -> HTTPResponse:
        """The templates all accounts own, so that a phone knows what it may ask consent for."""
        items = [
            {
                "template_id": template.template_id,
                "appid": account.appid,
                "channel": template.channel,
                "title": template.title,
                "long_term": template.long_term,
                "lines": [{"label": line.label, "key": line.key} for line in template.lines],
            }
            for _, account in self._sandbox.options.accounts
            for channel in ("template", "subscribe")
            for template in self._sandbox.own_templates.of(account.appid, channel).values()
        ]
        return answered({"items": items, "next": None})

    def _shown(self, person: Person) -> dict[str, Any]:
        options = self._sandbox.options
        return {
            "person": person.name,
            "following": self._sandbox.world.following(person),
            "follows": sorted(appid for appid, follows in person.follows.items() if follows),
            "openid_oa": openid_of(options.oa.appid, person.name),
            "openid_mp": openid_of(options.mp.appid, person.name),
            "unionid": unionid_of(person.name),
            "phone": phone_of(person.name),
            "snapshot": person.snapshot,
            "declines": person.declines,
            "consents": {key: count for key, count in person.consents.items() if count},
            "long_term": sorted(person.long_term),
            "messages": len(person.messages),
        }
