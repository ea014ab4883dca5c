"""The census of systems and their connections: classes, progress, what is overdue, and the ratio of items."""

import argparse
import sys
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.commands import acting, connection_sheet, database
from app.commands.ids import an_id

if TYPE_CHECKING:
    from app.domain.accounts.staff import StaffMember

_NETWORKS = ("government", "intranet", "dedicated", "internet", "standalone")
_STATES = ("integrating", "testing", "live", "degraded", "offline")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares one deed for each step of a connection, and the questions one may ask."""
    deeds = parser.add_subparsers(required=True, metavar="DEED", dest="deed")
    _declare_census(deeds)
    _declare_classes(deeds)
    advance = _on_one(deeds, "advance", "推进①②类对接：对接中、联调测试、已上线、运行异常、已下线")
    advance.add_argument("state", choices=_STATES)
    advance.add_argument("--note", metavar="WORDS", help="说明")
    tick = _on_one(deeds, "tick", "登记三通：网络通、数据通、业务通")
    for name, words in (("network", "网络"), ("data", "数据"), ("business", "业务")):
        tick.add_argument(f"--{name}", action=argparse.BooleanOptionalAction, help=f"{words}通或不通")
    deeds.add_parser("overdue", help="逾期的对接和共享责任，最久的在前")
    deeds.add_parser("ratio", help="按部门的事项对接率和三通覆盖")


def run(args: argparse.Namespace) -> int:
    """Does one of them."""
    database.done(_run, args)
    return 0


def a_day(text: str) -> date:
    """A day as people type it. Raises ArgumentTypeError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}”不是日期，应形如 2026-12-31") from None


def _an_amount(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise argparse.ArgumentTypeError(f"“{text}”不是金额，应形如 128000.50") from None


def _declare_census(deeds: Any) -> None:
    add = deeds.add_parser("add", help="登记一个系统；已登记的更新普查信息")
    add.add_argument("--department", required=True, help="主管部门")
    add.add_argument("--name", required=True, help="系统名称")
    add.add_argument("--network", required=True, choices=_NETWORKS, help="所在网络")
    add.add_argument("--vendor", help="承建厂商")
    add.add_argument("--database", help="数据库")
    add.add_argument("--interface", help="接口")
    add.add_argument("--item", action="append", default=[], metavar="CODE", help="受理事项编码，可多次")
    add.add_argument("--items", type=int, metavar="N", help="受理事项总数（默认为编码个数）")
    take_in = deeds.add_parser("import", help="导入普查表（CSV 或 XLSX）；有误则全部不写入")
    take_in.add_argument("file", type=Path, metavar="FILE")
    deeds.add_parser("list", help="列出系统和对接进度").add_argument("--department", help="只列这个部门")
    _on_one(deeds, "show", "查看一个系统的普查信息和对接流水")
    _on_one(deeds, "survey", "已下线的系统重新登记对接")


def _declare_classes(deeds: Any) -> None:
    classify = _on_one(deeds, "classify", "定类或变更类别，须写明文号")
    classify.add_argument("category", type=int, choices=range(1, 6), metavar="CLASS", help="①–⑤，写 1 到 5")
    classify.add_argument("--due", type=a_day, metavar="DATE", help="②③的期限")
    quote = _on_one(deeds, "quote", "登记③类的报价")
    quote.add_argument("cost", type=_an_amount, metavar="YUAN")
    fund = _on_one(deeds, "fund", "登记③类的经费批复")
    follow_up = _on_one(deeds, "follow-up", "登记④类的跟进或⑤类的复核")
    follow_up.add_argument("note", metavar="WORDS", help="跟进情况")
    report = _on_one(deeds, "report", "登记⑤类的上报")
    report.add_argument("--entry-path", required=True, metavar="WORDS", help="等待期间怎样录入")
    for one in (classify, quote, fund, report):
        one.add_argument("--document", required=True, metavar="NUMBER", help="文号")
    for one in (classify, follow_up, report):
        one.add_argument(
            "--next", type=a_day, metavar="DATE", required=one is not classify, help="下次跟进的日期"
        )


def _on_one(deeds: Any, name: str, words: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = deeds.add_parser(name, help=words)
    parser.add_argument("id", type=an_id, metavar="ID", help="系统编号，见 list")
    return parser


async def _run(args: argparse.Namespace) -> None:
    async with database.opened():
        await _DEEDS[args.deed](await acting.acting_member(), args)


async def _add(member: "StaffMember", args: argparse.Namespace) -> None:
    from app.domain.connections import census
    from app.domain.connections.models import Network
    from app.domain.connections.rules import SystemFacts

    codes = tuple(dict.fromkeys(args.item))
    facts = SystemFacts(
        department=args.department,
        name=args.name,
        network=Network(args.network),
        vendor=args.vendor,
        database=args.database,
        interface=args.interface,
        item_codes=codes,
        uncoded_items=0 if args.items is None else args.items - len(codes),
    )
    _say(f"已登记，编号 {await census.register(member, facts)}")


async def _import(member: "StaffMember", args: argparse.Namespace) -> None:
    from app.domain.connections import census

    done = await census.take_in(member, args.file)
    _say(f"共 {done.systems} 个系统，新登记 {done.new} 个，定类 {done.classified} 个")


async def _change(member: "StaffMember", args: argparse.Namespace) -> None:
    from app.domain.connections import connecting, desk
    from app.domain.connections.models import ConnectionCategory, ConnectionState
    from app.domain.connections.rules import Decision

    match args.deed:
        case "survey":
            await connecting.survey(member, args.id)
        case "classify":
            told = Decision(ConnectionCategory(args.category), args.document, args.due, args.next)
            await connecting.classify(member, args.id, told)
        case "advance":
            await connecting.advance(member, args.id, ConnectionState(args.state), args.note)
        case "quote":
            await connecting.quote(member, args.id, args.cost, args.document)
        case "fund":
            await connecting.fund(member, args.id, args.document)
        case "follow-up":
            await connecting.follow_up(member, args.id, args.note, args.next)
        case "report":
            await connecting.report(member, args.id, args.document, args.entry_path, args.next)
        case "tick":
            ticks = {"network": args.network, "data": args.data, "business": args.business}
            await connecting.tick(member, args.id, **ticks)
    now = (await desk.whole(member, args.id)).connection
    _say(f"系统 {args.id} 现在是“{now.state.words}”　{connection_sheet.class_of(now.category)}")


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")


_DEEDS: Mapping[str, Callable[["StaffMember", argparse.Namespace], Awaitable[None]]] = {
    "add": _add,
    "import": _import,
    "list": connection_sheet.show_list,
    "show": connection_sheet.show_one,
    "overdue": connection_sheet.show_overdue,
    "ratio": connection_sheet.show_ratio,
    **dict.fromkeys(
        ("survey", "classify", "advance", "quote", "fund", "follow-up", "report", "tick"), _change
    ),
}
