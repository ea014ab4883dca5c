"""Customer-service messages 客服消息: an answer to somebody who has just turned to us."""

from collections.abc import Mapping
from typing import Any

from app.gateways.wechat.client import AsyncWeChatClient

_SEND = "/cgi-bin/message/custom/send"


async def send_custom(client: AsyncWeChatClient, openid: str, message: Mapping[str, Any]) -> None:
    """Send one message; ``message`` is WeChat's body without ``touser``.

    For example ``{"msgtype": "text", "text": {"content": …}}``. WeChat allows a few within 48 hours of
    what the person wrote, or within a minute of a click or scan; then it refuses with 45015 or 45047.
    There is no ``client_msg_id`` here: after WeChatUnreachable with ``sent_maybe`` the message may have
    arrived. Raises WeChatRefused or WeChatUnreachable.
    """
    await client.call("POST", _SEND, data={"touser": openid, **message})
