"""An application of ours served on a free port of this process, for as long as somebody needs it."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sanic import Sanic


@asynccontextmanager
async def served(app: Sanic[Any, Any]) -> AsyncIterator[str]:
    """Where the application listens; what it needs behind it is opened by each test."""
    app.config.TOUCHUP = False  # Sanic rewrites its own methods at start, which works once in a process.
    listener = socket.create_server(("127.0.0.1", 0))
    server: Any = await app.create_server(sock=listener, return_asyncio_server=True)
    await server.startup()
    await server.start_serving()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.close()
        Sanic.unregister_app(app)
