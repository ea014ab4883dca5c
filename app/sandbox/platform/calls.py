"""What all calls of the platform's API share: who calls, with which body, and for whom."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import orjson
from sanic import HTTPResponse, Request

from app.gateways.wechat.accounts import Account
from app.sandbox.answers import PlatformRefusal
from app.sandbox.options import Kind
from app.sandbox.sandbox import Sandbox
from app.sandbox.world import Person

Call = Callable[[Request], Awaitable[Mapping[str, Any] | HTTPResponse]]
Table = dict[str, tuple[str, Call]]
"""Method and call of each path."""

OK: Final[Mapping[str, Any]] = {"errcode": 0, "errmsg": "ok"}


class Calls:
    """A family of calls. Each gives the answer's fields, or a whole response, or raises PlatformRefusal."""

    # Sends count towards their quota when they succeed, not when they are tried.
    pays_late: bool = False

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def _caller(self, request: Request, kind: Kind | None = None) -> Account:
        """The account a token speaks for; its quota of this path pays.

        Raises PlatformRefusal 41001, 40001, 42001, 45009, 45011, or 48001 if only the other kind of
        account may call.
        """
        appid = self._sandbox.tokens.owner(request.args.get("access_token"))
        account = self._sandbox.options.account(appid)
        if account is None or (kind is not None and self._sandbox.options.kind(account) != kind):
            raise PlatformRefusal(48001)
        if not self.pays_late:
            self._sandbox.quotas.spend(request.path, appid)
        return account

    def _person(self, account: Account, openid: object) -> Person:
        """Raises PlatformRefusal 40003."""
        person = self._sandbox.world.find(account.appid, openid)
        if person is None:
            raise PlatformRefusal(40003)
        return person

    def _authenticated(self, asked: Mapping[str, Any]) -> Account:
        """The account of an appid and its secret. Raises PlatformRefusal 41002, 41004, 40013 or 40125."""
        if not asked.get("appid"):
            raise PlatformRefusal(41002)
        if not asked.get("secret"):
            raise PlatformRefusal(41004)
        account = self._sandbox.options.account(asked["appid"])
        if account is None:
            raise PlatformRefusal(40013)
        if account.secret != asked["secret"]:
            raise PlatformRefusal(40125)
        return account


def body_of(request: Request) -> dict[str, Any]:
    """The JSON object of a POST. Raises PlatformRefusal 47001."""
    try:
        body = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise PlatformRefusal(47001) from None
    if not isinstance(body, dict):
        raise PlatformRefusal(47001)
    return body


def whole(body: Mapping[str, Any], name: str, least: int, most: int, errcode: int = 40097) -> int:
    """A whole number of a body. Raises PlatformRefusal with ``errcode``."""
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise PlatformRefusal(errcode, name)
    return value


def page_path(page: Any, errcode: int = 41030) -> str | None:
    """A page of the mini-program with its query, by its path; an address of the web is none."""
    if page is None:
        return None
    if not isinstance(page, str) or "://" in page or len(page) > 1024 or any(c.isspace() for c in page):
        raise PlatformRefusal(errcode)
    return page
