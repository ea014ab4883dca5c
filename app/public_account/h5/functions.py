"""The functions of the menu 功能 as pages offer them: which page each leads to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.public_account.h5.pages import PREFIX
from config import menus
from config.menus import MenuFunction

PAGES: Final[Mapping[str, str]] = {
    "booking": f"{PREFIX}/halls",
    "case_progress": f"{PREFIX}/cases",
    "hall_map": f"{PREFIX}/halls",
    "guides": f"{PREFIX}/guides",
    "my_space": f"{PREFIX}/me",
    "notices": f"{PREFIX}/notices",
    "policies": f"{PREFIX}/notices?kind=policy",
    "tax_calendar": f"{PREFIX}/notices?kind=calendar",
}
"""Where a function is a page of ours, whatever its button in the menu does."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A function with its page; ``None`` where it is answered elsewhere, or not open yet."""

    function: MenuFunction
    page: str | None


def offered() -> Sequence[tuple[str, Sequence[Offered]]]:
    """All functions in the order of the menu, by the code of their category."""
    menu = menus.current()
    return [
        (category.code, [Offered(one, _page_of(one)) for one in menu.shown(category.code)])
        for category in menu.categories
    ]


def _page_of(function: MenuFunction) -> str | None:
    if not function.is_open:
        return None
    return function.target if function.kind == "page" else PAGES.get(function.code)
