"""Pages about the server itself: alive, ready, metrics, and the API's document."""

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import orjson
from sanic import HTTPResponse

from app.kit import cache, metrics, migrate
from app.kit.errors import UpstreamDown
from app.kit.web import ANYONE, Call, Routes, Schema, fields, show_docs
from config import settings

routes = Routes("", tag="运行")

_PATIENCE_S = 2.0


@routes.get("/healthz", caller=ANYONE)
async def show_alive(_: Call) -> object:
    """进程存活"""
    return HTTPResponse(b'{"status":"alive"}', content_type="application/json")


async def _ask_wechat() -> None:
    """Whether the host of WeChat's API takes connections; nothing is asked of it."""
    address = urlsplit(settings.current().wechat_api_base)
    port = address.port or (443 if address.scheme == "https" else 80)
    _, writer = await asyncio.open_connection(address.hostname, port)
    writer.close()


_CHECKS: dict[str, Callable[[], Awaitable[object]]] = {
    "database": migrate.is_current,
    "cache": lambda: cache.client().ping(),
    "wechat": _ask_wechat,
}


class AskReady(Schema):
    check = fields.List(
        fields.Choice(list(_CHECKS)),
        metadata={"description": "只检查这些，可重复；默认全部。负载均衡宜用 check=database"},
    )


@routes.get("/readyz", caller=ANYONE, query=AskReady, errors=(UpstreamDown,))
async def show_ready(call: Call) -> object:
    """可以接受请求：数据库与迁移、缓存、微信都可用，否则 503 并说明原因"""
    asked = call.query.get("check") or list(_CHECKS)
    results = dict(zip(asked, await asyncio.gather(*(_check(_CHECKS[name]) for name in asked)), strict=True))
    is_ready = all(why == "ok" for why in results.values())
    body = orjson.dumps({"status": "ready" if is_ready else "not ready", "checks": results})
    headers = {} if is_ready else {"retry-after": "2"}
    return HTTPResponse(
        body, status=200 if is_ready else 503, headers=headers, content_type="application/json"
    )


async def _check(attempt: Callable[[], Awaitable[object]]) -> str:
    try:
        answer = await asyncio.wait_for(attempt(), _PATIENCE_S)
    except Exception as failure:  # noqa: BLE001  # Any failure is an answer to "is it ready".
        return type(failure).__name__
    return "ok" if answer is not False else "behind"


@routes.get("/metrics", caller=ANYONE, produces="text/plain")
async def show_metrics(_: Call) -> object:
    """Prometheus 指标"""
    return HTTPResponse(metrics.page(), content_type="text/plain; version=0.0.4; charset=utf-8")


show_docs(routes, "Weiban API", lambda call: orjson.dumps(call.request.app.ctx.openapi))
