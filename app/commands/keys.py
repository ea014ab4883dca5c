"""Rotates the key of personal data: seals every stored value anew with the current key."""

import argparse
import asyncio
import sys

from app.commands import database
from config import logging, settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares ``reseal``."""
    deeds = parser.add_subparsers(required=True, metavar="DEED", dest="deed")
    deeds.add_parser("reseal", help="用当前密钥重新加密个人信息；完成后可去掉 WEIBAN_PII_KEY_PREVIOUS")


def run(args: argparse.Namespace) -> int:
    """Reseals and prints how many values were changed."""
    del args
    chosen = settings.current()
    logging.configure(chosen.log_level, chosen.log_format)
    asyncio.run(_reseal())
    return 0


async def _reseal() -> None:
    from app.domain.accounts import resealing

    def tell(column: str, count: int) -> None:
        sys.stdout.write(f"{column}：{count}\n")

    async with database.opened():
        total = await resealing.reseal(tell)
    sys.stdout.write(f"已重新加密 {total} 项\n")
