"""How the platform answers: always 200 and JSON, with ``errcode`` and an ``errmsg`` that ends in a rid."""

import secrets
import time
from collections.abc import Mapping
from typing import Any

import orjson
from sanic import HTTPResponse
from sanic.response import raw

# The platform's own words for its error codes.
WORDS: dict[int, str] = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40013: "invalid appid",
    40014: "invalid access_token",
    40029: "invalid code",
    40037: "invalid template_id",
    40066: "invalid url",
    40097: "invalid args",
    40125: "invalid appsecret",
    40163: "code been used",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41008: "missing code",
    41030: "invalid page",
    42001: "access_token expired",
    43001: "require GET method",
    43002: "require POST method",
    43004: "require subscribe",
    43101: "user refuse to accept the msg",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    47001: "data format error",
    47003: "argument invalid!",
    48001: "api unauthorized",
}


class PlatformRefusal(Exception):
    """The platform refuses a call; ``errmsg`` says more than the plain words of its code."""

    def __init__(self, errcode: int, detail: str = "") -> None:
        self.errcode = errcode
        self.errmsg = " ".join(part for part in (WORDS.get(errcode, "error"), detail) if part)
        super().__init__(f"{errcode} {self.errmsg}")


def answered(fields: Mapping[str, Any]) -> HTTPResponse:
    return raw(orjson.dumps(fields), content_type="application/json; encoding=utf-8")


def refused(refusal: PlatformRefusal) -> HTTPResponse:
    return answered({"errcode": refusal.errcode, "errmsg": f"{refusal.errmsg} rid: {_rid()}"})


def _rid() -> str:
    return f"{int(time.time()):x}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
