"""Serves HTTP: one process, or several that share the port and are kept running."""

import argparse
import asyncio
import os
import select
import socket
import sys
from collections.abc import Sequence
from typing import Any

from app.commands import CannotStart
from app.kit import collector
from app.kit.engines import process
from app.kit.supervisor import Child, Supervisor, until_asked_to_stop
from config import logging, settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares address and number of processes; the defaults are the settings."""
    parser.add_argument("--host", help="监听地址（默认 WEIBAN_HOST）")
    parser.add_argument("--port", type=int, help="监听端口（默认 WEIBAN_PORT）")
    parser.add_argument("--workers", type=int, help="服务进程数（默认 WEIBAN_WORKERS）")
    parser.add_argument("--fd", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--ready-fd", type=int, help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Serves until SIGINT or SIGTERM; requests under way are finished first."""
    chosen = settings.current()
    logging.configure(chosen.log_level, chosen.log_format)
    host, port = args.host or chosen.host, args.port or chosen.port
    workers = args.workers or chosen.workers
    if args.fd is not None:
        serve(socket.socket(fileno=args.fd), args.ready_fd)
    elif workers == 1:
        serve(listeners(host, port, 1)[0])
    else:
        asyncio.run(_serve_several(listeners(host, port, workers)))
    return 0


def serve(listener: socket.socket, ready_fd: int | None = None) -> None:
    """Runs the application in this process on a listening socket; a byte to ``ready_fd`` says it serves."""
    from app import main

    app = main.create_app()
    main.attach_lifecycle(app)
    if ready_fd is not None:

        @app.after_server_start
        async def tell(_: Any) -> None:
            os.write(ready_fd, b"!")

    serve_app(app, listener)


def serve_app(app: Any, listener: socket.socket) -> None:
    """Runs a Sanic application without Sanic's own process management, which ours replaces."""
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = settings.current().shutdown_grace_s
    collector.spare()
    app.prepare(sock=listener, single_process=True, motd=False, access_log=False, backlog=1024)
    type(app).serve_single(primary=app)


def listeners(host: str, port: int, count: int) -> list[socket.socket]:
    """One listening socket per process on the same address; the kernel spreads connections over them.

    They belong to the parent: when a server dies, its connections wait for its successor.

    Raises:
        CannotStart: the port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # Sharing would otherwise succeed silently beside another server of the same user.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotStart(f"无法监听 {host}:{port}：{error.strerror}。请换一个端口（--port）") from error
    made = []
    for _ in range(count):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind((host, port))
        listener.listen(1024)
        made.append(listener)
    return made


def weiban(*arguments: str) -> Sequence[str]:
    """The command that runs a subcommand and ends with this process."""
    # -P: a folder called app where we happen to stand is not ours.
    return process.launched([sys.executable, "-P", "-m", "app", *arguments])


def server(number: int, listener: socket.socket, environment: dict[str, str], *, prefixed: bool) -> Child:
    """One server process on its own socket, ready when it says so."""
    told, telling = os.pipe()
    fds = (listener.fileno(), telling)
    return Child(
        f"server-{number}",
        lambda: weiban("serve", "--fd", str(fds[0]), "--ready-fd", str(fds[1])),
        environment=environment,
        ready=lambda: bool(select.select([told], [], [], 0)[0]),
        grace_s=settings.current().shutdown_grace_s + 5,
        prefixed=prefixed,
        keep_fds=fds,
    )


async def _serve_several(sockets: Sequence[socket.socket]) -> None:
    async with Supervisor() as supervisor:
        await supervisor.start(
            *(server(n, one, dict(os.environ), prefixed=False) for n, one in enumerate(sockets, start=1))
        )
        await until_asked_to_stop()
