"""The doors ``/_sandbox/tap``: from a wish in JSON to what a person does."""

import base64
import binascii
from collections.abc import Awaitable, Callable
from typing import Any

from app.gateways.wechat.accounts import Account
from app.sandbox.acts import Acts
from app.sandbox.pushes import Push
from app.sandbox.sandbox import Sandbox
from app.sandbox.templates import Template
from app.sandbox.wishes import number_in, text_in
from app.sandbox.world import Person

Wish = dict[str, Any]
Tap = Callable[[Person, Account, Wish], Awaitable[Push | None]]


class Taps:
    """One entry for each kind of tap. Raises ValueError in Chinese for a wish it cannot understand."""

    def __init__(self, sandbox: Sandbox, base: str) -> None:
        """``base`` is the sandbox's own address as the caller sees it."""
        self._sandbox = sandbox
        self._base = base
        self._acts = Acts(sandbox)
        on_account: dict[str, Tap] = {
            "follow": lambda person, account, _: sandbox.follow(person, account),
            "unfollow": lambda person, account, _: sandbox.unfollow(person, account),
            "menu": lambda person, account, wish: self._acts.press(
                person, account, text_in(wish, "key"), wish
            ),
            "miniprogram": lambda person, account, wish: self._acts.open_program(
                person, account, text_in(wish, "page")
            ),
            "scan": self._scan,
            "text": self._text,
            "image": self._image,
            "voice": lambda person, account, wish: self._acts.speak(person, account, text_in(wish, "text")),
            "location": lambda person, account, wish: self._acts.send_location(
                person, account, _place(wish), str(wish.get("label") or "")
            ),
            "position": lambda person, account, wish: self._acts.report_position(
                person, account, _place(wish)
            ),
        }
        on_program: dict[str, Tap] = {
            "accept": lambda person, account, wish: self._answer(person, account, wish, accept=True),
            "reject": lambda person, account, wish: self._answer(person, account, wish, accept=False),
            "change": self._change,
            "enter": lambda person, account, wish: self._acts.enter_chat(
                person, account, str(wish.get("session_from") or "")
            ),
            "revoke": self._revoke,
            "modified": lambda person, account, _: self._acts.modify_profile(person, account),
        }
        self._taps = {
            **{kind: ("oa", tap) for kind, tap in on_account.items()},
            **{kind: ("mp", tap) for kind, tap in on_program.items()},
        }

    async def tap(self, person: Person, wish: Wish) -> Push | None:
        """Do what was wished; ``account`` names another account than the usual one of this kind."""
        found = self._taps.get(text_in(wish, "kind"))
        if found is None:
            raise ValueError(f"kind 只能是 {'、'.join(self._taps)}")
        usual, tap = found
        return await tap(person, self._sandbox.options.named(wish.get("account") or usual), wish)

    async def _text(self, person: Person, account: Account, wish: Wish) -> Push | None:
        menu_id = wish.get("menu_id")
        return await self._acts.say(
            person, account, text_in(wish, "text"), str(menu_id) if menu_id is not None else None
        )

    async def _image(self, person: Person, account: Account, wish: Wish) -> Push | None:
        given = wish.get("content")
        try:
            content = base64.b64decode(given, validate=True) if given else None
        except (binascii.Error, TypeError, ValueError):
            raise ValueError("content 要是 base64 编码的图片") from None
        return await self._acts.send_image(person, account, content, self._base)

    async def _scan(self, person: Person, account: Account, wish: Wish) -> Push | None:
        scene = text_in(wish, "scene") if "scene" in wish else None
        ticket = text_in(wish, "ticket") if "ticket" in wish else None
        return await self._acts.scan(person, account, scene, ticket)

    async def _answer(self, person: Person, account: Account, wish: Wish, *, accept: bool) -> Push | None:
        asking, templates = self._templates(account, wish)
        return await self._sandbox.answer_prompt(person, templates, accept=accept, account=asking)

    async def _change(self, person: Person, account: Account, wish: Wish) -> Push | None:
        asking, templates = self._templates(account, wish)
        return await self._acts.change_subscriptions(person, asking, templates)

    async def _revoke(self, person: Person, account: Account, wish: Wish) -> Push | None:
        info = wish.get("info")
        if not isinstance(info, list) or not info:
            raise ValueError('请在 info 中写明撤回的信息，例如 ["8"]（手机号）')
        return await self._acts.revoke(person, account, [str(one) for one in info])

    def _templates(self, account: Account, wish: Wish) -> tuple[Account, list[Template]]:
        """The templates of one prompt, and the account that asks: the one that owns them."""
        wanted = wish.get("template_ids")
        if not isinstance(wanted, list) or not wanted:
            raise ValueError("请在 template_ids 中写明订阅模板")
        for asking in (account, *(one for _, one in self._sandbox.options.accounts)):
            own = self._sandbox.own_templates.of(asking.appid, "subscribe")
            if wanted[0] in own:
                break
        unknown = [str(template_id) for template_id in wanted if template_id not in own]
        if unknown:
            raise ValueError(f"没有这个订阅模板：{'、'.join(unknown)}")
        return asking, [own[template_id] for template_id in wanted]


def _place(wish: Wish) -> tuple[float, float]:
    return number_in(wish, "latitude", 90), number_in(wish, "longitude", 180)
