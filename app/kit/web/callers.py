"""Who may call a route. Each kind is taught to the web by the part of the house that knows it."""

import hmac
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from sanic import Request

from app.kit.crypto import purpose_key
from app.kit.errors import NotAllowed, NotSignedIn
from app.kit.web.address import client_address

SAFE_METHODS: Final = ("GET", "HEAD")
CSRF_FIELD: Final = "csrf"
_LONGEST_TOKEN: Final = 200
_CSRF_BYTES: Final = 32
_CSRF_TOKEN: Final = re.compile(rf"[0-9a-f]{{{4 * _CSRF_BYTES}}}")


class Caller(Protocol):
    """Someone signed in; ``caller_id`` names them in limits, idempotency keys and logs."""

    @property
    def caller_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class CallerKind:
    """A kind of caller; ``is_required`` refuses those who bring no token.

    With a ``cookie`` the caller is a browser: it brings the token by itself, wherever it was sent from.
    So whatever is not safe must also carry a CSRF token, and what it says are forms. A caller that
    ``signs`` brings no token: each of its requests proves itself.
    """

    name: str
    is_required: bool
    scheme: str | None = None
    cookie: str | None = None
    signs: bool = False


ANYONE = CallerKind("anyone", is_required=False)
CITIZEN = CallerKind("citizen", is_required=True, scheme="citizen")
OPTIONAL_CITIZEN = CallerKind("optional_citizen", is_required=False, scheme="citizen")
STAFF = CallerKind("staff", is_required=True, scheme="staff")
H5_CITIZEN = CallerKind("h5_citizen", is_required=True, scheme="citizen", cookie="weiban_h5")
OPTIONAL_H5_CITIZEN = CallerKind(
    "optional_h5_citizen", is_required=False, scheme="citizen", cookie=H5_CITIZEN.cookie
)
STAFF_PAGE = CallerKind("staff_page", is_required=True, scheme="staff", cookie="weiban_console")
PARTNER = CallerKind("partner", is_required=True, scheme="partner", signs=True)

Authenticator = Callable[[str], Awaitable[Caller]]
SignatureCheck = Callable[[str, str, str, Mapping[str, str], bytes], Awaitable[Caller]]
"""Gets the sender's address, the method, the path with its query as they were sent, headers and body."""
AddressCheck = Callable[[str], Awaitable[None]]
"""Gets the sender's address before anything of the body is read; raises TooOften."""

_authenticators: dict[str, Authenticator] = {}
_signature_checks: dict[str, SignatureCheck] = {}
_address_checks: dict[str, AddressCheck] = {}


def register_authenticator(kind: CallerKind, authenticate: Authenticator) -> None:
    """Say how a bearer token of this kind becomes a caller; it raises ``NotSignedIn`` for a bad one."""
    if kind.scheme is None:
        raise ValueError(f"{kind.name} brings no token")
    _authenticators[kind.scheme] = authenticate


def register_signature_check(kind: CallerKind, check: SignatureCheck, check_address: AddressCheck) -> None:
    """Say how a signed request becomes a caller; it raises ``NotSignedIn`` for a bad one.

    ``check_address`` turns away who has failed too often, before the body is read.
    """
    if kind.scheme is None or not kind.signs:
        raise ValueError(f"{kind.name} signs nothing")
    _signature_checks[kind.scheme] = check
    _address_checks[kind.scheme] = check_address


class ForeignForm(NotAllowed):
    """A request that changes something came without the token of a page of ours."""

    code = "foreign_form"
    message = "页面已过期，请返回上一页刷新后重新提交"


async def check_address(kind: CallerKind, request: Request) -> None:
    """Turn away a sender of bad signatures. Raises TooOften."""
    if kind.scheme is not None and kind.signs:
        await _address_checks[kind.scheme](client_address(request))


async def identify(kind: CallerKind, request: Request, *, is_unread: bool = False) -> Caller | None:
    """The caller of a request, or ``None`` where a route asks for nobody.

    A form that ``is_unread`` yet has its token looked at by ``check_form``. Raises NotSignedIn, and
    ForeignForm for a browser sent here by another site.
    """
    if kind.scheme is None:
        return None
    if kind.signs:
        sent = request.raw_url.decode("ascii", "replace")
        return await _signature_checks[kind.scheme](
            client_address(request), request.method, sent, request.headers, request.body
        )
    token = token_in_cookie(kind.cookie, request) if kind.cookie else _bearer_of(request)
    if not token:
        if kind.is_required:
            raise NotSignedIn
        return None
    caller = await _authenticators[kind.scheme](token)
    if not is_unread:
        check_form(kind, request)
    return caller


def check_form(kind: CallerKind, request: Request) -> None:
    """Turn away a browser that another site has sent here. Raises ForeignForm."""
    if kind.cookie and request.method not in SAFE_METHODS:
        check_csrf(token_in_cookie(kind.cookie, request) or "", request)


def token_in_cookie(name: str, request: Request) -> str | None:
    """What a cookie of ours holds; ``None`` without one, and for what we never put there."""
    token = request.cookies.get(name)
    return token if token and _may_be_token(token) else None


def csrf_token(token: str) -> str:
    """What the forms of a session carry: bound to its token, and telling nothing of it.

    It is another text on every page, so that the length of a pressed page tells nothing of it (BREACH).
    """
    mask = secrets.token_bytes(_CSRF_BYTES)
    return (mask + _blend(mask, _csrf_proof(token))).hex()


def check_csrf(token: str, request: Request) -> None:
    """Raises ForeignForm unless the form of a request was made for this token."""
    form: Any = request.form
    given = str((form or {}).get(CSRF_FIELD) or "")
    if not _CSRF_TOKEN.fullmatch(given):
        raise ForeignForm
    mask, blended = bytes.fromhex(given[: 2 * _CSRF_BYTES]), bytes.fromhex(given[2 * _CSRF_BYTES :])
    if not hmac.compare_digest(_blend(mask, blended), _csrf_proof(token)):
        raise ForeignForm


def _csrf_proof(token: str) -> bytes:
    return hmac.digest(purpose_key("csrf"), token.encode(), "sha256")


def _blend(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _bearer_of(request: Request) -> str | None:
    header = request.headers.get("authorization", "")
    if not header:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not _may_be_token(token):
        raise NotSignedIn("登录凭证格式不对，请重新登录")
    return token


def _may_be_token(token: str) -> bool:
    return 0 < len(token) <= _LONGEST_TOKEN and token.isascii()
