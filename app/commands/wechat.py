"""Keeps WeChat in step with the configuration: the menu, the followers' tags, the template library."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from app.commands import CannotStart, database
from config import logging, settings

Deed = Callable[[], Awaitable[int]]

# What the operator of an account can do about a refusal.
_WAY_OUT: Final = {
    40013: "AppID 无效，请检查 WEIBAN_OA_APPID 和 WEIBAN_MP_APPID",
    40001: "AppSecret 不对或已重置，请检查 WEIBAN_OA_SECRET 和 WEIBAN_MP_SECRET",
    40125: "AppSecret 不对或已重置，请检查 WEIBAN_OA_SECRET 和 WEIBAN_MP_SECRET",
    40164: "本机地址不在微信的 IP 白名单里，请到公众号后台添加",
    45009: "今天的调用次数已用完，请明天再试",
    45011: "调用太频繁，请一分钟后再试",
    45056: "标签已满 100 个，请到公众号后台删除不用的标签",
    48001: "账号没有这项接口权限，请确认已认证",
    50002: "账号已被限制，请到公众号后台查看",
    65303: "没有默认菜单，不能添加分组菜单",
    89503: "需要公众号管理员在微信里确认这次调用",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares ``menu``, ``tags``, ``templates`` and ``check``."""
    parts = parser.add_subparsers(required=True, metavar="PART", dest="part")
    menu = parts.add_parser("menu", help="公众号菜单").add_subparsers(
        required=True, metavar="DEED", dest="deed"
    )
    menu.add_parser("show", help="显示微信上的菜单")
    menu.add_parser("diff", help="比较微信上的菜单与 config/menus.toml；有差异时退出码为 1")
    menu.add_parser("push", help="有差异时推送到微信，并显示改动")
    tags = parts.add_parser("tags", help="粉丝标签").add_subparsers(
        required=True, metavar="DEED", dest="deed"
    )
    tags.add_parser("sync", help="重新判定每个粉丝的分组，并让微信标签与之一致")
    templates = parts.add_parser("templates", help="消息模板库")
    templates.add_subparsers(required=True, metavar="DEED", dest="deed").add_parser(
        "sync", help="从微信同步两个账号的模板"
    )
    parts.add_parser("check", help="同步模板库，列出发送时会被微信拒绝的消息；有则退出码为 1")


def run(args: argparse.Namespace) -> int:
    """Does one of them; answers 1 if a check or a comparison found something."""
    from app.gateways.wechat import WeChatRefused, WeChatUnreachable

    chosen = settings.current()
    logging.configure("WARNING", chosen.log_format)
    deed = _DEEDS[args.part, getattr(args, "deed", None)]
    try:
        return asyncio.run(_connected(deed))
    except WeChatRefused as refused:
        words = _WAY_OUT.get(refused.errcode, "请对照微信错误码处理")
        rid = f"，rid {refused.rid}" if refused.rid else ""
        raise CannotStart(
            f"微信拒绝了 {refused.path}（{refused.errcode} {refused.errmsg}{rid}）：{words}"
        ) from None
    except WeChatUnreachable as failure:
        raise CannotStart(f"连不上微信接口 {chosen.wechat_api_base}：{failure}") from None


async def _connected(deed: Deed) -> int:
    from app import lifecycle

    await lifecycle.open_stores()
    try:
        return await deed()
    finally:
        await lifecycle.close_stores()


async def _show_menu() -> int:
    from app.public_account import menus

    _say(await menus.show() or ["微信上没有菜单"])
    return 0


async def _compare_menu() -> int:
    from app.public_account import menus

    difference = await menus.difference()
    _say(difference or ["菜单与 config/menus.toml 一致"])
    return 1 if difference else 0


async def _push_menu() -> int:
    from app.public_account import menus

    await database.reached()
    difference = await menus.push()
    _say([*difference, "已推送，手机上五分钟内生效"] if difference else ["菜单没有变化，无需推送"])
    return 0


async def _sync_tags() -> int:
    from app.domain.accounts import groups, tagging

    await database.reached()
    changed = await groups.regroup_all()
    tagged = await tagging.tag_followers()
    _say([f"{changed} 个粉丝的分组有变化，{tagged} 个粉丝的微信标签已更新"])
    return 0


async def _sync_templates() -> int:
    from notifications import library

    await database.reached()
    synced = await library.sync()
    _say(
        [
            f"两个账号共 {synced.count} 个模板",
            *(f"  新增 {template_id}" for template_id in synced.new),
            *(f"  已不在账号里 {template_id}" for template_id in synced.gone),
        ]
    )
    return 0


async def _check() -> int:
    from config import messages as message_list
    from notifications import library
    from notifications.messages import Messages

    messages = Messages(message_list.current())
    await database.reached()
    await library.sync()
    found = await library.check(messages)
    wrong = [one for one in found if not one.is_warning]
    _say(
        f"{'提示' if one.is_warning else '错误'} {one.message}（{one.channel.label}）：{one.text}"
        for one in found
    )
    _say([f"{len(wrong)} 处会被微信拒绝" if wrong else "每种消息都能按微信的模板发出"])
    return 1 if wrong else 0


def _say(lines: Iterable[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


_DEEDS: Final[dict[tuple[str, str | None], Deed]] = {
    ("menu", "show"): _show_menu,
    ("menu", "diff"): _compare_menu,
    ("menu", "push"): _push_menu,
    ("tags", "sync"): _sync_tags,
    ("templates", "sync"): _sync_templates,
    ("check", None): _check,
}
