"""Shows what may still be sent today: used, left and reserved on each channel, and what is stopped."""

import argparse
import asyncio
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.commands import database
from config import logging, settings

if TYPE_CHECKING:
    from notifications.quota.standing import Standing

_LANES = ("紧急", "普通", "批量")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Has no options."""
    del parser


def run(args: argparse.Namespace) -> int:
    """Prints the table; answers 0."""
    del args
    logging.configure("WARNING", settings.current().log_format)
    asyncio.run(_show())
    return 0


async def _show() -> None:
    from app.kit import cache
    from notifications.quota.standing import standings

    async with database.opened():
        try:
            found = await standings()
        finally:
            await cache.close()
    sys.stdout.writelines(f"{line}\n" for one in found for line in lines_of(one))


def lines_of(one: "Standing") -> Iterator[str]:
    """One channel in words."""
    urgent, normal = one.reserved
    yield f"{one.product.channel.label}  今日限额 {one.limit:,}，每秒 {one.product.per_second:,}"
    for name, used, left in zip(_LANES, one.used, one.left, strict=True):
        yield f"  {name}  已用 {used:,}  可用 {left:,}"
    yield f"  预留  紧急 {urgent:,}  普通 {normal:,}"
    if one.elsewhere:
        yield f"  微信另计 {one.elsewhere:+,}（他处使用，或未计入的发送）"
    if one.stop is not None:
        yield f"  已停发，至 {one.stop.until:%m月%d日 %H:%M:%S}：{one.stop.because}"
