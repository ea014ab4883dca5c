"""Sharing duties: which department supplies which data by when, who is late, and who refuses by which law."""

import argparse
import sys
from typing import TYPE_CHECKING, Any

from app.commands import acting, database, tabular
from app.commands.connection import a_day
from app.commands.ids import an_id

if TYPE_CHECKING:
    from app.domain.accounts.staff import StaffMember
    from app.domain.connections.desk import DutyEntry

_PAGE = 500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares one deed for each step of a duty, and the list."""
    deeds = parser.add_subparsers(required=True, metavar="DEED", dest="deed")
    add = deeds.add_parser("add", help="登记一项共享责任")
    add.add_argument("--supplier", required=True, help="数源部门")
    add.add_argument("--data", required=True, help="数据项")
    add.add_argument("--due", type=a_day, required=True, metavar="DATE", help="开通期限")
    add.add_argument("--condition", help="共享条件（不写即无条件共享）")
    add.add_argument("--document", required=True, metavar="NUMBER", help="清单文号")
    deeds.add_parser("list", help="列出共享责任").add_argument("--supplier", help="只列这个部门")
    _on_one(deeds, "open", "登记已开通")
    _on_one(deeds, "serve", "登记已共享")
    refuse = _on_one(deeds, "refuse", "登记不予共享意见，须有法律依据，并提交协调机关")
    refuse.add_argument("--law", required=True, metavar="WORDS", help="法律依据：法律名称和条款")
    refuse.add_argument("--reason", required=True, metavar="WORDS", help="理由")
    refuse.add_argument("--to", required=True, metavar="OFFICE", help="协调机关")
    decide = _on_one(deeds, "decide", "登记协调机关对不予共享意见的裁定")
    decide.add_argument("verdict", choices=("upheld", "overruled"), help="成立，或应当共享")
    decide.add_argument("--document", required=True, metavar="NUMBER", help="文号")


def run(args: argparse.Namespace) -> int:
    """Does one of them."""
    database.done(_run, args)
    return 0


def _on_one(deeds: Any, name: str, words: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = deeds.add_parser(name, help=words)
    parser.add_argument("id", type=an_id, metavar="ID", help="共享责任编号，见 list")
    return parser


async def _run(args: argparse.Namespace) -> None:
    async with database.opened():
        member = await acting.acting_member()
        if args.deed == "list":
            await _list(member, args.supplier)
        else:
            sys.stdout.write(f"{await _change(member, args)}\n")


async def _change(member: "StaffMember", args: argparse.Namespace) -> str:
    from app.domain.connections import duties
    from app.domain.connections.models import DutyTerms
    from app.domain.connections.rules import DutyFacts

    match args.deed:
        case "add":
            terms = DutyTerms.CONDITIONAL if args.condition else DutyTerms.UNCONDITIONAL
            facts = DutyFacts(args.supplier, args.data, args.due, terms, args.document, args.condition)
            return f"已登记，编号 {await duties.add(member, facts)}"
        case "open":
            await duties.open_(member, args.id)
            return "已开通"
        case "serve":
            await duties.serve(member, args.id)
            return "共享中"
        case "refuse":
            await duties.refuse(
                member, args.id, legal_basis=args.law, reason=args.reason, escalated_to=args.to
            )
            return f"已提交{args.to}裁定；裁定前责任不变"
    is_upheld = args.verdict == "upheld"
    await duties.decide(member, args.id, is_upheld=is_upheld, document_number=args.document)
    return "不予共享成立" if is_upheld else "应当共享"


async def _list(member: "StaffMember", supplier: str | None) -> None:
    from app.domain.connections import desk

    rows, after = [], 0
    while page := await desk.duties(member, supplier=supplier, after=after, limit=_PAGE):
        rows += page
        after = page[-1].id
    tabular.show(
        ("编号", "数源部门", "数据项", "开通期限", "共享属性", "条件", "状态", "", "不予共享"),
        (
            (
                one.id, one.supplier, one.data, one.due_on, one.terms.words, one.condition, one.state.words,
                "逾期" if one.is_overdue else "", _refusal(one),
            )
            for one in rows
        ),
        none="清单是空的",
    )  # fmt: skip


def _refusal(one: "DutyEntry") -> str:
    if one.legal_basis is None:
        return ""
    verdicts = {None: f"待{one.escalated_to}裁定", True: "成立", False: "应当共享"}
    return f"{one.legal_basis}（{verdicts[one.is_upheld]}）"
