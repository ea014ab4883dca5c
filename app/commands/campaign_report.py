"""``weiban campaign report`` and ``export``: what became of a campaign, on the screen or as a file."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.commands import CannotStart
from app.commands.ids import an_id

if TYPE_CHECKING:
    from notifications.campaigns.reports import Line, Report


def add_to(deeds: Any) -> None:
    """Declares both; each sets ``act``, to be awaited with the database open."""
    report = deeds.add_parser("report", help="查看发送结果：按状态、原因、地区、小时、通道")
    report.add_argument("id", type=an_id, metavar="ID", help="任务编号")
    report.set_defaults(act=show)
    export = deeds.add_parser("export", help="导出每个接收人的发送结果（不含姓名、证件号和手机号）")
    export.add_argument("id", type=an_id, metavar="ID", help="任务编号")
    export.add_argument("--format", choices=("csv", "xlsx"), default="csv", help="文件格式（默认 csv）")
    export.add_argument("--output", type=Path, metavar="FILE", help="写到哪个文件（默认 campaign-ID.csv）")
    export.set_defaults(act=write)


async def show(args: argparse.Namespace) -> None:
    """Prints the report."""
    from app.commands.acting import acting_member
    from notifications.campaigns import reports

    found = await reports.report(await acting_member(), args.id)
    sys.stdout.write("\n".join(_page(found)) + "\n")


async def write(args: argparse.Namespace) -> None:
    """Writes the file and says how many rows it has."""
    from app.commands.acting import acting_member
    from notifications.campaigns import exports

    path = args.output or Path(f"campaign-{args.id}.{args.format}")
    if path.suffix != f".{args.format}":
        raise CannotStart(f"文件名要以 .{args.format} 结尾，或用 --format 指明格式")
    try:
        count = await exports.export(await acting_member(), args.id, path)
    except OSError as failure:
        raise CannotStart(f"写不了 {path}：{failure.strerror}") from None
    sys.stdout.write(f"已导出 {count} 人：{path}\n")


def _page(found: "Report") -> list[str]:
    from notifications.campaigns import reasons

    title = f"任务 {found.campaign.id}“{found.campaign.name}”，共 {found.total} 人"
    lines = [
        f"{title}（{found.at:%Y-%m-%d %H:%M:%S}）",
        "",
        *(f"{reasons.STATES[state]:<8}{people:>10}" for state, people in found.people.items()),
    ]
    if found.mass is not None:
        told = found.mass
        reached = f"{told.looked_at} 人，过滤 {told.filtered}，发出 {told.sent}，失败 {told.errors}"
        lines += ["", f"微信回执：{told.calls} 批，{reached}，{told.unreported} 批没有回执"]
    if found.failures:
        lines += ["", "未送达原因"]
        lines += [
            f"{one.people:>10}  {reasons.STATES[one.state]}：{one.words}（{one.reason}）"
            for one in found.failures
        ]
    for title, listed in (("地区", found.regions), ("小时", found.hours), ("通道", found.channels)):
        lines += ["", title, *(_line(one) for one in listed)]
    return lines


def _line(one: "Line") -> str:
    from notifications.campaigns import reasons

    parts = "，".join(f"{reasons.STATES[state]} {people}" for state, people in one.people.items())
    return f"{one.total:>10}  {one.label or '—'}：{parts}"
