"""The three pages of a face's document: itself, a reader that works offline, and the reader's start."""

from collections.abc import Callable
from html import escape
from string import Template

from sanic import HTTPResponse

from app.kit.web.callers import ANYONE
from app.kit.web.routes import JSON, Call, Routes

_PAGE = Template("""<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>$title</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/assets/swagger-ui.css"></head>
<body><div id="docs"></div><script src="/assets/swagger-ui-bundle.js"></script>
<script src="$prefix/docs/start.js"></script></body></html>""")

_START = Template("""window.onload = () =>
    SwaggerUIBundle({url: "$prefix/openapi.json", dom_id: "#docs", deepLinking: true});""")

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; frame-ancestors 'none'"
)


def show_docs(routes: Routes, title: str, document: Callable[[Call], bytes]) -> None:
    """Declare ``/openapi.json``, ``/docs`` and ``/docs/start.js`` below the prefix of ``routes``.

    ``document`` answers the OpenAPI document as JSON.
    """
    page = _PAGE.substitute(title=escape(title), prefix=routes.prefix).encode()
    start = _START.substitute(prefix=routes.prefix).encode()

    @routes.get("/openapi.json", caller=ANYONE)
    async def show_openapi(call: Call) -> object:
        """OpenAPI 3.1 文档"""
        return HTTPResponse(document(call), content_type=JSON)

    @routes.get("/docs", caller=ANYONE, produces="text/html")
    async def show_page(_: Call) -> object:
        """可离线阅读的接口文档"""
        return HTTPResponse(
            page, content_type="text/html; charset=utf-8", headers={"content-security-policy": _POLICY}
        )

    @routes.get("/docs/start.js", caller=ANYONE, produces="text/javascript")
    async def show_start(_: Call) -> object:
        """接口文档的启动脚本"""
        return HTTPResponse(start, content_type="text/javascript; charset=utf-8")
