"""The mini-program: what is not given is not sent."""

from collections.abc import Mapping
from typing import Any

from wechatpy.client import api

from app.gateways.wechat.endpoints.bodies import given


class MiniProgramEndpoints(api.WeChatWxa):  # type: ignore[misc]  # wechatpy ships no types.
    """wechatpy's mini-program methods; what is not given is not sent."""

    def send_subscribe_message(
        self,
        user_id: str,
        template_id: str,
        data: Mapping[str, Any],
        page: str | None = None,
        miniprogram_state: str | None = None,
        lang: str | None = None,
    ) -> Any:
        """The version of the mini-program and the language it opens can be named."""
        body = {
            "touser": user_id,
            "template_id": template_id,
            "page": page,
            "data": data,
            "miniprogram_state": miniprogram_state,
            "lang": lang,
        }
        return self._post("cgi-bin/message/subscribe/send", data=given(body))

    def get_phone_number(self, code: str, openid: str | None = None) -> Any:
        """With the openid WeChat itself checks that the code belongs to this person."""
        return self._post("wxa/business/getuserphonenumber", data=given({"code": code, "openid": openid}))

    def check_text_security(
        self,
        content: str,
        openid: str | None = None,
        scene: int | None = None,
        title: str | None = None,
        nickname: str | None = None,
        signature: str | None = None,
    ) -> Any:
        """Version 2 for an openid, the retired version 1 without."""
        body = {
            "version": 2 if openid else None,
            "openid": openid,
            "scene": scene,
            "content": content,
            "title": title,
            "nickname": nickname,
            "signature": signature,
        }
        return self._post("wxa/msg_sec_check", data=given(body))

    def get_url_link(
        self,
        path: str | None = None,
        query: str | None = None,
        is_expire: bool = False,  # noqa: FBT001, FBT002  As in wechatpy.
        expire_type: int = 0,
        expire_time: int | None = None,
        expire_interval: int | None = None,
        cloud_base: Mapping[str, Any] | None = None,
        env_version: str | None = None,
    ) -> Any:
        """Without the empty ``cloud_base`` that makes WeChat open a page of nobody's."""
        body = {
            "path": path,
            "query": query,
            "is_expire": is_expire,
            "expire_type": expire_type,
            "expire_time": expire_time,
            "expire_interval": expire_interval,
            "cloud_base": cloud_base or None,
            "env_version": env_version,
        }
        return self._post("wxa/generate_urllink", data=given(body))

    def get_url_scheme(
        self,
        is_expire: bool = False,  # noqa: FBT001, FBT002  As in wechatpy.
        expire_type: int = 0,
        expire_time: int | None = None,
        expire_interval: int | None = None,
        jump_wxa: Mapping[str, Any] | None = None,
    ) -> Any:
        """Without the empty ``jump_wxa``."""
        body = {
            "jump_wxa": jump_wxa or None,
            "is_expire": is_expire,
            "expire_type": expire_type,
            "expire_time": expire_time,
            "expire_interval": expire_interval,
        }
        return self._post("wxa/generatescheme", data=given(body))
