"""Keeps the work calendar: fills the years to come, loads a holiday notice of the State Council."""

import argparse
import asyncio
import sys
from pathlib import Path

from app.commands import CannotStart, database
from config import logging, settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares ``fill`` and ``load``."""
    deeds = parser.add_subparsers(required=True, metavar="DEED", dest="deed")
    deeds.add_parser("fill", help="补足到后年的工作日历；未公布的年份为暂定")
    load = deeds.add_parser("load", help="加载国务院办公厅节假日安排，整年转为正式")
    load.add_argument(
        "file", type=Path, metavar="FILE", help="CSV，首行 date,kind,name；kind：restday 或 workday"
    )
    load.add_argument("--source", required=True, metavar="NUMBER", help="文号，如 国办发明电〔2026〕7号")


def run(args: argparse.Namespace) -> int:
    """Does one of the two and prints the days that changed."""
    from app.kit.errors import InvalidInput

    chosen = settings.current()
    logging.configure(chosen.log_level, chosen.log_format)
    try:
        if args.deed == "fill":
            asyncio.run(_fill())
        else:
            asyncio.run(_load(args.file.read_text(encoding="utf-8"), args.source))
    except (OSError, UnicodeDecodeError) as unreadable:
        raise CannotStart(f"读不了 {args.file}：{unreadable}") from None
    except InvalidInput as wrong:
        raise CannotStart(database.words_of(wrong)) from None
    return 0


async def _fill() -> None:
    from app.domain.halls import holidays

    async with database.opened():
        changed = await holidays.fill_calendar()
    sys.stdout.write(f"工作日历已补足，{len(changed)} 天有变化\n")


async def _load(text: str, source: str) -> None:
    from app.domain.halls import holidays

    async with database.opened():
        notice = await holidays.load_notice(text, source=source)
    sys.stdout.write(f"{notice.year} 年已转为正式，{len(notice.changed_days)} 天有变化\n")
    sys.stdout.writelines(f"{day.isoformat()}\n" for day in notice.changed_days)
