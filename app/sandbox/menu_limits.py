"""What the platform lets one put into a menu of a public account.

Source: the platform's guides to custom and conditional menus.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from app.sandbox.answers import PlatformRefusal

Button = Mapping[str, Any]

_BY_KEY: Final = frozenset(
    {
        "click",
        "scancode_push",
        "scancode_waitmsg",
        "pic_sysphoto",
        "pic_photo_or_album",
        "pic_weixin",
        "location_select",
    }
)
_TYPES: Final = _BY_KEY | {"view", "miniprogram", "media_id", "article_id", "article_view_limited"}
_NAME_BYTES, _SUB_NAME_BYTES, _KEY_BYTES, _URL_BYTES = 16, 60, 128, 1024
_FOREIGN_DOMAINS: Final = 3
_ESCAPE: Final = re.compile(rb"\\u[0-9a-fA-F]{4}")


def check_charset(body: bytes) -> None:
    """The platform wants menus in raw UTF-8. Raises PlatformRefusal 40033."""
    if _ESCAPE.search(body):
        raise PlatformRefusal(40033)


def check_menu(menu: Mapping[str, Any], programs: frozenset[str]) -> list[dict[str, Any]]:
    """The buttons of a menu. Raises PlatformRefusal with the code of the broken limit.

    ``programs`` are the appids of the mini-programs that are linked with the account.
    """
    buttons = menu.get("button")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
        raise PlatformRefusal(40016)
    for button in buttons:
        _check_top(button, programs)
    return buttons


def check_rule(rule: Any, tags: Mapping[str, Any]) -> dict[str, str]:
    """The matchrule of a conditional menu. Raises PlatformRefusal 65304, 45159 or 40035."""
    given = {name: str(value) for name, value in rule.items() if value not in (None, "")} if rule else {}
    if not given:
        raise PlatformRefusal(65304)
    # Rules for sex, region and language were withdrawn by the platform.
    if set(given) - {"tag_id", "client_platform_type"}:
        raise PlatformRefusal(40035, "matchrule")
    if "tag_id" in given and given["tag_id"] not in tags:
        raise PlatformRefusal(45159)
    if given.get("client_platform_type", "1") not in ("1", "2", "3"):
        raise PlatformRefusal(40035, "client_platform_type")
    return given


def check_domains(buttons: list[dict[str, Any]]) -> None:
    """A conditional menu may lead to three domains at most. Raises PlatformRefusal 65316."""
    hosts = {urlsplit(button["url"]).hostname for button in leaves(buttons) if button.get("url")}
    if len(hosts) > _FOREIGN_DOMAINS:
        raise PlatformRefusal(65316)


def leaves(buttons: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The buttons that do something when pressed."""
    for button in buttons:
        yield from button.get("sub_button") or [button]


def _check_top(button: Any, programs: frozenset[str]) -> None:
    _check_name(button, _NAME_BYTES, 40018)
    below = button.get("sub_button")
    if not below:
        _check_action(button, programs, is_sub=False)
        return
    if not isinstance(below, list) or len(below) > 5:
        raise PlatformRefusal(40023)
    for sub in below:
        _check_name(sub, _SUB_NAME_BYTES, 40025)
        if sub.get("sub_button"):
            raise PlatformRefusal(40022)
        _check_action(sub, programs, is_sub=True)


def _check_name(button: Any, most: int, errcode: int) -> None:
    if not isinstance(button, Mapping):
        raise PlatformRefusal(47001)
    name = button.get("name")
    if not isinstance(name, str) or not 0 < len(name.encode()) <= most:
        raise PlatformRefusal(errcode)


def _check_action(button: Button, programs: frozenset[str], *, is_sub: bool) -> None:
    kind = button.get("type")
    if kind not in _TYPES:
        raise PlatformRefusal(40024 if is_sub else 40017)
    if kind in _BY_KEY:
        _check_size(button.get("key"), _KEY_BYTES, 40026 if is_sub else 40019)
    elif kind in ("view", "miniprogram"):
        _check_size(button.get("url"), _URL_BYTES, 40027 if is_sub else 40020)
        address = urlsplit(button["url"])
        if address.scheme not in ("http", "https") or not address.hostname:
            raise PlatformRefusal(40054 if is_sub else 40055)
        if kind == "miniprogram":
            _check_program(button, programs)
    else:
        # These lead to permanent material, of which the sandbox keeps none.
        raise PlatformRefusal(40007 if kind == "media_id" else 53600)


def _check_program(button: Button, programs: frozenset[str]) -> None:
    if button.get("appid") not in programs:
        raise PlatformRefusal(45064)
    if not isinstance(button.get("pagepath"), str) or not button["pagepath"]:
        raise PlatformRefusal(40165)


def _check_size(value: Any, most: int, errcode: int) -> None:
    if not isinstance(value, str) or not 0 < len(value.encode()) <= most:
        raise PlatformRefusal(errcode)
