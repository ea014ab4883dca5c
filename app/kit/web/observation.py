"""What is seen of every request: its id, its time, its outcome."""

import logging
import time
from functools import cache
from typing import Any

from sanic import Request, Sanic
from sanic.response import BaseHTTPResponse

from app.kit.ids import uuid7
from app.kit.metrics import REQUESTS
from config.logging import request_id_var

log = logging.getLogger("weiban.access")

_SLOW_S = 1.0
_observer = cache(REQUESTS.labels)
# Nobody was there any more to hear the answer; the number is the one nginx counts such requests under.
_HUNG_UP = 499


def attach_observation(app: Sanic[Any, Any]) -> None:
    """Give every request an id and measure it."""

    @app.on_request
    async def arrive(request: Request) -> None:
        request.ctx.request_id = request_id = uuid7().hex
        request.ctx.arrived = time.perf_counter()
        request_id_var.set(request_id)

    async def leave(request: Request, response: BaseHTTPResponse) -> None:
        ctx = request.ctx
        route = getattr(ctx, "route", None)
        path = route.path if route is not None else "none"
        spent = time.perf_counter() - getattr(ctx, "arrived", time.perf_counter())
        status = _HUNG_UP if request.conn_info is not None and request.conn_info.lost else response.status
        _observer(path, request.method, status).observe(spent)
        response.headers["x-request-id"] = getattr(ctx, "request_id", "-")
        if spent > _SLOW_S or status >= 500:
            log.warning("%s %s %d in %.0f ms", request.method, path, status, spent * 1000)

    app.register_middleware(leave, "response")
