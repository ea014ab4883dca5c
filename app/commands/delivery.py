"""Shows what waits to be sent and what was given up and why, and queues that again."""

import argparse
import asyncio
import sys
from typing import Final

from app.commands import database
from app.commands.ids import an_id
from config import logging, settings

_LANES: Final = ("紧急", "普通", "批量")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares ``waiting``, ``dead`` and ``retry``."""
    deeds = parser.add_subparsers(required=True, metavar="DEED", dest="deed")
    deeds.add_parser("waiting", help="按渠道和紧急程度列出还没有发出的消息")
    dead = deeds.add_parser("dead", help="列出已放弃的消息及原因，最近的在前")
    dead.add_argument("--limit", type=int, default=50, metavar="N", help="最多列出多少条（50）")
    retry = deeds.add_parser("retry", help="把已放弃的消息重新排队；排除原因之后再用")
    retry.add_argument("ids", type=an_id, nargs="+", metavar="ID", help="消息号，见 dead")


def run(args: argparse.Namespace) -> int:
    """Does one of the three."""
    chosen = settings.current()
    logging.configure("WARNING", chosen.log_format)
    asyncio.run(_run(args))
    return 0


async def _run(args: argparse.Namespace) -> None:
    from app.kit import audit
    from notifications import backlog

    async with database.opened():
        if args.deed == "waiting":
            for line in await backlog.waiting():
                _say(
                    f"{_LANES[line.lane]}\t{line.channel.label}\t{line.status}\t{line.count} 条"
                    f"\t最早 {line.oldest:%Y-%m-%d %H:%M:%S}"
                )
        elif args.deed == "dead":
            for one in await backlog.dead(args.limit):
                reason = " ".join(str(part) for part in (one.error_code, one.error_text) if part)
                _say(
                    f"{one.id}\t{one.settled_at:%Y-%m-%d %H:%M:%S}\t{one.message}\t{one.channel.label}"
                    f"\t{one.attempt} 次\t{reason}"
                )
        else:
            revived = await backlog.revive(args.ids, actor=audit.SYSTEM)
            _say(f"已重新排队 {revived} 条")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
