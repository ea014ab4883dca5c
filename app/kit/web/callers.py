"""Who may call a route. Each kind is taught to the web by the part of the house that knows it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from sanic import Request

from app.kit.errors import NotSignedIn


class Caller(Protocol):
    """Someone signed in; ``caller_id`` names them in limits, idempotency keys and logs."""

    @property
    def caller_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class CallerKind:
    """A kind of caller; ``is_required`` refuses those who bring no token."""

    name: str
    is_required: bool
    scheme: str | None = None


ANYONE = CallerKind("anyone", is_required=False)
CITIZEN = CallerKind("citizen", is_required=True, scheme="citizen")
OPTIONAL_CITIZEN = CallerKind("optional_citizen", is_required=False, scheme="citizen")
STAFF = CallerKind("staff", is_required=True, scheme="staff")

Authenticator = Callable[[str], Awaitable[Caller]]
_authenticators: dict[str, Authenticator] = {}


def register_authenticator(kind: CallerKind, authenticate: Authenticator) -> None:
    """Say how a bearer token of this kind becomes a caller; it raises ``NotSignedIn`` for a bad one."""
    if kind.scheme is None:
        raise ValueError(f"{kind.name} brings no token")
    _authenticators[kind.scheme] = authenticate


async def identify(kind: CallerKind, request: Request) -> Caller | None:
    """The caller of a request, or ``None`` where a route asks for nobody."""
    if kind.scheme is None:
        return None
    header = request.headers.get("authorization", "")
    if not header:
        if kind.is_required:
            raise NotSignedIn
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token or len(token) > 200 or not token.isascii():
        raise NotSignedIn("登录凭证格式不对，请重新登录")
    return await _authenticators[kind.scheme](token)
