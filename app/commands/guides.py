"""Publishes guides from a TOML file, or takes one off."""

import argparse
import asyncio
import sys
from pathlib import Path

from app.commands import CannotStart, database
from config import logging, settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares ``load`` and ``withdraw``."""
    deeds = parser.add_subparsers(required=True, metavar="DEED", dest="deed")
    load = deeds.add_parser("load", help="发布文件中的办事指南；可重复执行，只更新有变化的")
    load.add_argument("file", type=Path, metavar="FILE", help="TOML（UTF-8），每篇一个 [[guide]]")
    withdraw = deeds.add_parser("withdraw", help="下架一篇办事指南")
    withdraw.add_argument("code", metavar="CODE", help="指南的 code")


def run(args: argparse.Namespace) -> int:
    """Does one of the two."""
    from app.kit.errors import InvalidInput, NotFound

    chosen = settings.current()
    logging.configure(chosen.log_level, chosen.log_format)
    try:
        if args.deed == "load":
            asyncio.run(_load(args.file.read_text(encoding="utf-8")))
        else:
            asyncio.run(_withdraw(args.code))
    except (OSError, UnicodeDecodeError) as unreadable:
        raise CannotStart(f"读不了 {args.file}：{unreadable}") from None
    except InvalidInput as wrong:
        raise CannotStart(database.words_of(wrong)) from None
    except NotFound as missing:
        raise CannotStart(missing.message) from None
    return 0


async def _load(text: str) -> None:
    from app.domain.catalogue import files, publishing

    guides = files.read_guides(text)
    async with database.opened():
        changed = await publishing.publish(guides)
    sys.stdout.write(f"共 {len(guides)} 篇，新增或更新 {changed} 篇\n")


async def _withdraw(code: str) -> None:
    from app.domain.catalogue import publishing
    from app.kit import audit

    async with database.opened():
        await publishing.withdraw(code, actor=audit.SYSTEM)
    sys.stdout.write(f"已下架 {code}\n")
