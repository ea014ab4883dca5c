"""Fills an empty database with what a demonstration needs; what is there already is left alone."""

import argparse
import asyncio

from app.commands import database
from config import logging, settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares which data."""
    parser.add_argument("kind", nargs="?", default="demo", choices=["demo"], help="数据种类（默认 demo）")


def run(args: argparse.Namespace) -> int:
    """Writes the data."""
    chosen = settings.current()
    logging.configure(chosen.log_level, chosen.log_format)
    asyncio.run(_write(args.kind))
    return 0


async def _write(kind: str) -> None:
    from app.domain import seed

    async with database.opened():
        await seed.run(kind)
