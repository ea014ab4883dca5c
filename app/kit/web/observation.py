"""What is seen of every request: its id, its time, its outcome."""

import logging
import time
from typing import Any

from sanic import Request, Sanic
from sanic.response import BaseHTTPResponse

from app.kit.ids import uuid7
from app.kit.metrics import REQUESTS
from config.logging import request_id_var

log = logging.getLogger("weiban.access")

_SLOW_S = 1.0


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
        REQUESTS.labels(path, request.method, response.status).observe(spent)
        response.headers["x-request-id"] = getattr(ctx, "request_id", "-")
        if spent > _SLOW_S or response.status >= 500:
            log.warning("%s %s %d in %.0f ms", request.method, path, response.status, spent * 1000)

    app.register_middleware(leave, "response")
