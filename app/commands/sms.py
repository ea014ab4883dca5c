"""Shows the text messages of the demo operator: `weiban sms demo`."""

import argparse
import asyncio
import sys

from app.commands import CannotStart
from config import logging, settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares ``demo``."""
    parts = parser.add_subparsers(required=True, metavar="PART")
    parts.add_parser("demo", help="列出演示短信，最新的在前；手机号已打码")


def run(args: argparse.Namespace) -> int:
    """Prints the last messages."""
    del args
    chosen = settings.current()
    logging.configure("WARNING", chosen.log_format)
    if chosen.sms_connector != "demo":
        raise CannotStart(f"{settings.variable('sms_connector')} 不是 demo，没有演示短信")
    asyncio.run(_show())
    return 0


async def _show() -> None:
    from app.kit import cache

    try:
        sys.stdout.writelines(f"{line}\n" for line in await listing())
    except cache.CACHE_ERRORS as lost:
        name = settings.variable("redis_url")
        raise CannotStart(f"连不上缓存，请检查 {name}：{type(lost).__name__}") from None
    finally:
        await cache.close()


async def listing() -> list[str]:
    """The last messages in words, the newest first. Raises CACHE_ERRORS."""
    from app.gateways.sms.demo import last_messages

    lines = [f"{one['at']}  {one['phone']}  {one['code']}  {one['text']}" for one in await last_messages()]
    return lines or ["还没有演示短信"]
