"""Delivers messages and runs background jobs and timed tasks."""

import argparse
import asyncio

from config import logging, settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Has no options."""
    del parser


def run(args: argparse.Namespace) -> int:
    """Works until SIGINT or SIGTERM."""
    del args
    chosen = settings.current()
    logging.configure(chosen.log_level, chosen.log_format)
    import uvloop

    from app import worker
    from app.kit import collector

    collector.spare()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(worker.main())
    return 0
