"""Temporary media: ``media/upload`` and ``media/get``."""

from typing import Any

from sanic import HTTPResponse, Request
from sanic.response import raw

from app.sandbox.answers import PlatformRefusal
from app.sandbox.platform.calls import Calls, Table


class MediaCalls(Calls):
    """Pictures, sound and films for three days."""

    def table(self) -> Table:
        return {
            "/cgi-bin/media/upload": ("POST", self.upload),
            "/cgi-bin/media/get": ("GET", self.get),
        }

    async def upload(self, request: Request) -> dict[str, Any]:
        account = self._caller(request)
        file = request.files.get("media") if request.files else None
        if file is None:
            raise PlatformRefusal(41005)
        media = self._sandbox.media.upload(account.appid, request.args.get("type", ""), file.body)
        name = "thumb_media_id" if media.kind == "thumb" else "media_id"
        return {"type": media.kind, name: media.media_id, "created_at": media.created_at}

    async def get(self, request: Request) -> HTTPResponse:
        account = self._caller(request)
        media_id = request.args.get("media_id")
        if not media_id:
            raise PlatformRefusal(41006)
        media = self._sandbox.media.find(account.appid, media_id)
        if media is None:
            raise PlatformRefusal(40007)
        name = f"{media.media_id[:16]}.{media.content_type.rpartition('/')[2]}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return raw(media.content, content_type=media.content_type, headers=headers)
