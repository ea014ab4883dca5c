"""A sandbox inside the running event loop, on a free port: for tests and benchmarks."""

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sanic import Sanic

from app.sandbox.options import Options
from app.sandbox.sandbox import Sandbox
from app.sandbox.server import create_sandbox
from app.sandbox.templates import Templates

_names = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Running:
    """Where it listens, and the parts behind its doors."""

    url: str
    sandbox: Sandbox


@asynccontextmanager
async def running(options: Options, templates: Templates) -> AsyncIterator[Running]:
    """Serve until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    app = create_sandbox(options, templates=templates, name=f"weiban-sandbox-{next(_names)}")
    # Sanic rewrites its own protocol methods at start, which works once in a process.
    app.config.TOUCHUP = False
    # Sanic leaves the methods of its asyncio server untyped.
    server: Any = await app.create_server(sock=listener, return_asyncio_server=True)
    await server.startup()
    await server.before_start()
    serving = asyncio.ensure_future(server.serve_forever())
    try:
        yield Running(f"http://127.0.0.1:{port}", app.ctx.sandbox)
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        await server.close()
        await server.after_stop()
        Sanic.unregister_app(app)
