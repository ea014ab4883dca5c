"""Tokens, tickets, quotas and refusals looked up: what every account needs first."""

from typing import Any

from sanic import Request

from app.gateways.wechat.accounts import Account
from app.sandbox import quotas
from app.sandbox.answers import PlatformRefusal
from app.sandbox.platform.calls import OK, Calls, Table, body_of


class Basics(Calls):
    """``cgi-bin/token``, ``stable_token``, ``ticket/getticket``, ``clear_quota``, ``openapi/*``."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._paths: frozenset[str] = frozenset()

    def table(self) -> Table:
        return {
            quotas.PLAIN_TOKEN: ("GET", self.token),
            quotas.STABLE_TOKEN: ("POST", self.stable_token),
            quotas.CLEAR: ("POST", self.clear_quota),
            "/cgi-bin/ticket/getticket": ("GET", self.ticket),
            "/cgi-bin/openapi/quota/get": ("POST", self.quota),
            "/cgi-bin/openapi/rid/get": ("POST", self.rid),
        }

    def know(self, paths: frozenset[str]) -> None:
        """All paths of the platform, of which a quota can be asked."""
        self._paths = paths

    async def token(self, request: Request) -> dict[str, Any]:
        asked = dict(request.query_args)
        account = self._allowed(request, asked)
        value, life_s = self._sandbox.tokens.plain(account.appid)
        return {"access_token": value, "expires_in": life_s}

    async def stable_token(self, request: Request) -> dict[str, Any]:
        asked = body_of(request)
        account = self._allowed(request, asked)
        force = asked.get("force_refresh", False)
        if not isinstance(force, bool):
            raise PlatformRefusal(47001)
        value, life_s = self._sandbox.tokens.stable(account.appid, force=force)
        return {"access_token": value, "expires_in": life_s}

    async def ticket(self, request: Request) -> dict[str, Any]:
        account = self._caller(request, "oa")
        value, life_s = self._sandbox.tickets.current(account.appid, request.args.get("type"))
        return {**OK, "ticket": value, "expires_in": life_s}

    async def clear_quota(self, request: Request) -> dict[str, Any]:
        account = self._caller(request)
        if body_of(request).get("appid") != account.appid:
            raise PlatformRefusal(40013)
        self._sandbox.quotas.begin_anew(account.appid)
        return dict(OK)

    async def quota(self, request: Request) -> dict[str, Any]:
        account = self._caller(request)
        path = body_of(request).get("cgi_path")
        if path not in self._paths:
            raise PlatformRefusal(76021)
        limit, used = self._sandbox.quotas.used(path, account.appid)
        return {**OK, "quota": {"daily_limit": limit, "used": used, "remain": max(limit - used, 0)}}

    async def rid(self, request: Request) -> dict[str, Any]:
        account = self._caller(request)
        return {**OK, "request": self._sandbox.rids.find(body_of(request).get("rid"), account.appid)}

    def _allowed(self, request: Request, asked: dict[str, Any]) -> Account:
        if asked.get("grant_type") != "client_credential":
            raise PlatformRefusal(40002)
        account = self._authenticated(asked)
        allowed = self._sandbox.options.allowed_ips
        if allowed is not None and request.ip not in allowed:
            raise PlatformRefusal(40164, f"ip {request.ip}")
        return account
