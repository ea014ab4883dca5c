"""The menus an account has made, and which of them a person sees."""

import secrets
from collections.abc import Mapping
from typing import Any, Final

from app.sandbox.holdings import Holdings
from app.sandbox.menu_limits import leaves
from app.sandbox.tags import Tags

_DEFAULT: Final = "default"
# The sandbox's phone counts as Android for conditional menus.
_PHONE_PLATFORM: Final = "2"

Menu = dict[str, Any]
"""``{menuid, button}``, and ``matchrule`` for a conditional one."""


class Menus:
    """Default and conditional menus of all accounts."""

    def __init__(self, holdings: Holdings, tags: Tags) -> None:
        self._holdings = holdings
        self._tags = tags

    def default(self, appid: str) -> Menu | None:
        return self._holdings.of(appid, "menu").get(_DEFAULT)

    def conditional(self, appid: str) -> list[Menu]:
        """Oldest first."""
        return list(self._holdings.of(appid, "conditional").values())

    def create(self, appid: str, buttons: list[dict[str, Any]]) -> None:
        self._holdings.put(appid, "menu", _DEFAULT, {"menuid": _number(), "button": buttons})

    def add_conditional(self, appid: str, buttons: list[dict[str, Any]], rule: Mapping[str, str]) -> str:
        menuid = _number()
        menu = {"menuid": menuid, "button": buttons, "matchrule": dict(rule)}
        self._holdings.put(appid, "conditional", menuid, menu)
        return menuid

    def drop_conditional(self, appid: str, menuid: str) -> None:
        self._holdings.drop(appid, "conditional", menuid)

    def delete(self, appid: str) -> None:
        """The default menu goes, and the conditional ones with it."""
        self._holdings.clear(appid, "menu")
        self._holdings.clear(appid, "conditional")

    def seen_by(self, appid: str, openid: str) -> Menu | None:
        """The youngest conditional menu meant for this person, else the default one."""
        tag_ids = self._tags.of_person(appid, openid)
        for menu in reversed(self.conditional(appid)):
            if _matches(menu["matchrule"], tag_ids):
                return menu
        return self.default(appid)

    def pressed(self, appid: str, openid: str, key: str) -> tuple[dict[str, Any], str] | None:
        """The button a person sees with this key, address or page, and the number of its menu."""
        menu = self.seen_by(appid, openid)
        for button in leaves(menu["button"]) if menu else ():
            if key in (button.get("key"), button.get("pagepath")) or (
                key == button.get("url") and button["type"] == "view"
            ):
                return button, str(menu["menuid"]) if menu else ""
        return None


def _matches(rule: Mapping[str, str], tag_ids: list[int]) -> bool:
    tag_id, platform = rule.get("tag_id"), rule.get("client_platform_type")
    return (tag_id is None or int(tag_id) in tag_ids) and platform in (None, _PHONE_PLATFORM)


def _number() -> str:
    return str(secrets.randbelow(9 * 10**8) + 10**8)
