"""The document of the partner interface, for programs and for people."""

from functools import cache

import orjson
from sanic import HTTPResponse

from app.kit.web import ANYONE, Call, Routes
from app.kit.web.openapi import document
from app.partner_api.routes import routes as messages
from app.partner_api.shapes import SHAPES
from config import settings

VERSION = "1.0"

routes = Routes("/partner", tag="文档")

_DOCS = b"""<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>Weiban Partner API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/assets/swagger-ui.css"></head>
<body><div id="docs"></div><script src="/assets/swagger-ui-bundle.js"></script>
<script src="/partner/docs/start.js"></script></body></html>"""

_DOCS_START = b"""window.onload = () =>
    SwaggerUIBundle({url: "/partner/openapi.json", dom_id: "#docs", deepLinking: true});"""

_DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; frame-ancestors 'none'"
)


@cache
def openapi() -> bytes:
    """The OpenAPI document of this face, as JSON."""
    told = document(
        messages.all,
        version=VERSION,
        server=settings.current().public_url,
        title="微办数据推送 Weiban Partner API",
        words="部门系统推送办件消息。请求须签名；同一序号重发无害；顺序不限；逐条答复。",
        schemes=("partner",),
        shapes=[type(shape) for shape in SHAPES.values()],
    )
    return orjson.dumps(told)


@routes.get("/openapi.json", caller=ANYONE)
async def show_openapi(_: Call) -> object:
    """推送接口的 OpenAPI 3.1 文档"""
    return HTTPResponse(openapi(), content_type="application/json")


@routes.get("/docs", caller=ANYONE, produces="text/html")
async def show_docs(_: Call) -> object:
    """可离线阅读的推送接口文档"""
    return HTTPResponse(
        _DOCS, content_type="text/html; charset=utf-8", headers={"content-security-policy": _DOCS_POLICY}
    )


@routes.get("/docs/start.js", caller=ANYONE, produces="text/javascript")
async def show_docs_start(_: Call) -> object:
    """推送接口文档的启动脚本"""
    return HTTPResponse(_DOCS_START, content_type="text/javascript; charset=utf-8")
