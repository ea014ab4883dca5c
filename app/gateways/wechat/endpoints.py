"""Our own versions of the wechatpy endpoint methods that lack what we need."""

from collections.abc import Mapping
from typing import Any

from wechatpy.client.api import WeChatMessage, WeChatWxa


class MessageEndpoints(WeChatMessage):  # type: ignore[misc]  # wechatpy ships no types.
    """wechatpy's message methods; templates can carry a ``client_msg_id``."""

    def send_template(
        self,
        user_id: str,
        template_id: str,
        data: Mapping[str, Any],
        url: str | None = None,
        mini_program: Mapping[str, str] | None = None,
        client_msg_id: str | None = None,
    ) -> Any:
        body = {
            "touser": user_id,
            "template_id": template_id,
            "url": url,
            "miniprogram": mini_program,
            "client_msg_id": client_msg_id,
            "data": data,
        }
        return self._post("message/template/send", data=_given(body))


class MiniProgramEndpoints(WeChatWxa):  # type: ignore[misc]  # wechatpy ships no types.
    """wechatpy's mini-program methods; subscribe messages name the version and language they open."""

    def send_subscribe_message(
        self,
        user_id: str,
        template_id: str,
        data: Mapping[str, Any],
        page: str | None = None,
        miniprogram_state: str | None = None,
        lang: str | None = None,
    ) -> Any:
        body = {
            "touser": user_id,
            "template_id": template_id,
            "page": page,
            "data": data,
            "miniprogram_state": miniprogram_state,
            "lang": lang,
        }
        return self._post("cgi-bin/message/subscribe/send", data=_given(body))

    def get_phone_number(self, code: str, openid: str | None = None) -> Any:
        """With the openid WeChat itself checks that the code belongs to this person."""
        return self._post("wxa/business/getuserphonenumber", data=_given({"code": code, "openid": openid}))


def _given(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}
