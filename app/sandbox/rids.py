"""Refused calls by their rid, as ``openapi/rid/get`` tells of them later."""

from collections import OrderedDict
from typing import Any, Final

from sanic import Request

from app.kit import clock
from app.sandbox.answers import PlatformRefusal

_KEPT: Final = 1000
_SHOWN: Final = 4096


class Rids:
    """The latest refusals; tokens and secrets are not written down."""

    def __init__(self) -> None:
        self._calls: OrderedDict[str, tuple[str | None, dict[str, Any]]] = OrderedDict()

    def note(self, rid: str, appid: str | None, request: Request, refusal: PlatformRefusal) -> None:
        shown = {
            "invoke_time": int(clock.seconds()),
            "cost_in_ms": 1,
            "request_url": f"access_token=***&path={request.path}",
            "request_body": ""
            if b"secret" in request.body
            else request.body[:_SHOWN].decode(errors="replace"),
            "response_body": f'{{"errcode":{refusal.errcode},"errmsg":"{refusal.errmsg}"}}',
            "client_ip": request.ip,
        }
        self._calls[rid] = appid, shown
        if len(self._calls) > _KEPT:
            self._calls.popitem(last=False)

    def find(self, rid: object, appid: str) -> dict[str, Any]:
        """What was called. Raises PlatformRefusal 76001, or 76003 for the call of another account."""
        if not isinstance(rid, str) or rid not in self._calls:
            raise PlatformRefusal(76001)
        whose, call = self._calls[rid]
        if whose != appid:
            raise PlatformRefusal(76003)
        return call

    def clear(self) -> None:
        self._calls.clear()
