"""Loads administrative regions of any province from a CSV: code,name,level."""

import argparse
import asyncio
import sys
from pathlib import Path

from app.commands import CannotStart, database
from config import logging, settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares ``load`` and ``spell``."""
    deeds = parser.add_subparsers(required=True, metavar="DEED", dest="deed")
    load = deeds.add_parser("load", help="加载区划文件；可重复执行")
    load.add_argument("file", type=Path, metavar="FILE", help="CSV，首行 code,name,level（UTF-8）")
    spell = deeds.add_parser("spell", help="给区划文件加上拼音列，输出到屏幕；加载时不必再算")
    spell.add_argument("file", type=Path, metavar="FILE", help="CSV，首行 code,name,level（UTF-8）")


def run(args: argparse.Namespace) -> int:
    """Does one of the two."""
    from app.domain.halls import regions
    from app.kit.errors import InvalidInput

    try:
        text = args.file.read_text(encoding="utf-8")
        if args.deed == "spell":
            sys.stdout.write("code,name,level,pinyin\n")
            sys.stdout.writelines(",".join(map(str, row)) + "\n" for row in regions.spelled(text))
        else:
            chosen = settings.current()
            logging.configure(chosen.log_level, chosen.log_format)
            asyncio.run(_load(text))
    except (OSError, UnicodeDecodeError) as unreadable:
        raise CannotStart(f"读不了 {args.file}：{unreadable}") from None
    except InvalidInput as wrong:
        raise CannotStart(database.words_of(wrong)) from None
    return 0


async def _load(text: str) -> None:
    from app.domain.halls import regions

    async with database.opened():
        changed = await regions.load(regions.read_regions(text), progress=_tell)
    sys.stdout.write(f"新增或更新 {changed} 个区划\n")


def _tell(done: int, total: int) -> None:
    sys.stdout.write(f"已处理 {done}/{total}\n")
    sys.stdout.flush()
