"""Campaigns: one message to many people, tried out, approved, sent, watched, and stopped at any moment."""

import argparse
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.commands import campaign_file, campaign_report, campaign_sheet, campaign_watch, database
from app.commands.acting import acting_member
from app.commands.ids import an_id

if TYPE_CHECKING:
    from notifications.campaigns.models import Campaign
    from notifications.messages import Messages

Act = Callable[[argparse.Namespace], Awaitable[None]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the deeds."""
    deeds = parser.add_subparsers(required=True, metavar="DEED")
    create = _deed(deeds, "create", "按文件新建群发任务（草稿）", _create, of_one=False)
    create.add_argument("file", type=Path, metavar="FILE", help="TOML（UTF-8）：name、audience、message …")
    edit = _deed(deeds, "edit", "按文件改写草稿；改后须重新试算", _edit)
    edit.add_argument("file", type=Path, metavar="FILE", help="TOML（UTF-8）")
    _deed(deeds, "dry-run", "试算：人数、通道、样例、额度和所需天数；不发送", _try_out)
    _deed(deeds, "submit", "提交审批", _submit)
    _deed(deeds, "approve", "批准；没有定时的立即开始试发", _approve)
    _reason(_deed(deeds, "refuse", "退回修改", _refuse))
    schedule = _deed(deeds, "schedule", "设定或改期；--now 取消定时，批准后立即发送", _schedule)
    when = schedule.add_mutually_exclusive_group(required=True)
    when.add_argument("--at", type=_moment, metavar="TIME", help="北京时间，如 2026-10-12T09:00")
    when.add_argument("--now", action="store_true", help="不定时")
    _reason(_deed(deeds, "pause", "暂停，两秒内生效", _pause))
    _deed(deeds, "resume", "继续", _resume)
    _reason(_deed(deeds, "cancel", "取消：未发送的不再发送", _cancel))
    listing = _deed(deeds, "list", "列出群发任务，最新的在前", _list, of_one=False)
    listing.add_argument("--before", type=an_id, metavar="ID", help="只列这个编号之前的")
    _deed(deeds, "show", "显示任务、试算结果和经过", _show)
    _deed(deeds, "watch", "实时进度：速度和剩余时间，任务结束时退出", campaign_watch.watch)
    campaign_report.add_to(deeds)


def _deed(deeds: Any, name: str, words: str, act: Act, *, of_one: bool = True) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = deeds.add_parser(name, help=words)
    if of_one:
        parser.add_argument("id", type=an_id, metavar="ID", help="任务编号")
    parser.set_defaults(act=act)
    return parser


def _reason(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--why", required=True, metavar="TEXT", help="原因，记入任务经过")


def _moment(text: str) -> datetime:
    try:
        return campaign_file.moment(datetime.fromisoformat(text))
    except ValueError:
        raise argparse.ArgumentTypeError("应形如 2026-10-12T09:00") from None


def run(args: argparse.Namespace) -> int:
    """Does one of them; a refusal is told in its own words."""
    try:
        database.done(_connected, args)
    except KeyboardInterrupt:
        return 130
    return 0


async def _connected(args: argparse.Namespace) -> None:
    from app import lifecycle

    await lifecycle.open_stores()
    try:
        await database.reached()
        await args.act(args)
    finally:
        await lifecycle.close_stores()


async def _create(args: argparse.Namespace) -> None:
    from notifications.campaigns import lifecycle

    new = await campaign_file.read(args.file)
    _say(await lifecycle.create(await acting_member(), new, await _messages()))


async def _edit(args: argparse.Namespace) -> None:
    from notifications.campaigns import lifecycle

    new = await campaign_file.read(args.file)
    _say(await lifecycle.edit(await acting_member(), args.id, new, await _messages()))


async def _try_out(args: argparse.Namespace) -> None:
    from notifications.campaigns import trying_out
    from notifications.ration import Ration

    ration = Ration()
    try:
        campaign = await trying_out.try_out(await acting_member(), args.id, await _messages(), ration)
    finally:
        await ration.close()
    _say(campaign)
    sys.stdout.writelines(f"{line}\n" for line in campaign_sheet.of_dry_run(campaign))


async def _submit(args: argparse.Namespace) -> None:
    from notifications.campaigns import lifecycle

    _say(await lifecycle.submit(await acting_member(), args.id))


async def _approve(args: argparse.Namespace) -> None:
    from notifications.campaigns import lifecycle

    _say(await lifecycle.approve(await acting_member(), args.id, await _messages()))


async def _refuse(args: argparse.Namespace) -> None:
    from notifications.campaigns import lifecycle

    _say(await lifecycle.refuse(await acting_member(), args.id, args.why))


async def _schedule(args: argparse.Namespace) -> None:
    from notifications.campaigns import lifecycle

    _say(await lifecycle.schedule(await acting_member(), args.id, args.at))


async def _pause(args: argparse.Namespace) -> None:
    from notifications.campaigns import lifecycle

    _say(await lifecycle.pause(await acting_member(), args.id, args.why))


async def _resume(args: argparse.Namespace) -> None:
    from notifications.campaigns import lifecycle

    _say(await lifecycle.resume(await acting_member(), args.id))


async def _cancel(args: argparse.Namespace) -> None:
    from notifications.campaigns import lifecycle

    _say(await lifecycle.cancel(await acting_member(), args.id, args.why))


async def _list(args: argparse.Namespace) -> None:
    from notifications.campaigns import queries

    for campaign in await queries.page(await acting_member(), before=args.before):
        _say(campaign)


async def _show(args: argparse.Namespace) -> None:
    from notifications.campaigns import queries

    member = await acting_member()
    campaign = await queries.one(member, args.id)
    _say(campaign)
    progress = await queries.progress(member, args.id)
    history = await queries.history(member, args.id)
    lines = campaign_sheet.of_one(campaign, progress, history)
    sys.stdout.writelines(f"{line}\n" for line in lines)


async def _messages() -> "Messages":
    from config import messages as message_list
    from notifications.messages import Messages

    messages = Messages(message_list.current(), read_again_after_s=_AT_ONCE)
    await messages.refresh()
    return messages


_AT_ONCE: Final = 0.0


def _say(campaign: "Campaign") -> None:
    sys.stdout.write(f"{campaign_sheet.line(campaign)}\n")
