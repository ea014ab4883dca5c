"""OpenAPI 3.1 from the same declarations that validate."""

import re
from collections.abc import Iterable
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from app.kit import signing
from app.kit.errors import Fault, InvalidInput, NotFound, NotSignedIn, TooOften, UpstreamDown
from app.kit.web import fields
from app.kit.web.idempotency import StillWorking
from app.kit.web.problems import MEDIA_TYPE, TITLES
from app.kit.web.routes import JSON, MULTIPART, Route
from app.kit.web.schemas import Schema

_PARAMETER = re.compile(r"<(\w+):(\w+)>")
_KINDS: dict[str, dict[str, Any]] = {
    "int": {"type": "integer", "minimum": 1, "maximum": fields.LARGEST_ID},
    "uuid": {"type": "string", "format": "uuid"},
    "str": {"type": "string", "minLength": 1},
    "strorempty": {"type": "string"},
}


class Problem(Schema):
    """RFC 9457 problem details."""

    type = fields.Text(required=True, metadata={"description": "问题类型，urn:weiban:problem:<code>"})
    title = fields.Text(required=True, metadata={"description": "问题大类"})
    status = fields.Integer(required=True, metadata={"description": "HTTP 状态码"})
    code = fields.Text(required=True, metadata={"description": "稳定的错误代码"})
    detail = fields.Text(required=True, metadata={"description": "给人看的说明和办法"})
    request_id = fields.Text(required=True, metadata={"description": "请求编号，报障时提供"})
    by_field = fields.Dict(
        keys=fields.Text(),
        values=fields.List(fields.Text()),
        data_key="fields",
        metadata={"description": "逐个字段的原因"},
    )


_SCHEMES: dict[str, dict[str, str]] = {
    "citizen": {"type": "http", "scheme": "bearer", "description": "POST /api/v1/session 返回的 token"},
    "staff": {"type": "http", "scheme": "bearer", "description": "工作人员登录后的 token"},
    "partner": {
        "type": "apiKey",
        "in": "header",
        "name": signing.SIGNATURE,
        "description": f"签名；须同时带 {signing.KEY}、{signing.TIMESTAMP}、{signing.NONCE}，算法见对接说明",
    },
}


def document(
    routes: Iterable[Route],
    *,
    version: str,
    server: str,
    title: str = "微办 Weiban",
    words: str = "在微信里预约办税和政务服务。时间为北京时间，ISO 8601 带时区。",
    schemes: Iterable[str] = ("citizen", "staff"),
    shapes: Iterable[type[Schema]] = (),
) -> dict[str, Any]:
    """The whole document as plain data.

    ``schemes`` are the ways of proving who calls, ``shapes`` those that fields name by reference.
    """
    spec = APISpec(
        title=title,
        version=version,
        openapi_version="3.1.0",
        plugins=[MarshmallowPlugin()],
        info={"description": words},
        servers=[{"url": server}],
    )
    for scheme in schemes:
        spec.components.security_scheme(scheme, _SCHEMES[scheme])
    spec.components.schema("Problem", schema=Problem)
    for shape in shapes:
        spec.components.schema(shape.__name__, schema=shape)
    for route in routes:
        path = _PARAMETER.sub(r"{\1}", route.path)
        spec.path(path=path, operations={route.method.lower(): _operation(route)})
    return spec.to_dict()


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.handler.__module__.split(".")[-2] + "_" + route.handler.__name__,
        "summary": route.summary,
        "tags": [route.tag],
        "parameters": _parameters(route),
        "responses": _responses(route),
    }
    if route.caller.scheme:
        needed: dict[str, list[str]] = {route.caller.scheme: []}
        operation["security"] = [needed] if route.caller.is_required else [needed, {}]
    if route.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {MULTIPART if route.largest_file else JSON: {"schema": type(route.body)}},
        }
    return operation


def _parameters(route: Route) -> list[Any]:
    found: list[Any] = [
        {"name": name, "in": "path", "required": True, "schema": _KINDS[kind]}
        for name, kind in _PARAMETER.findall(route.path)
    ]
    if route.query is not None:
        found.append({"in": "query", "schema": type(route.query)})
    if route.idempotent:
        found.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": "重试时带上同一个键，只会办理一次",
                "schema": {"type": "string", "minLength": 1, "maxLength": 120, "pattern": "^[!-~]+$"},
            }
        )
    return found


def _faults(route: Route) -> list[type[Fault]]:
    """Every refusal a route can utter: its own, and those its declaration implies."""
    faults = [*route.errors, UpstreamDown, InvalidInput]
    if route.caller.scheme:
        faults.append(NotSignedIn)
    if route.limit is not None:
        faults.append(TooOften)
    if _PARAMETER.search(route.path):
        faults.append(NotFound)
    if route.idempotent:
        faults.append(StillWorking)
    return faults


def _responses(route: Route) -> dict[str, Any]:
    content: dict[str, Any] = {}
    if route.answer is not None:
        content = {"content": {route.produces: {"schema": type(route.answer)}}}
    elif route.status != 204:
        content = {"content": {route.produces: {"schema": {"type": "string"}}}}
    responses: dict[str, Any] = {str(route.status): {"description": "成功", **content}}
    by_status: dict[int, list[type[Fault]]] = {}
    for fault in _faults(route):
        by_status.setdefault(fault.status, []).append(fault)
    for status, faults in sorted(by_status.items()):
        lines = dict.fromkeys(f"`{fault.code}` {fault.message}" for fault in faults)
        responses[str(status)] = {
            "description": f"{TITLES[status]}：" + "；".join(lines),
            "content": {MEDIA_TYPE: {"schema": Problem}},
        }
    return responses
