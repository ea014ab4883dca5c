"""Objections to shared data: which department has to look into what by when, and what it answered."""

import argparse
import sys
from typing import TYPE_CHECKING

from app.commands import acting, database, tabular
from app.commands.ids import an_id

if TYPE_CHECKING:
    from app.domain.accounts.staff import StaffMember
    from app.domain.sharing.objections import Objection

_PAGE = 500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the list, and the two deeds done to one objection."""
    deeds = parser.add_subparsers(required=True, metavar="DEED", dest="deed")
    listed = deeds.add_parser("list", help="列出待答复的数据异议")
    listed.add_argument("--department", help="只列这个数源部门")
    listed.add_argument("--all", action="store_true", help="连同已答复的")
    show = deeds.add_parser("show", help="查看异议全文，转给数源部门；查看会记入审计")
    show.add_argument("id", type=an_id, metavar="ID", help="异议编号，见 list")
    show.add_argument("--reason", required=True, metavar="WORDS", help="查看理由")
    answer = deeds.add_parser("answer", help="登记数源部门的核实结果")
    answer.add_argument("id", type=an_id, metavar="ID", help="异议编号，见 list")
    answer.add_argument("verdict", choices=("mended", "kept"), help="已更正，或核实无误")
    answer.add_argument("--words", required=True, metavar="WORDS", help="核实结果，告知办事人")


def run(args: argparse.Namespace) -> int:
    """Does one of them."""
    database.done(_run, args)
    return 0


async def _run(args: argparse.Namespace) -> None:
    async with database.opened():
        await act(await acting.acting_member(), args)


async def act(member: "StaffMember", args: argparse.Namespace) -> None:
    """Does what was asked, as this member of staff."""
    from app.domain.sharing import objections

    if args.deed == "list":
        await _list(member, args.department, only_open=not args.all)
    elif args.deed == "show":
        await _show(member, args.id, args.reason)
    else:
        await objections.answer(member, args.id, is_mended=args.verdict == "mended", words=args.words)
        sys.stdout.write("已答复，办事人可在预填记录中看到\n")


async def _list(member: "StaffMember", department: str | None, *, only_open: bool) -> None:
    from app.domain.sharing import objections
    from app.domain.sharing.offers import FIELD_NAMES, LIBRARY_NAMES

    words = {"open": "待核实", "mended": "已更正", "kept": "核实无误"}
    rows: list[Objection] = []
    after = 0
    while page := await objections.listed(
        member, only_open=only_open, department=department, after=after, limit=_PAGE
    ):
        rows += page
        after = page[-1].id
    tabular.show(
        ("编号", "数源部门", "数据库", "字段", "答复期限", "状态", ""),
        (
            (
                one.id, one.department, LIBRARY_NAMES[one.library],
                "、".join(FIELD_NAMES[name] for name in one.fields), one.due_on, words[one.state],
                "逾期" if one.is_overdue else "",
            )
            for one in rows
        ),
        none="没有数据异议",
    )  # fmt: skip


async def _show(member: "StaffMember", objection_id: int, reason: str) -> None:
    from app.domain.sharing import objections
    from app.domain.sharing.offers import FIELD_NAMES

    claim = await objections.claim(member, objection_id, reason)
    lines = [
        f"第 {one.record} 条 {FIELD_NAMES[one.field]}：{one.told or '（空）'} → {one.value}"
        for one in claim.corrections
    ]
    sys.stdout.write("\n".join([f"主体：{claim.subject}", *lines, f"理由：{claim.reason}", ""]))
