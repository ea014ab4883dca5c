"""The menu list ``menus.toml`` as typed, frozen objects, refused as a whole if any of it is wrong."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from config import menu_limits, menu_shape, settings
from config.menu_shape import PAGES_FROM, Kind, Level

FILE = Path(__file__).with_name("menus.toml")


class BadMenus(Exception):
    """The menu list cannot be used; ``faults`` names every place and what is wrong with it."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("菜单配置 menus.toml 有误：\n" + "\n".join(f"  - {fault}" for fault in faults))


@dataclass(frozen=True, slots=True)
class MenuCategory:
    """A top button of the menu 一级菜单."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class MenuFunction:
    """One of the functions 功能 the menu offers.

    ``target`` is a page of the mini-program, a path of ours from ``/h5/`` on, or, for ``click``, what
    a tap says as if it had been typed. The key of a click button is the ``code``.
    """

    code: str
    category: str
    name: str
    kind: Kind
    target: str
    level: Level
    is_open: bool
    way_out: str = ""

    @property
    def closed_text(self) -> str:
        """What a tap is answered while the function is not open."""
        return f"“{self.name}”尚未开通。{self.way_out}"


@dataclass(frozen=True, slots=True)
class MenuGroup:
    """A taxpayer group 纳税人分组; WeChat's tag bears its name."""

    code: str
    name: str
    first: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    @property
    def has_own_menu(self) -> bool:
        return bool(self.first or self.without)


@dataclass(frozen=True, slots=True)
class Menus:
    """The whole menu: its categories, functions in order, and how groups see it."""

    categories: tuple[MenuCategory, ...]
    functions: tuple[MenuFunction, ...]
    groups: tuple[MenuGroup, ...]

    def function(self, code: str) -> MenuFunction:
        """The function of this code. Raises KeyError."""
        for function in self.functions:
            if function.code == code:
                return function
        raise KeyError(code)

    def group(self, code: str) -> MenuGroup:
        """The group of this code. Raises KeyError."""
        for group in self.groups:
            if group.code == code:
                return group
        raise KeyError(code)

    def shown(self, category: str, group: MenuGroup | None = None) -> Sequence[MenuFunction]:
        """The functions of a category as a group sees them; without a group, as everybody does."""
        functions = [function for function in self.functions if function.category == category]
        if group is None:
            return functions
        order = {code: place for place, code in enumerate(group.first)}
        kept = [function for function in functions if function.code not in group.without]
        return sorted(kept, key=lambda function: order.get(function.code, len(order)))

    def body(self, *, public_url: str, mp_appid: str, group: MenuGroup | None = None) -> dict[str, Any]:
        """What WeChat is sent: ``{"button": [...]}``."""
        return {
            "button": [
                {
                    "name": category.name,
                    "sub_button": [
                        _button(function, public_url, mp_appid)
                        for function in self.shown(category.code, group)
                    ],
                }
                for category in self.categories
            ]
        }


@lru_cache(maxsize=1)
def current() -> Menus:
    """The menus of this installation. Raises BadMenus."""
    chosen = settings.current()
    return load(FILE, public_url=chosen.public_url, mp_appid=chosen.mp_appid)


def load(path: Path, *, public_url: str, mp_appid: str) -> Menus:
    """Read a menu list for this address and mini-program. Raises BadMenus with every fault of it."""
    try:
        given = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as unreadable:
        raise BadMenus([str(unreadable)]) from unreadable
    faults = list(menu_shape.faults(given))
    if faults:
        raise BadMenus(faults)
    menus = Menus(
        categories=tuple(MenuCategory(**table) for table in given["categories"]),
        functions=tuple(MenuFunction(**table) for table in given["functions"]),
        groups=tuple(_group(code, table) for code, table in given["groups"].items()),
    )
    faults = list(menu_limits.faults(menus.body(public_url=public_url, mp_appid=mp_appid)))
    for group in menus.groups:
        body = menus.body(public_url=public_url, mp_appid=mp_appid, group=group)
        faults += [f"分组{group.name}: {one}" for one in menu_limits.faults(body) if one not in faults]
    if faults:
        raise BadMenus(faults)
    return menus


def _group(code: str, table: Mapping[str, Any]) -> MenuGroup:
    return MenuGroup(code, table["name"], tuple(table.get("first", ())), tuple(table.get("without", ())))


def _button(function: MenuFunction, public_url: str, mp_appid: str) -> dict[str, str]:
    if not function.is_open or function.kind == "click":
        return {"type": "click", "name": function.name, "key": function.code}
    if function.kind == "page":
        return {"type": "view", "name": function.name, "url": public_url + function.target}
    # The address is where phones too old for mini-programs go.
    return {
        "type": "miniprogram",
        "name": function.name,
        "url": public_url + PAGES_FROM,
        "appid": mp_appid,
        "pagepath": function.target,
    }
