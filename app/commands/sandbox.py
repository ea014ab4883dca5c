"""Serves the WeChat sandbox: WeChat's interfaces and a phone page, for local running."""

import argparse

from config import logging, settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the port."""
    parser.add_argument("--port", type=int, default=8001, help="监听端口（默认 8001）")
    parser.add_argument("--host", default="127.0.0.1", help="监听地址（默认 127.0.0.1）")


def run(args: argparse.Namespace) -> int:
    """Serves until SIGINT or SIGTERM."""
    chosen = settings.current()
    if chosen.env == "production":
        raise settings.BadSettings([f"{settings.variable('env')}: 生产环境没有微信沙箱"])
    logging.configure(chosen.log_level, chosen.log_format)
    from app.sandbox import server

    server.main(args.port, args.host)
    return 0
