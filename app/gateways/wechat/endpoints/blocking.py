"""What wechatpy would do over a blocking connection of its own."""

from typing import Any, NoReturn

from wechatpy.client import api

from app.gateways.wechat.errors import NotOffered


class QrCodeEndpoints(api.WeChatQRCode):  # type: ignore[misc]  # wechatpy ships no types.
    """wechatpy's scene code methods."""

    def show(self, ticket: Any) -> NoReturn:  # noqa: ARG002  As in wechatpy.
        """Fetching the picture would block the loop; ``get_url`` names it, and browsers fetch it."""
        raise NotOffered("qrcode.show: give the browser qrcode.get_url(ticket) instead")


class CloudEndpoints(api.WeChatCloud):  # type: ignore[misc]  # wechatpy ships no types.
    """wechatpy's cloud methods."""

    def upload_file(self, env: str, path: str) -> NoReturn:  # noqa: ARG002  As in wechatpy.
        """It would block the loop, and our files do not go to the cloud."""
        raise NotOffered("cloud.upload_file is not offered")
