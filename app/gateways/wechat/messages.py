"""Messages to one person: public-account templates and mini-program subscribe messages."""

from collections.abc import Mapping
from typing import Any, Final, Literal

from app.gateways.wechat.client import AsyncWeChatClient
from app.gateways.wechat.errors import WeChatUnreachable

_TEMPLATE: Final = "/cgi-bin/message/template/send"
_SUBSCRIBE: Final = "/cgi-bin/message/subscribe/send"

MiniProgramState = Literal["developer", "trial", "formal"]


async def send_template(
    client: AsyncWeChatClient,
    openid: str,
    template_id: str,
    data: Mapping[str, str],
    *,
    client_msg_id: str,
    url: str | None = None,
    miniprogram: Mapping[str, str] | None = None,
) -> int:
    """Send a public-account template message 模板消息; gives WeChat's msgid.

    The same ``client_msg_id`` (at most 32 characters) for the same person is delivered once
    within ten minutes. ``miniprogram`` is ``{"appid", "pagepath"}`` and wins over ``url``.
    Raises WeChatRefused or WeChatUnreachable.
    """
    body: dict[str, Any] = {
        "touser": openid,
        "template_id": template_id,
        "client_msg_id": client_msg_id,
        "data": _values(data),
    }
    if url is not None:
        body["url"] = url
    if miniprogram is not None:
        body["miniprogram"] = miniprogram
    msgid = _msgid(await client.call("POST", _TEMPLATE, data=body))
    if msgid is None:
        raise WeChatUnreachable(_TEMPLATE, "no msgid in the answer", sent_maybe=True)
    return msgid


async def send_subscribe(
    client: AsyncWeChatClient,
    openid: str,
    template_id: str,
    data: Mapping[str, str],
    *,
    page: str | None = None,
    state: MiniProgramState = "formal",
    lang: str = "zh_CN",
) -> int | None:
    """Send a mini-program subscribe message 订阅消息, using up one consent.

    Gives the msgid if WeChat tells one. There is no ``client_msg_id`` here: after WeChatUnreachable
    with ``sent_maybe`` the message may have arrived. Raises WeChatRefused or WeChatUnreachable.
    """
    body: dict[str, Any] = {
        "touser": openid,
        "template_id": template_id,
        "data": _values(data),
        "miniprogram_state": state,
        "lang": lang,
    }
    if page is not None:
        body["page"] = page
    return _msgid(await client.call("POST", _SUBSCRIBE, data=body))


def _msgid(answer: Mapping[str, Any]) -> int | None:
    """WeChat's number of the message."""
    msgid = answer.get("msgid")
    return int(msgid) if isinstance(msgid, int | str) and str(msgid).isdigit() else None


def _values(data: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {key: {"value": value} for key, value in data.items()}
