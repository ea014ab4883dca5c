"""What wechatpy signs with a ticket or the secret."""

import hashlib
import secrets
from urllib.parse import quote

from wechatpy.client import api
from wechatpy.schemes import JsApiCardExt

from app.kit import clock


class JsApiEndpoints(api.WeChatJSAPI):  # type: ignore[misc]  # wechatpy ships no types.
    """wechatpy's JS-SDK methods; the tickets are the shared ones."""

    async def get_jsapi_ticket(self) -> str:
        ticket: str = await self._client.tickets["jsapi"].get()
        return ticket

    async def get_jsapi_card_ticket(self) -> str:
        ticket: str = await self._client.tickets["wx_card"].get()
        return ticket

    async def get_jsapi_add_card_params(
        self,
        card_id: str,
        code: str = "",
        openid: str = "",
        fixed_begintimestamp: int | None = None,
        outer_str: str = "",
        nonce_str: str = "",
        timestamp: int = 0,
        card_ticket: str = "",
    ) -> JsApiCardExt:
        """The ``cardExt`` of a card: SHA-1 over the sorted values."""
        nonce_str = nonce_str or secrets.token_hex(8)
        moment = str(timestamp or int(clock.seconds()))
        ticket = card_ticket or await self.get_jsapi_card_ticket()
        text = "".join(sorted([nonce_str, ticket, moment, code, openid, card_id]))
        return JsApiCardExt(
            signature=hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest(),
            code=code,
            openid=openid,
            timestamp=moment,
            fixed_begintimestamp=fixed_begintimestamp,
            outer_str=outer_str,
            nonce_str=nonce_str,
        )


class CardEndpoints(api.WeChatCard):  # type: ignore[misc]  # wechatpy ships no types.
    """wechatpy's card methods."""

    async def get_redirect_url(self, url: str, encrypt_code: str, card_id: str) -> str:
        """The address with WeChat's signature: SHA-1 over the sorted secret, code and card."""
        code: str = await self.decrypt_code(encrypt_code)
        text = "".join(sorted([self.secret, code, card_id]))
        signature = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        return f"{url}?encrypt_code={quote(encrypt_code)}&card_id={quote(card_id)}&signature={signature}"
