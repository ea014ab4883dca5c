"""Writes, reviews, publishes and withdraws notices, as the member of staff who is signed in."""

import argparse
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands import CannotStart, acting, database
from app.kit.clock import SHANGHAI

if TYPE_CHECKING:
    from app.domain.accounts.staff import StaffMember

_STATES = ("draft", "first_review", "second_review", "third_review", "scheduled", "published", "withdrawn")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares one deed for each step of a notice."""
    deeds = parser.add_subparsers(required=True, metavar="DEED", dest="deed")
    _declare_writing(deeds)
    review = _on_one(deeds, "review", "审校：通过，或写明理由退回")
    review.add_argument("--version", type=int, required=True, help="看过的版本号，见 show")
    verdict = review.add_mutually_exclusive_group(required=True)
    verdict.add_argument("--approve", action="store_true", help="通过")
    verdict.add_argument("--refuse", metavar="WHY", help="退回的理由")
    schedule = _on_one(deeds, "schedule", "定时发布三审通过的稿件")
    schedule.add_argument("at", metavar="TIME", help="北京时间，如 2026-12-01T09:00；off 为取消定时")
    _on_one(deeds, "publish", "立即发布三审通过的稿件")
    withdraw = _on_one(deeds, "withdraw", "撤回已发布的公告")
    withdraw.add_argument("reason", metavar="WHY", help="告知读者的理由")
    listing = deeds.add_parser("list", help="列出稿件，新的在前")
    listing.add_argument("--state", choices=_STATES, help="只列某一状态")
    show = _on_one(deeds, "show", "查看稿件全文、审校意见和流水")
    show.add_argument("--version", type=int, help="从前的某一版")
    show.add_argument("--files", type=Path, metavar="DIR", help="把附件存到这个目录")


def run(args: argparse.Namespace) -> int:
    """Does one of them."""
    database.done(_run, args)
    return 0


def _declare_writing(deeds: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    draft = deeds.add_parser("draft", help="起草：TOML（UTF-8），含 kind title source body 等")
    draft.add_argument("file", type=Path, metavar="FILE")
    edit = _on_one(deeds, "edit", "修改；已审的须从一审重新开始")
    edit.add_argument("file", type=Path, metavar="FILE")
    attach = _on_one(deeds, "attach", "上传附件：pdf docx xlsx ofd png jpg，不超过 20 MB")
    attach.add_argument("file", type=Path, metavar="FILE")
    detach = _on_one(deeds, "detach", "移除附件")
    detach.add_argument("attachment", type=int, metavar="ATTACHMENT", help="附件编号，见 show")
    _on_one(deeds, "submit", "送审")


def _on_one(
    deeds: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, words: str
) -> argparse.ArgumentParser:
    parser = deeds.add_parser(name, help=words)
    parser.add_argument("id", type=int, metavar="ID", help="稿件编号")
    return parser


async def _run(args: argparse.Namespace) -> None:
    async with database.opened():
        member = await acting.acting_member()
        told = await _DEEDS[args.deed](member, args)
    sys.stdout.write(f"{told}\n")


async def _draft(member: "StaffMember", args: argparse.Namespace) -> str:
    from app.domain.notices import drafting, texts

    text = texts.read_file(args.file.read_text(encoding="utf-8"))
    notice_id = await drafting.draft(member, text)
    return f"已起草，编号 {notice_id}；送审：weiban notice submit {notice_id}"


async def _edit(member: "StaffMember", args: argparse.Namespace) -> str:
    from app.domain.notices import drafting, texts

    text = texts.read_file(args.file.read_text(encoding="utf-8"))
    return f"已修改为第 {await drafting.edit(member, args.id, text)} 版，请重新送审"


async def _attach(member: "StaffMember", args: argparse.Namespace) -> str:
    from app.domain.notices import drafting

    made = await drafting.attach(member, args.id, args.file.name, args.file.read_bytes())
    return f"已上传附件 {made}"


async def _detach(member: "StaffMember", args: argparse.Namespace) -> str:
    from app.domain.notices import drafting

    await drafting.detach(member, args.id, args.attachment)
    return f"已移除附件 {args.attachment}"


async def _submit(member: "StaffMember", args: argparse.Namespace) -> str:
    from app.domain.notices import drafting

    await drafting.submit(member, args.id)
    return "已送审，等待一审"


async def _review(member: "StaffMember", args: argparse.Namespace) -> str:
    from app.domain.notices import reviewing

    if args.approve:
        state = await reviewing.approve(member, args.id, seen=args.version)
        return f"已通过，现在是“{state.words}”"
    await reviewing.refuse(member, args.id, args.refuse, seen=args.version)
    return "已退回起草人"


async def _schedule(member: "StaffMember", args: argparse.Namespace) -> str:
    from app.domain.notices import publishing

    if args.at == "off":
        await publishing.schedule(member, args.id, None)
        return "已取消定时"
    try:
        given = datetime.fromisoformat(args.at)
        at = (given if given.tzinfo else given.replace(tzinfo=SHANGHAI)).astimezone(SHANGHAI)
    except (ValueError, OverflowError):
        raise CannotStart("时间应形如 2026-12-01T09:00") from None
    await publishing.schedule(member, args.id, at)
    return f"将于 {at:%Y-%m-%d %H:%M} 发布"


async def _publish(member: "StaffMember", args: argparse.Namespace) -> str:
    from app.domain.notices import publishing

    await publishing.publish(member, args.id)
    return "已发布"


async def _withdraw(member: "StaffMember", args: argparse.Namespace) -> str:
    from app.domain.notices import publishing

    await publishing.withdraw(member, args.id, args.reason)
    return "已撤回"


async def _list(member: "StaffMember", args: argparse.Namespace) -> str:
    from app.domain.notices import desk
    from app.domain.notices.models import NoticeState

    state = NoticeState(args.state) if args.state else None
    rows = await desk.listed(member, state=state, limit=50)
    return "\n".join(
        f"{one.id:>6}  第 {one.version} 版  {one.state.words}  {one.kind.words}  {one.title}"
        + (f"  {one.readers} 人次阅读" if one.published_at else "")
        for one in rows
    ) or "没有稿件"  # fmt: skip


async def _show(member: "StaffMember", args: argparse.Namespace) -> str:
    from app.commands.notice_sheet import sheet, to_files
    from app.domain.notices import desk

    view = await desk.whole(member, args.id, version=args.version)
    if args.files:
        return await to_files(member, view, args.files)
    return sheet(view)


_DEEDS = {
    "draft": _draft,
    "edit": _edit,
    "attach": _attach,
    "detach": _detach,
    "submit": _submit,
    "review": _review,
    "schedule": _schedule,
    "publish": _publish,
    "withdraw": _withdraw,
    "list": _list,
    "show": _show,
}
