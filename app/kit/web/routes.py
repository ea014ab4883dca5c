"""Routes: one declaration each, from which handling, authorization, validation and OpenAPI follow."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import Any, cast

import marshmallow as ma
import orjson
from sanic import HTTPResponse, Request, Sanic
from sanic.headers import parse_content_header
from sanic.request.parameters import RequestParameters
from sanic.response import ResponseStream

from app.kit import limits
from app.kit.errors import Fault, InvalidInput, NotFound
from app.kit.web import idempotency
from app.kit.web.address import client_address
from app.kit.web.answers import Answer
from app.kit.web.callers import CSRF_FIELD, Caller, CallerKind, check_address, check_form, identify
from app.kit.web.fields import LARGEST_ID
from config import settings
from config.logging import caller_var, cause_var, hall_var

JSON = "application/json"
HTML = "text/html"
MULTIPART = "multipart/form-data"

_ROOM_FOR_WORDS = 64 * 1024  # What a form with a file carries beside it.
_MOST_PARTS = 64
_LONGEST_HEAD = 4 * 1024  # Of one part: its name, the file's, the kind of file.


class Limit(Enum):
    """How often; the allowance a minute is a setting. ``closed`` ones refuse when they cannot count."""

    LOGIN = ("login", True, False)
    BOOKING = ("booking", True, True)
    WRITING = ("writing", True, True)
    READING = ("reading", False, False)
    DESK = ("desk", False, True)

    def __init__(self, setting: str, *traits: bool) -> None:
        self.setting = setting
        self.closed, self.per_person = traits


@dataclass(slots=True)
class Call:
    """One request that passed the door: who calls and what they said, already checked.

    Where a route ``shows_faults``, ``wrong`` says what could not be understood, ``query`` and ``body`` hold
    the rest, and ``typed`` is every word as it came.
    """

    request: Request
    caller: Any = None
    path: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    key: str | None = None
    wrong: InvalidInput | None = None
    typed: dict[str, str] = field(default_factory=dict)


Handler = Callable[[Call], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Route:
    """What a route is: everything a reader, a checker or a document needs to know of it."""

    method: str
    path: str
    handler: Handler
    caller: CallerKind
    tag: str
    query: ma.Schema | None
    body: ma.Schema | None
    answer: ma.Schema | None
    status: int
    errors: tuple[type[Fault], ...]
    limit: Limit | None
    idempotent: bool
    produces: str
    largest_file: int | None
    shows_faults: bool
    admit: Callable[[Any], object] | None
    spends: bool

    @property
    def methods(self) -> tuple[str, ...]:
        """What it answers: whatever can be read, its head can be asked for too (RFC 9110, 9.3.2).

        A head is found by making the whole answer, so files and streams have none; and nothing that
        works once is used up by whoever only looks at a link.
        """
        has_head = self.method == "GET" and self.produces in (HTML, JSON) and not self.spends
        return (self.method, "HEAD") if has_head else (self.method,)

    @property
    def name(self) -> str:
        return (
            f"{self.method}_{self.path}".replace("/", "_").replace("<", "").replace(">", "").replace(":", "_")
        )

    @property
    def reads_late(self) -> bool:
        """Whether the body is read only when something is known of who sends it."""
        return self.largest_file is not None or self.caller.signs

    @property
    def summary(self) -> str:
        return (self.handler.__doc__ or "").strip().partition("\n")[0]

    async def __call__(self, request: Request, **path: Any) -> HTTPResponse:
        """Serve one request: who, how often, what, then the deed."""
        request.ctx.route = self
        call = Call(request, path=path)
        for value in path.values():
            if isinstance(value, int) and not 0 < value <= LARGEST_ID:
                raise NotFound
        hall_var.set(path.get("hall_id"))
        cause_var.set(f"{self.method} {self.path}")
        if self.caller.signs:
            await check_address(self.caller, request)
            await request.receive_body()  # type: ignore[no-untyped-call]
        is_late = self.largest_file is not None
        call.caller = await identify(self.caller, request, is_unread=is_late)
        request.ctx.caller = call.caller
        caller_var.set(call.caller.caller_id if call.caller is not None else None)
        if self.admit is not None:
            self.admit(call.caller)
        if self.limit is not None:
            await self._count(call.caller, request)
        if self.query is None and request.query_string:
            raise InvalidInput(fields={name: ["不认识的参数"] for name in request.args})
        if self.largest_file is not None:
            await _receive(request, self.largest_file + _ROOM_FOR_WORDS)
            if call.caller is not None:
                check_form(self.caller, request)
        self._read(call)
        if self.idempotent and (key := request.headers.get("idempotency-key")):
            call.key = idempotency.checked(key)
            return await idempotency.once(call.caller.caller_id, call.key, request, lambda: self._act(call))
        return await self._act(call)

    def _read(self, call: Call) -> None:
        """What the caller said, by the shapes of the route."""
        request = call.request
        is_form = self.caller.cookie or self.largest_file or self.produces == HTML
        if self.shows_faults:
            call.typed = _typed(request.args if self.body is None else request.form or {})
        try:
            if self.query is not None:
                call.query = read_query(self.query, request)
            if self.body is not None:
                call.body = (read_form if is_form else read_body)(self.body, request)
        except InvalidInput as wrong:
            if not self.shows_faults:
                raise
            call.wrong = wrong
            if self.body is None:
                call.query = wrong.understood
            else:
                call.body = wrong.understood

    async def _act(self, call: Call) -> HTTPResponse:
        return self._reply(await self.handler(call))

    async def _count(self, caller: Caller | None, request: Request) -> None:
        limit = self.limit
        if limit is None:
            return
        who = caller.caller_id if limit.per_person and caller is not None else client_address(request)
        allowance: int = getattr(settings.current(), f"{limit.setting}_per_minute")
        await limits.hit(limit.setting, who, allowance=allowance, per_s=60, closed=limit.closed)

    def _reply(self, result: object) -> HTTPResponse:
        if isinstance(result, HTTPResponse | ResponseStream):
            return cast(HTTPResponse, result)  # Sanic takes a stream in its place; its types do not say so.
        if self.answer is None:
            return Answer(status=self.status)
        return Answer(orjson.dumps(self.answer.dump(result)), status=self.status, content_type=JSON)


_queries: dict[tuple[int, str], dict[str, Any]] = {}
_MOST_QUERIES, _LONGEST_QUERY = 2_000, 200


def read_query(schema: ma.Schema, request: Request) -> dict[str, Any]:
    """The query string, checked; only a list may be given more than once.

    Many people ask the same question, word for word; what was found right is remembered. A schema of
    questions no two of which are alike reads the string itself, and drives no other out of memory.
    """
    read_itself: Callable[[str], dict[str, Any]] | None = getattr(schema, "read_itself", None)
    if read_itself is not None:
        return read_itself(request.query_string)
    key = (id(schema), request.query_string)
    loaded = _queries.get(key)
    if loaded is None:
        loaded = _check_query(schema, request)
        if len(_queries) >= _MOST_QUERIES:
            _queries.clear()
        if len(request.query_string) <= _LONGEST_QUERY:
            _queries[key] = loaded
    return dict(loaded)


def _check_query(schema: ma.Schema, request: Request) -> dict[str, Any]:
    return _load(schema, _single(schema, request.args))


def _single(schema: ma.Schema, said: Mapping[str, list[str]]) -> dict[str, Any]:
    """What was said under each name; only a list may be said more than once."""
    given: dict[str, Any] = {}
    for name, values in said.items():
        if isinstance(schema.fields.get(name), ma.fields.List):
            given[name] = values
            continue
        if len(values) > 1:
            raise InvalidInput(fields={name: ["只能填写一次"]})
        given[name] = values[0]
    return given


def _typed(said: Mapping[str, list[str]]) -> dict[str, str]:
    """The first of each field's words, as they came, to stand in the field again."""
    return {name: values[0] for name, values in said.items() if values and name != CSRF_FIELD}


def read_form(schema: ma.Schema, request: Request) -> dict[str, Any]:
    """The fields and files of a form, checked; the door has already looked at its CSRF token."""
    said = {name: values for name, values in (request.form or {}).items() if name != CSRF_FIELD}
    return _load(schema, _single(schema, {**said, **(request.files or {})}))


async def _receive(request: Request, most: int) -> None:
    """Read the body of a request only now that it has passed the door. Raises PayloadTooLarge.

    What is no form of a few parts counts as an empty one: Sanic would take it apart while everybody waits.
    """
    if request.stream is not None:
        request.stream.request_max_size = most
    await request.receive_body()  # type: ignore[no-untyped-call]
    if not _has_few_parts(request):
        request.parsed_form, request.parsed_files = RequestParameters(), RequestParameters()


def _has_few_parts(request: Request) -> bool:
    """Whether the body is a form whose parts can be counted at a glance, each with a short head."""
    kind, told = parse_content_header(request.headers.get("content-type", ""))
    boundary = str(told.get("boundary", "")).encode(errors="replace")
    body = request.body
    if kind != MULTIPART or not boundary or not 0 < body.count(boundary) <= _MOST_PARTS:
        return False
    at = body.find(boundary)
    while (following := body.find(boundary, at + len(boundary))) != -1:
        if body.find(b"\r\n\r\n", at, at + len(boundary) + _LONGEST_HEAD) == -1:
            return False
        at = following
    return True


def read_body(schema: ma.Schema, request: Request) -> dict[str, Any]:
    """The JSON body, checked."""
    try:
        given = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise InvalidInput("请求内容应为 JSON 格式", fields={"body": ["不是合法的 JSON"]}) from None
    return _load(schema, given)


def _load(schema: ma.Schema, given: object) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise InvalidInput(fields={"body": ["应为对象"]})
    try:
        loaded: dict[str, Any] = schema.load(given)
    except ma.ValidationError as wrong:
        faults = wrong.messages if isinstance(wrong.messages, dict) else {"body": wrong.messages}
        understood = wrong.valid_data if isinstance(wrong.valid_data, dict) else {}
        raise InvalidInput(fields=_flat(faults), understood=understood) from None
    return loaded


def _flat(messages: Mapping[Any, Any], prefix: str = "") -> dict[str, list[str]]:
    """Marshmallow's nested messages as one level: ``{"items.0.name": ["必填"]}``."""
    flat: dict[str, list[str]] = {}
    for name, value in messages.items():
        path = f"{prefix}{name}"
        if isinstance(value, Mapping):
            flat.update(_flat(value, f"{path}."))
        else:
            flat[path] = [str(reason) for reason in value]
    return flat


def _made(schema: type[ma.Schema] | None) -> ma.Schema | None:
    """A schema copies all its fields when it is made: routes that say the same share one."""
    return _only(schema) if schema else None


_only = cache(lambda schema: schema())


class Routes:
    """The routes of one area under one prefix."""

    def __init__(self, prefix: str, *, tag: str) -> None:
        self.prefix = prefix
        self.tag = tag
        self.all: list[Route] = []

    def __call__(
        self,
        method: str,
        path: str,
        *,
        caller: CallerKind,
        query: type[ma.Schema] | None = None,
        body: type[ma.Schema] | None = None,
        answer: type[ma.Schema] | None = None,
        status: int = 200,
        errors: tuple[type[Fault], ...] = (),
        limit: Limit | None = None,
        idempotent: bool = False,
        produces: str = JSON,
        largest_file: int | None = None,
        shows_faults: bool = False,
        admit: Callable[[Any], object] | None = None,
        spends: bool = False,
    ) -> Callable[[Handler], Handler]:
        """Declare a route; its handler's docstring opens with the summary for the document.

        With ``largest_file`` (bytes) the body is a form with a file, read only once the caller is known.
        With ``shows_faults`` the handler is called for words that cannot be understood too, and shows them.
        ``admit`` refuses a caller before anything they said is looked at. A route that ``spends`` uses up
        what it was asked with, though it is a GET.
        """

        def declare(handler: Handler) -> Handler:
            self.all.append(
                Route(
                    method, self.prefix + path, handler, caller, self.tag,
                    _made(query), _made(body), _made(answer),
                    status, errors, limit, idempotent, produces, largest_file, shows_faults, admit,
                    spends,
                )
            )  # fmt: skip
            return handler

        return declare

    def get(self, path: str, **declaration: Any) -> Callable[[Handler], Handler]:
        return self("GET", path, **declaration)

    def post(self, path: str, **declaration: Any) -> Callable[[Handler], Handler]:
        return self("POST", path, **declaration)

    def put(self, path: str, **declaration: Any) -> Callable[[Handler], Handler]:
        return self("PUT", path, **declaration)

    def delete(self, path: str, **declaration: Any) -> Callable[[Handler], Handler]:
        return self("DELETE", path, **declaration)

    def attach(self, app: Sanic[Any, Any]) -> None:
        """Serve all routes of this area."""
        for route in self.all:
            serve = _unread(route) if route.reads_late else route.__call__
            app.add_route(
                serve,
                route.path,
                methods=route.methods,
                name=route.name,
                stream=route.reads_late,
            )


def _unread(route: Route) -> Callable[..., Coroutine[Any, Any, HTTPResponse]]:
    """A route whose body Sanic leaves unread; it marks the handler, and a method takes no mark."""

    async def serve(request: Request, **path: Any) -> HTTPResponse:
        return await route(request, **path)

    return serve
