"""Credit ratings: the yearly release, from the file to the messages, and applications about a rating."""

import argparse
import asyncio
import re
import sys
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.commands import database
from app.commands.acting import acting_member
from app.commands.ids import an_id
from app.domain.credit_ratings.rule_sets import FIRST_YEAR, Level

if TYPE_CHECKING:
    from app.domain.credit_appeals.models import CreditAppeal
    from app.domain.credit_ratings.models import CreditRelease

Act = Callable[[argparse.Namespace], Awaitable[None]]

_LAST_YEAR: Final = 2100
_SCORE: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,2})?")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the deeds."""
    deeds = parser.add_subparsers(required=True, metavar="DEED")
    take_in = _deed(
        deeds,
        "import",
        "导入一个年度的评价结果（CSV、XLSX、JSON Lines）并校验；中断后重新运行即继续",
        _import,
    )
    take_in.add_argument("file", type=Path, metavar="FILE")
    take_in.add_argument("--year", type=_year, required=True, help="评价年度")
    take_in.add_argument("--report", type=Path, metavar="FILE", help="未采用的行及原因写到这个 CSV")
    _deed(deeds, "list", "列出各批评价结果", _list)
    _of_release(_deed(deeds, "publish", "发布一批（须由导入人以外的人）", _publish))
    _of_release(_deed(deeds, "discard", "作废未发布的一批", _discard))
    campaign = _deed(deeds, "campaign", "为已发布的年度新建通知企业办税人员的群发任务（草稿）", _campaign)
    campaign.add_argument("--year", type=_year, required=True, help="评价年度")
    _deed(deeds, "appeals", "列出待受理、待决定的复核和修复申请", _list_appeals)
    _of_case(_deed(deeds, "accept", "受理复核或修复申请", _accept))
    adjust = _of_case(_deed(deeds, "adjust", "调整评价结果", _adjust))
    adjust.add_argument("level", type=Level, choices=list(Level), metavar="LEVEL", help="A、B、M、C 或 D")
    adjust.add_argument("--score", type=_score, metavar="SCORE", help="得分")
    adjust.add_argument("--text", default="", help="告知申请人的话")
    keep = _of_case(_deed(deeds, "keep", "维持原结果", _keep))
    keep.add_argument("--why", required=True, metavar="TEXT", help="告知申请人的理由")


def _deed(deeds: Any, name: str, words: str, act: Act) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = deeds.add_parser(name, help=words)
    parser.set_defaults(act=act)
    return parser


def _of_release(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", type=an_id, metavar="ID", help="批次编号")


def _of_case(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("number", metavar="NUMBER", help="办件编号")
    return parser


def _year(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not FIRST_YEAR <= int(text[:5]) <= _LAST_YEAR:
        raise argparse.ArgumentTypeError(f"应为 {FIRST_YEAR} 年以后的评价年度")
    return int(text)


def _score(text: str) -> Decimal:
    if not _SCORE.fullmatch(text):
        raise argparse.ArgumentTypeError("应为数字，最多两位小数")
    return Decimal(text)


def run(args: argparse.Namespace) -> int:
    """Does one of them; a refusal is told in its own words."""
    database.done(_with_database, args)
    return 0


async def _with_database(args: argparse.Namespace) -> None:
    async with database.opened():
        await args.act(args)


async def _import(args: argparse.Namespace) -> None:
    from rich.console import Console
    from rich.progress import Progress, TextColumn, TimeElapsedColumn

    from app.domain.credit_ratings import releases

    member = await acting_member()
    columns = (TextColumn("已读 {task.completed:,} 行"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=None)
        release = await releases.import_file(
            member, args.file, args.year, progress=lambda rows: bar.update(task, completed=rows)
        )
    _say(release)
    if args.report and (release.broken or release.doubled):
        await asyncio.to_thread(args.report.write_text, await releases.report(release.id), encoding="utf-8")
        sys.stdout.write(f"未采用的行见 {args.report}\n")


async def _list(args: argparse.Namespace) -> None:
    from app.domain.credit_ratings import releases

    del args
    for release in await releases.listed(await acting_member()):
        _say(release)


async def _publish(args: argparse.Namespace) -> None:
    from app.domain.credit_ratings import releases

    _say(await releases.publish(await acting_member(), args.id))


async def _discard(args: argparse.Namespace) -> None:
    from app.domain.credit_ratings import releases

    _say(await releases.discard(await acting_member(), args.id))


async def _campaign(args: argparse.Namespace) -> None:
    from config import messages as message_list
    from notifications import credit
    from notifications.messages import Messages

    messages = Messages(message_list.current(), read_again_after_s=0)
    await messages.refresh()
    made = await credit.release_campaign(await acting_member(), args.year, messages)
    sys.stdout.write(f"已新建群发任务 {made.id}（草稿），下一步：weiban campaign dry-run {made.id}\n")


async def _list_appeals(args: argparse.Namespace) -> None:
    from app.domain.credit_appeals import deciding
    from app.domain.credit_appeals.texts import ITEM_NAMES, grounds

    del args
    for one in await deciding.under_way(await acting_member()):
        _say_appeal(one)
        score = "无得分" if one.score_before is None else f"{one.score_before} 分"
        about = "，".join((f"{one.year} 年度 {one.level_before} 级 {score}", *one.codes))
        for words in (f"{ITEM_NAMES[one.kind]}：{about}", grounds(one), one.reason):
            if words:
                sys.stdout.write(f"\t{words}\n")


async def _accept(args: argparse.Namespace) -> None:
    from app.domain.credit_appeals import deciding

    _say_appeal(await deciding.accept(await acting_member(), args.number))


async def _adjust(args: argparse.Namespace) -> None:
    from app.domain.credit_appeals import deciding

    member = await acting_member()
    _say_appeal(await deciding.adjust(member, args.number, args.level, args.score, args.text))


async def _keep(args: argparse.Namespace) -> None:
    from app.domain.credit_appeals import deciding

    _say_appeal(await deciding.keep(await acting_member(), args.number, args.why))


_STATES = {
    "draft": "导入中", "checked": "已校验，待发布", "published": "已发布", "replaced": "已被替换",
    "discarded": "已作废",
}  # fmt: skip


def _say(release: "CreditRelease") -> None:
    levels = "，".join(f"{level} 级 {count:,}" for level, count in (release.levels or {}).items())
    sys.stdout.write(
        f"{release.id}\t{release.year} 年度\t{_STATES[release.state]}\t{levels or '—'}"
        f"\t有误 {release.broken:,} 行，重复或矛盾 {release.doubled:,} 行\n"
    )


def _say_appeal(appeal: "CreditAppeal") -> None:
    from app.domain.credit_appeals.texts import STATE_TEXTS

    sys.stdout.write(f"{appeal.case_number}\t{STATE_TEXTS[appeal.state]}\n")
