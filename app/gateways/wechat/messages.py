"""Messages to one person: public-account templates and mini-program subscribe messages."""

from collections.abc import Mapping
from typing import Any, Literal

from app.gateways.wechat.client import AsyncWeChatClient
from app.gateways.wechat.errors import WeChatUnreachable

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
    answer = await client.message.send_template(
        openid, template_id, _values(data), url=url, mini_program=miniprogram, client_msg_id=client_msg_id
    )
    msgid = _msgid(answer, "/cgi-bin/message/template/send")
    if msgid is None:
        raise WeChatUnreachable("/cgi-bin/message/template/send", "no msgid in the answer", sent_maybe=True)
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
    answer = await client.wxa.send_subscribe_message(
        openid, template_id, _values(data), page=page, miniprogram_state=state, lang=lang
    )
    return _msgid(answer, "/cgi-bin/message/subscribe/send")


def _msgid(answer: Any, path: str) -> int | None:
    """WeChat's number of the message. Raises WeChatUnreachable if a proxy answered in its place."""
    if not isinstance(answer, dict):
        raise WeChatUnreachable(path, "an answer that is not JSON", sent_maybe=True)
    msgid = answer.get("msgid")
    return int(msgid) if isinstance(msgid, int | str) and str(msgid).isdigit() else None


def _values(data: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {key: {"value": value} for key, value in data.items()}
