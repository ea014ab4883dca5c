"""Brings the database to this version: migrations in one line, safe to run again and at the same time."""

import argparse
import asyncio
import sys

from app.commands import database
from config import logging, settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the target and the check."""
    parser.add_argument("--to", metavar="NAME", help="只到某一个迁移为止，如 0002_guards；可以后退")
    parser.add_argument("--check", action="store_true", help="只检查模型与迁移是否一致，不连接数据库")


def run(args: argparse.Namespace) -> int:
    """Migrates, or tells how models and migrations differ."""
    from app.kit import migrate

    if args.check:
        differences = asyncio.run(migrate.differences())
        for difference in differences:
            sys.stderr.write(f"模型与迁移不一致：{difference}\n")
        return 1 if differences else 0
    chosen = settings.current()
    logging.configure(chosen.log_level, chosen.log_format)
    asyncio.run(migrate.migrate(args.to))
    if args.to is None:
        asyncio.run(_register_messages())
    return 0


async def _register_messages() -> None:
    """The wording this version brings takes effect. Raises BadMessages."""
    from config import messages as message_list
    from notifications.wording import versions

    async with database.opened():
        await versions.register(message_list.current())
