"""Sending: templates that arrive once, media, the menu, customer service."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from wechatpy.client import api

from app.gateways.wechat.endpoints.bodies import given
from app.gateways.wechat.errors import WeChatRefused

_NO_MENU = 46003


class MessageEndpoints(api.WeChatMessage):  # type: ignore[misc]  # wechatpy ships no types.
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
        return self._post("message/template/send", data=given(body))


class MenuEndpoints(api.WeChatMenu):  # type: ignore[misc]  # wechatpy ships no types.
    """wechatpy's menu methods; having no menu is no error."""

    async def get(self) -> dict[str, Any] | None:
        try:
            answer: dict[str, Any] = await self._get("menu/get")
        except WeChatRefused as refused:
            if refused.errcode == _NO_MENU:
                return None
            raise
        return answer


class MediaEndpoints(api.WeChatMedia):  # type: ignore[misc]  # wechatpy ships no types.
    """wechatpy's media methods."""

    async def get_url(self, media_id: str) -> str:
        """An address that anybody may open who has it: it holds the access token. Never log or show it."""
        token = await self._client.tokens.get()
        base = f"{self._client.API_BASE_URL}media/get"
        return f"{base}?access_token={quote(token, safe='')}&media_id={quote(media_id, safe='')}"


class MaterialEndpoints(api.WeChatMaterial):  # type: ignore[misc]  # wechatpy ships no types.
    """wechatpy's lasting media methods."""

    def add(
        self, media_type: str, media_file: Any, title: str | None = None, introduction: str | None = None
    ) -> Any:
        """A video needs a title and an introduction; they are a field of the form."""
        if media_type != "video":
            return self._post(
                "material/add_material", params={"type": media_type}, files={"media": media_file}
            )
        if not title or not introduction:
            raise ValueError("a video has a title and an introduction")
        description = json.dumps({"title": title, "introduction": introduction}, ensure_ascii=False)
        return self._post(
            "material/add_material",
            params={"type": media_type},
            files={"media": media_file, "description": (None, description)},
        )


class CustomerServiceEndpoints(api.WeChatCustomService):  # type: ignore[misc]  # wechatpy ships no types.
    """wechatpy's customer-service methods."""

    def delete_account(self, account: str) -> Any:
        return self._get("kfaccount/del", params={"kf_account": account})
