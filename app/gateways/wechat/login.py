"""Login to the mini-program: a one-time code becomes an openid (``sns/jscode2session``)."""

from dataclasses import dataclass, field

from app.gateways.wechat.client import AsyncWeChatClient
from app.gateways.wechat.errors import (
    AskedTooOften,
    CodeInvalid,
    PersonBlocked,
    WeChatDown,
    WeChatRefused,
    WeChatUnreachable,
)
from app.kit.errors import Fault

_LONGEST_CODE = 128
_SAID: dict[int, type[Fault]] = {
    40029: CodeInvalid,
    40163: CodeInvalid,
    40226: PersonBlocked,
    45011: AskedTooOften,
}


@dataclass(frozen=True, slots=True)
class WeChatSession:
    """Who logged in. The session key never leaves the server."""

    openid: str
    unionid: str | None
    session_key: str = field(repr=False)


async def code_to_session(client: AsyncWeChatClient, code: str) -> WeChatSession:
    """Exchange a ``wx.login`` code (five minutes, once).

    Raises CodeInvalid, PersonBlocked, AskedTooOften or WeChatDown.
    """
    check_code(code)
    asked = {
        "appid": client.appid,
        "secret": client.account.secret,
        "js_code": code,
        "grant_type": "authorization_code",
    }
    try:
        # On success WeChat leaves errcode out altogether.
        answer = await client.call("GET", "/sns/jscode2session", params=asked)
        return WeChatSession(str(answer["openid"]), answer.get("unionid") or None, str(answer["session_key"]))
    except (WeChatRefused, WeChatUnreachable) as failed:
        raise said_to_person(failed) from failed
    except (KeyError, TypeError, AttributeError):
        raise WeChatDown from None


def check_code(code: str) -> None:
    """Refuse what cannot be a code before WeChat's quota is spent on it."""
    if not (0 < len(code) <= _LONGEST_CODE and code.isascii() and code.isprintable() and " " not in code):
        raise CodeInvalid


def said_to_person(failed: WeChatRefused | WeChatUnreachable) -> Fault:
    """What the person hears of a refused code."""
    if isinstance(failed, WeChatRefused):
        return _SAID.get(failed.errcode, WeChatDown)()
    return WeChatDown()
