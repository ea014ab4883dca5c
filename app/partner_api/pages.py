"""The document of the partner interface, for programs and for people."""

from functools import cache

import orjson

from app.kit.web import Routes, show_docs
from app.kit.web.openapi import document
from app.partner_api.relay_routes import routes as relays
from app.partner_api.routes import routes as messages
from app.partner_api.shapes import SHAPES
from config import settings

VERSION = "1.0"

routes = Routes("/partner", tag="文档")


@cache
def openapi() -> bytes:
    """The OpenAPI document of this face, as JSON."""
    told = document(
        [*messages.all, *relays.all],
        version=VERSION,
        server=settings.current().public_url,
        title="微办数据推送 Weiban Partner API",
        words="部门系统推送办件消息。请求须签名；同一序号重发无害；顺序不限；逐条答复。",
        schemes=("partner",),
        shapes=[type(shape) for shape in SHAPES.values()],
    )
    return orjson.dumps(told)


show_docs(routes, "Weiban Partner API", lambda _: openapi())
