"""What an article is made of: lasting pictures, pictures inside it, and the draft box.

Source: the platform's pages on drafts and on pictures of articles.
"""

from collections.abc import Mapping
from typing import Any, Final

from sanic import Request

from app.sandbox.answers import PlatformRefusal
from app.sandbox.platform.calls import Calls, Table, body_of

_MOST_ARTICLES: Final = 8
_LARGEST_INSIDE: Final = 1024 * 1024
_INSIDE_TYPES: Final = ("image/png", "image/jpeg")
# The longest of each text in characters, and the code that refuses a longer one.
_LONGEST: Final = {
    "title": (32, 45003),
    "author": (16, 45003),
    "digest": (128, 45004),
    "content": (20_000, 45002),
}


class Drafts(Calls):
    """``material/add_material`` of pictures, ``media/uploadimg`` and ``draft/add``."""

    def table(self) -> Table:
        return {
            "/cgi-bin/material/add_material": ("POST", self.add_material),
            "/cgi-bin/media/uploadimg": ("POST", self.upload_image),
            "/cgi-bin/draft/add": ("POST", self.add_draft),
        }

    async def add_material(self, request: Request) -> dict[str, Any]:
        account = self._caller(request, "oa")
        if request.args.get("type") not in ("image", "thumb"):
            raise PlatformRefusal(40004)
        content = _file(request)
        media = self._sandbox.media.upload(account.appid, "image", content, lasting=True)
        return {"media_id": media.media_id, "url": _address(request, media.media_id)}

    async def upload_image(self, request: Request) -> dict[str, Any]:
        account = self._caller(request, "oa")
        content = _file(request)
        if len(content) >= _LARGEST_INSIDE:
            raise PlatformRefusal(40009)
        media = self._sandbox.media.upload(account.appid, "image", content, lasting=True)
        if media.content_type not in _INSIDE_TYPES:
            raise PlatformRefusal(40005)
        return {"url": _address(request, media.media_id)}

    async def add_draft(self, request: Request) -> dict[str, Any]:
        account = self._caller(request, "oa")
        articles = body_of(request).get("articles")
        if not isinstance(articles, list) or not articles:
            raise PlatformRefusal(44003)
        if len(articles) > _MOST_ARTICLES:
            raise PlatformRefusal(45008)
        checked = [self._article(account.appid, one) for one in articles]
        return {"media_id": self._sandbox.mass.add_draft(account.appid, checked)}

    def _article(self, appid: str, given: Any) -> dict[str, str]:
        if not isinstance(given, Mapping):
            raise PlatformRefusal(47001)
        article = {name: str(given.get(name) or "") for name in _LONGEST}
        for name, (longest, errcode) in _LONGEST.items():
            if len(article[name]) > longest:
                raise PlatformRefusal(errcode, name)
        if not article["title"].strip():
            raise PlatformRefusal(45003, "title")
        if not article["content"].strip():
            raise PlatformRefusal(44004)
        cover = self._sandbox.media.find(appid, given.get("thumb_media_id"))
        if cover is None or not cover.is_lasting:
            raise PlatformRefusal(40007)
        return {**article, "cover": cover.media_id}


def _file(request: Request) -> bytes:
    file = request.files.get("media") if request.files else None
    if file is None:
        raise PlatformRefusal(41005)
    return bytes(file.body)


def _address(request: Request, media_id: str) -> str:
    return f"{request.scheme}://{request.host}/_sandbox/media/{media_id}"
