"""How the platform answers: always 200 and JSON, with ``errcode`` and an ``errmsg`` that ends in a rid."""

import secrets
import time
from collections.abc import Mapping
from typing import Any, Final

import orjson
from sanic import HTTPResponse
from sanic.response import raw

# The platform's own words for its error codes.
WORDS: Final[dict[int, str]] = {
    -1: "system error",
    10003: "redirect_uri does not lie under the account's web domain",
    10005: "scope is not among snsapi_base and snsapi_userinfo",
    10011: "redirect_uri missing",
    10012: "appid missing",
    10013: "state must be at most 128 letters and digits",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40004: "invalid media type",
    40005: "invalid file type",
    40006: "invalid media size",
    40007: "invalid media_id",
    40008: "invalid message type",
    40009: "invalid image size",
    40013: "invalid appid",
    40014: "invalid access_token",
    40015: "invalid menu type",
    40016: "invalid button size",
    40017: "invalid button type",
    40018: "invalid button name size",
    40019: "invalid button key size",
    40020: "invalid button url size",
    40022: "invalid sub button level",
    40023: "invalid sub button size",
    40024: "invalid sub button type",
    40025: "invalid sub button name size",
    40026: "invalid sub button key size",
    40027: "invalid sub button url size",
    40029: "invalid code",
    40030: "invalid refresh_token",
    40032: "invalid openid list size",
    40033: "invalid charset. please check your request, if include \\uxxxx will create fail!",
    40035: "invalid parameter",
    40036: "invalid template_id size",
    40037: "invalid template_id",
    40052: "invalid action_name",
    40053: "invalid action_info",
    40054: "invalid sub button url domain",
    40055: "invalid button url domain",
    40059: "invalid msg id",
    40066: "invalid url",
    40097: "invalid args",
    40102: "invalid industry_id",
    40125: "invalid appsecret",
    40129: "invalid scene",
    40130: "invalid openid list size, at least two openid",
    40163: "code been used",
    40164: "invalid ip, not in whitelist",
    40165: "invalid weapp pagepath",
    40169: "invalid length for scene, or the data is not json string",
    40212: "invalid query",
    40231: "API_Missing_Wechatmp_Timestamp",
    40232: "API_Missing_Wechatmp_Signature",
    40233: "API_Missing_Wechatmp_Appid",
    40234: "API_Invalid_Signature",
    40235: "API_Invalid_Encrypt",
    40237: "API_Invalid_Wechatmp_Appidmatch",
    40240: "API_Expired_Wechatmp_Timestamp",
    41001: "access_token missing",
    41002: "appid missing",
    41003: "refresh_token missing",
    41004: "appsecret missing",
    41005: "media data missing",
    41006: "media_id missing",
    41008: "missing code",
    41030: "invalid page",
    42001: "access_token expired",
    42002: "refresh_token expired",
    42007: "access_token and refresh_token exception",
    42010: "masssend fast, retry again",
    43001: "require GET method",
    43002: "require POST method",
    43004: "require subscribe",
    43100: "change template too frequently",
    43101: "user refuse to accept the msg",
    44002: "empty post data",
    44003: "empty news data",
    44004: "empty content",
    44990: "reach max api frequence limit",
    45002: "content size out of limit",
    45003: "title size out of limit",
    45004: "description size out of limit",
    45008: "article size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    45015: "response out of time limit or subscription is canceled",
    45026: "template num exceeds limit",
    45028: "has no masssend quota",
    45029: "qrcode count out of limit",
    45047: "out of response count limit",
    45064: "no permission to use weapp in menu",
    45065: "clientmsgid exist",
    45066: "same clientmsgid retry too fast",
    45067: "clientmsgid size out of limit",
    45056: "too many tag now, no need to add new",
    45058: "can not modify sys tag",
    45059: "can not add this tag to this user, tags of the user out of limit",
    45072: "invalid command",
    45080: "no message from the user within 30 seconds",
    45081: "already typing",
    45157: "invalid tag name",
    45158: "invalid tag name length",
    45159: "invalid tag id",
    46003: "menu no exist",
    47001: "data format error",
    47003: "argument invalid!",
    48001: "api unauthorized",
    48002: "user block receive message",
    48006: "forbid to clear quota because of reaching the limit",
    49003: "not match openid with appid",
    53600: "invalid article_id",
    61010: "code is expired",
    65301: "menuid not exist",
    65302: "no such user",
    65303: "there is no selfmenu, please create selfmenu first",
    65304: "match rule empty",
    65305: "menu count limit",
    65307: "menu content empty",
    65308: "there is button without action",
    65316: "too many outlink domain in menu",
    65401: "invalid custom service account",
    76001: "rid not found",
    76003: "could not query this rid, no permission",
    76021: "cgi_path not found, please check",
    85401: "time limit between 1min and 30 days",
    85402: "invalid env_version",
    87009: "invalid signature",
    200012: "template num exceeds limit",
    200014: "template tid invalid",
    200016: "start invalid",
    200017: "limit invalid",
    200019: "category ids invalid",
    200020: "keyword list invalid",
    200021: "scene description invalid",
}


class PlatformRefusal(Exception):
    """The platform refuses a call; ``errmsg`` says more than the plain words of its code."""

    def __init__(self, errcode: int, detail: str = "") -> None:
        self.errcode = errcode
        self.errmsg = " ".join(part for part in (WORDS.get(errcode, "error"), detail) if part)
        super().__init__(f"{errcode} {self.errmsg}")


def answered(fields: Mapping[str, Any]) -> HTTPResponse:
    return raw(orjson.dumps(fields), content_type="application/json; encoding=utf-8")


def refused(refusal: PlatformRefusal, rid: str) -> HTTPResponse:
    """``rid`` is what a developer asks the platform about later."""
    return answered({"errcode": refusal.errcode, "errmsg": f"{refusal.errmsg} rid: {rid}"})


def new_rid() -> str:
    return f"{int(time.time()):x}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
