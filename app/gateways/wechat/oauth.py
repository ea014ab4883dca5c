"""Signing in on a web page inside WeChat (OAuth2 网页授权), without any state of its own."""

import re
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import quote

from app.gateways.wechat.client import AsyncWeChatClient
from app.gateways.wechat.errors import WeChatDown, WeChatRefused, WeChatUnreachable
from app.gateways.wechat.login import check_code, said_to_person

Scope = Literal["snsapi_base", "snsapi_userinfo"]

_STATE: Final = re.compile(r"[a-zA-Z0-9]{1,128}")
_EXCHANGE: Final = "/sns/oauth2/access_token"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code was exchanged for.

    ``is_snapshot`` marks a virtual visitor (快照页): such an openid belongs to nobody and must not be
    bound to anybody. The tokens are the page's own (two hours and 30 days), not our access token.
    """

    openid: str
    unionid: str | None
    scope: str
    is_snapshot: bool
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)


def authorize_url(
    open_base: str, appid: str, redirect_uri: str, state: str, *, scope: Scope = "snsapi_base"
) -> str:
    """Where to send the browser. WeChat insists on this order of the parameters and on the fragment.

    Raises:
        ValueError: the state is not 1–128 letters and digits.
    """
    if not _STATE.fullmatch(state):
        raise ValueError("a state has 1 to 128 letters and digits")
    return (
        f"{open_base}/connect/oauth2/authorize?appid={quote(appid, safe='')}"
        f"&redirect_uri={quote(redirect_uri, safe='')}&response_type=code&scope={scope}&state={state}"
        "#wechat_redirect"
    )


async def exchange_code(client: AsyncWeChatClient, code: str) -> Grant:
    """Exchange the code a browser came back with (five minutes, once); needs no access token.

    Raises CodeInvalid, PersonBlocked, AskedTooOften or WeChatDown.
    """
    check_code(code)
    asked = {
        "appid": client.appid,
        "secret": client.account.secret,
        "code": code,
        "grant_type": "authorization_code",
    }
    try:
        answer = await client.call("GET", _EXCHANGE, params=asked)
        return Grant(
            openid=str(answer["openid"]),
            unionid=answer.get("unionid") or None,
            scope=str(answer["scope"]),
            is_snapshot=bool(int(answer.get("is_snapshotuser") or 0)),
            access_token=str(answer["access_token"]),
            refresh_token=str(answer["refresh_token"]),
        )
    except (WeChatRefused, WeChatUnreachable) as failed:
        raise said_to_person(failed) from failed
    except (KeyError, TypeError, ValueError, AttributeError):
        raise WeChatDown from None
