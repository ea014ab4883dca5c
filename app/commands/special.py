"""Special procedures of cases: applied for, approved or refused, begun, finished, cancelled; who is late."""

import argparse
import sys
from typing import TYPE_CHECKING, Any

from app.commands import acting, database, tabular
from app.commands.ids import an_id

if TYPE_CHECKING:
    from app.domain.accounts.staff import StaffMember
    from app.domain.cases.late_specials import LateSpecial

_KINDS = (
    "extension", "hearing", "tender", "auction", "inspection", "testing", "quarantine", "appraisal",
    "expert_review",
)  # fmt: skip
_UNITS = ("working_day", "natural_day", "month", "year", "hour")
_PAGE = 500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares one deed for each step of a special procedure, and the list of those overdue."""
    deeds = parser.add_subparsers(required=True, metavar="DEED", dest="deed")
    apply = deeds.add_parser("apply", help="为审核中的办件申请特别程序或延长审批")
    apply.add_argument("number", metavar="NUMBER", help="办件编号")
    apply.add_argument("--kind", choices=_KINDS, required=True, help="种类")
    apply.add_argument("--approver", required=True, metavar="POST", help="批准人的岗位")
    apply.add_argument("--limit", type=int, metavar="AMOUNT", help="所需时间")
    apply.add_argument("--unit", choices=_UNITS, default="working_day", help="单位，默认为工作日")
    apply.add_argument("--reason", default="", metavar="WORDS", help="事由")
    approve = _on_one(deeds, "approve", "批准，并写明告知申请人的内容")
    approve.add_argument("notice", metavar="WORDS", help="书面告知的内容")
    _on_one(deeds, "refuse", "不予批准").add_argument("reason", metavar="WHY", help="理由")
    _on_one(deeds, "begin", "开始：停止计时并告知申请人")
    _on_one(deeds, "finish", "结束：恢复计时").add_argument("result", metavar="WORDS", help="结果")
    _on_one(deeds, "cancel", "取消；已开始的立即恢复计时").add_argument("reason", metavar="WHY", help="理由")
    deeds.add_parser("late", help="列出超过自身时限仍未结束的特别程序")


def run(args: argparse.Namespace) -> int:
    """Does one of them."""
    database.done(_run, args)
    return 0


def _on_one(deeds: Any, name: str, words: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = deeds.add_parser(name, help=words)
    parser.add_argument("id", type=an_id, metavar="ID", help="特别程序编号，见 apply")
    return parser


async def _run(args: argparse.Namespace) -> None:
    async with database.opened():
        member = await acting.acting_member()
        if args.deed == "late":
            await _late(member)
        else:
            sys.stdout.write(f"{await _change(member, args)}\n")


async def _change(member: "StaffMember", args: argparse.Namespace) -> str:
    from app.domain.cases import specials

    match args.deed:
        case "apply":
            return f"已申请，编号 {await _apply(member, args)}"
        case "approve":
            await specials.approve(member, args.id, args.notice)
            return f"已批准；开始：weiban special begin {args.id}"
        case "refuse":
            await specials.refuse(member, args.id, args.reason)
            return "未批准，办件继续审核"
        case "begin":
            await specials.begin(member, args.id)
            return "已开始，将告知申请人"
        case "finish":
            await specials.finish(member, args.id, args.result)
            return "已结束，办件恢复计时"
    await specials.cancel(member, args.id, args.reason)
    return "已取消"


async def _apply(member: "StaffMember", args: argparse.Namespace) -> int:
    from app.domain.cases import specials
    from app.domain.cases.clock import TimeLimit
    from app.domain.cases.history import Special
    from app.domain.cases.models import LimitUnit, SpecialKind

    limit = TimeLimit(args.limit, LimitUnit(args.unit)) if args.limit is not None else None
    asked = Special(SpecialKind(args.kind), args.approver, limit, args.reason)
    return await specials.apply(member, args.number, asked)


async def _late(member: "StaffMember") -> None:
    from app.domain.cases import late_specials
    from app.domain.cases.document_texts import SPECIAL_KINDS

    rows, after = list["LateSpecial"](), None
    while page := await late_specials.listed(member, after=after, limit=_PAGE):
        rows += page
        after = (page[-1].due_at, page[-1].id)
    tabular.show(
        ("编号", "办件编号", "经办单位", "种类", "批准人", "应结束时间"),
        (
            (
                one.id,
                one.case_number,
                one.office,
                SPECIAL_KINDS[one.kind],
                one.approver,
                f"{one.due_at:%F %H:%M}",
            )
            for one in rows
        ),
        none="没有超时的特别程序",
    )
