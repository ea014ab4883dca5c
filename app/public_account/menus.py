"""The public account's menu at WeChat: what it is, what ``config/menus.toml`` wants, and the way there."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.domain.accounts import tagging
from app.domain.accounts.models import TaxpayerGroup
from app.gateways import wechat
from config import menus, settings

_DEFAULT: Final = "默认菜单"

Button = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Conditional:
    """A conditional menu 个性化菜单 at WeChat; ``title`` tells for whom."""

    menuid: str
    title: str
    buttons: Sequence[Button]


@dataclass(frozen=True, slots=True)
class _AtWeChat:
    default: Sequence[Button]
    conditional: Sequence[_Conditional]

    def lines(self) -> list[str]:
        by_title = sorted(self.conditional, key=lambda one: (one.title, one.menuid))
        return [
            *_section(_DEFAULT, self.default),
            *(line for one in by_title for line in _section(one.title, one.buttons)),
        ]


@dataclass(frozen=True, slots=True)
class _Wanted:
    default: Sequence[Button]
    by_group: Mapping[TaxpayerGroup, Sequence[Button]]

    def lines(self) -> list[str]:
        by_title = sorted((_title(group), buttons) for group, buttons in self.by_group.items())
        return [
            *_section(_DEFAULT, self.default),
            *(line for title, buttons in by_title for line in _section(title, buttons)),
        ]


async def show() -> list[str]:
    """The menus WeChat has, line by line; empty without any. Raises WeChatRefused or WeChatUnreachable."""
    return (await _at_wechat()).lines()


async def difference() -> list[str]:
    """What a push would change, as a unified diff from WeChat's menus to ours; empty if nothing."""
    return _difference(await _at_wechat(), _wanted())


async def push() -> list[str]:
    """Make WeChat's menus ours where they differ; answers the difference there was.

    A group's new menu is added before its old one goes, so that nobody meets a gap; whoever is
    interrupted pushes again. Raises BadMenus, WeChatRefused or WeChatUnreachable.
    """
    have, wanted, oa = await _at_wechat(), _wanted(), wechat.current().oa
    difference = _difference(have, wanted)
    if not difference:
        return []
    if _section(_DEFAULT, have.default) != _section(_DEFAULT, wanted.default):
        await oa.create_menu({"button": wanted.default})
    kept = set[str]()
    tag_ids = await tagging.tag_ids(oa) if wanted.by_group else {}
    for group, buttons in wanted.by_group.items():
        title = _title(group)
        same = [one.menuid for one in have.conditional if _is_same(one, title, buttons)]
        if same:
            kept.add(same[0])
        else:
            rule = {"tag_id": str(tag_ids[group])}
            await oa.add_conditional_menu({"button": buttons, "matchrule": rule})
    for one in have.conditional:
        if one.menuid not in kept:
            await oa.delete_conditional_menu(one.menuid)
    return difference


def _wanted() -> _Wanted:
    listed, chosen = menus.current(), settings.current()

    def buttons(group: menus.MenuGroup | None) -> Sequence[Button]:
        body = listed.body(public_url=chosen.public_url, mp_appid=chosen.mp_appid, group=group)
        made: Sequence[Button] = body["button"]
        return made

    own = {TaxpayerGroup(one.code): buttons(one) for one in listed.groups if one.has_own_menu}
    return _Wanted(buttons(None), own)


async def _at_wechat() -> _AtWeChat:
    oa = wechat.current().oa
    told = await oa.menu() or {}
    conditional = told.get("conditionalmenu") or []
    names = {tag.id: tag.name for tag in await oa.tags()} if conditional else {}
    return _AtWeChat(
        told.get("menu", {}).get("button", []),
        [
            _Conditional(str(one["menuid"]), _audience(one.get("matchrule") or {}, names), one["button"])
            for one in conditional
        ],
    )


def _audience(rule: Mapping[str, Any], names: Mapping[int, str]) -> str:
    """For whom a menu is; WeChat has called the tag both ``tag_id`` and ``group_id``, and fills in blanks."""
    given = {name: value for name, value in rule.items() if value not in ("", None)}
    tag_id = given.pop("tag_id", None) or given.pop("group_id", None)
    given.pop("group_id", None)
    tag = names.get(int(tag_id), f"标签 {tag_id}") if tag_id is not None else "无标签"
    return f"分组菜单 {tag}" + "".join(f" {name}={value}" for name, value in sorted(given.items()))


def _title(group: TaxpayerGroup) -> str:
    return f"分组菜单 {menus.current().group(group.value).name}"


def _is_same(one: _Conditional, title: str, buttons: Sequence[Button]) -> bool:
    return one.title == title and _section("", one.buttons) == _section("", buttons)


def _difference(have: _AtWeChat, wanted: _Wanted) -> list[str]:
    lines = difflib.unified_diff(have.lines(), wanted.lines(), "微信", "menus.toml", n=100, lineterm="")
    return list(lines)


def _section(title: str, buttons: Sequence[Button]) -> list[str]:
    """A menu in words that say everything of it: two menus are the same if their words are."""
    return [title, *_words(buttons, "  ")] if buttons else []


def _words(buttons: Sequence[Button], indent: str) -> Iterator[str]:
    for button in buttons:
        below = button.get("sub_button") or []
        yield f"{indent}{button.get('name')}" + ("" if below else f"  {_action(button)}")
        yield from _words(below, indent + "  ")


def _action(button: Button) -> str:
    match button.get("type"):
        case "click":
            return f"点击 {button.get('key')}"
        case "view":
            return f"网页 {button.get('url')}"
        case "miniprogram":
            return f"小程序 {button.get('appid')} {button.get('pagepath')}（旧版微信 {button.get('url')}）"
        case other:
            rest = {
                name: value for name, value in button.items() if name not in ("name", "type", "sub_button")
            }
            return f"{other} {rest}"
