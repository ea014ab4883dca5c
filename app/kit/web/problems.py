"""Refusals on the wire: every ``Fault`` and every surprise as RFC 9457 problem+json."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
from asyncpg import InterfaceError, InternalClientError, PostgresConnectionError
from asyncpg.exceptions import (
    CannotConnectNowError,
    InsufficientResourcesError,
    LockNotAvailableError,
    OperatorInterventionError,
    QueryCanceledError,
)
from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import MethodNotAllowed, SanicException
from tortoise.exceptions import DBConnectionError

from app.kit.cache import CACHE_ERRORS
from app.kit.errors import Fault, InvalidInput, NotFound, TooOften, UpstreamDown

log = logging.getLogger("weiban.web")

MEDIA_TYPE = "application/problem+json"

TITLES = {
    400: "请求有误",
    401: "未登录",
    403: "无权限",
    404: "未找到",
    405: "方法不支持",
    408: "请求超时",
    409: "不能办理",
    413: "内容过大",
    415: "格式不支持",
    417: "请求有误",
    422: "内容有误",
    429: "过于频繁",
    500: "系统错误",
    503: "暂不可用",
}

LOST_DATABASE = (
    DBConnectionError,
    PostgresConnectionError,
    CannotConnectNowError,
    InterfaceError,
    InternalClientError,  # A connection whose server was killed between two statements.
    InsufficientResourcesError,
    OperatorInterventionError,
    QueryCanceledError,
    LockNotAvailableError,
    ConnectionError,
    TimeoutError,
)
"""What a database that is gone, starting or overwhelmed looks like; all of it passes."""


def problem(fault: Fault, request_id: str) -> HTTPResponse:
    """A fault as an HTTP answer."""
    body: dict[str, Any] = {
        "type": f"urn:weiban:problem:{fault.code}",
        "title": TITLES.get(fault.status, "错误"),
        "status": fault.status,
        "code": fault.code,
        "detail": fault.message,
        "request_id": request_id,
    }
    headers: dict[str, str] = {}
    if isinstance(fault, InvalidInput) and fault.fields:
        body["fields"] = fault.fields
    if isinstance(fault, TooOften | UpstreamDown):
        headers["retry-after"] = str(fault.retry_after)
    if fault.status == 401:
        headers["www-authenticate"] = "Bearer"
    return HTTPResponse(orjson.dumps(body), status=fault.status, headers=headers, content_type=MEDIA_TYPE)


def is_lost_database(failure: BaseException | None) -> bool:
    """Whether a failure, or what caused it, is a database that will come back."""
    while failure is not None:
        if isinstance(failure, LOST_DATABASE):
            return True
        failure = failure.__cause__  # Tortoise wraps what asyncpg raised.
    return False


def as_fault(failure: BaseException) -> Fault:
    """What to tell a caller of any failure; surprises are logged with their trace and told briefly."""
    if isinstance(failure, Fault):
        return failure
    if isinstance(failure, SanicException):
        return _from_sanic(failure)
    if isinstance(failure, CACHE_ERRORS) or is_lost_database(failure):
        log.warning("a store is out of reach: %s", type(failure).__name__)
        return UpstreamDown("系统正在恢复，请稍后重试", retry_after=2, code="store_unavailable")
    log.error("unexpected failure", exc_info=failure)
    return Fault()


def _from_sanic(failure: SanicException) -> Fault:
    if failure.status_code == 404:
        return NotFound("没有这个地址，请核对后重试")
    words = {405: "这个地址不支持该请求方法", 413: "提交的内容过大，请精简后重试"}
    fault = Fault(words.get(failure.status_code, "请求格式不正确，请核对后重试"), code="bad_request")
    fault.status = failure.status_code
    return fault


Teller = Callable[[Request, Fault], Awaitable[HTTPResponse]]
_tellers: dict[str, Teller] = {}


def tell_as_pages(prefix: str, tell: Teller) -> None:
    """Let what goes wrong below a prefix be told to people, as a page, instead of to programs."""
    _tellers[prefix] = tell


def attach_problems(app: Sanic[Any, Any]) -> None:
    """Answer every exception of an application, as a problem or as a page."""

    @app.exception(Exception)
    async def tell(request: Request, failure: Exception) -> HTTPResponse:
        fault = as_fault(failure)
        teller = _tellers.get(f"/{request.path[1:].partition('/')[0]}")
        answer = await teller(request, fault) if teller else problem(fault, request_id_of(request))
        if isinstance(failure, MethodNotAllowed):
            extra: Mapping[str, str] = failure.headers or {}
            answer.headers.update(extra)
        return answer


def request_id_of(request: Request | None) -> str:
    """The id given to a request when it arrived."""
    return getattr(request.ctx, "request_id", "-") if request is not None else "-"
