"""Media: pictures, sound and films an account uploaded or a person sent, for three days or for good.

Source: the platform's guides to temporary and lasting media, their sizes and formats.
"""

import secrets
from dataclasses import dataclass
from typing import Final

from app.kit import clock
from app.sandbox.answers import PlatformRefusal

_LIFE_S: Final = 3 * 86400
_KEPT: Final = 200
_MB: Final = 1024 * 1024
_LARGEST: Final = {"image": 10 * _MB, "voice": 2 * _MB, "video": 10 * _MB, "thumb": 64 * 1024}
# The first bytes of each format, and its content type.
_FORMATS: Final[tuple[tuple[bytes, str, tuple[str, ...]], ...]] = (
    (b"\x89PNG\r\n\x1a\n", "image/png", ("image",)),
    (b"\xff\xd8\xff", "image/jpeg", ("image", "thumb")),
    (b"GIF8", "image/gif", ("image",)),
    (b"#!AMR", "audio/amr", ("voice",)),
    (b"ID3", "audio/mpeg", ("voice",)),
    (b"\xff\xfb", "audio/mpeg", ("voice",)),
)


@dataclass(frozen=True, slots=True)
class Media:
    """One file and whose it is; a lasting one is there until it is deleted."""

    media_id: str
    appid: str
    kind: str
    content_type: str
    content: bytes
    created_at: int
    is_lasting: bool = False


class MediaStore:
    """The latest files of all accounts, in memory."""

    def __init__(self) -> None:
        self._kept: dict[str, Media] = {}

    def upload(self, appid: str, kind: str, content: bytes, *, lasting: bool = False) -> Media:
        """Raises PlatformRefusal 40004, 40005, 40006 or 41005."""
        if kind not in _LARGEST:
            raise PlatformRefusal(40004)
        if not content:
            raise PlatformRefusal(41005)
        if len(content) > _LARGEST[kind]:
            raise PlatformRefusal(40006)
        return self.keep(appid, kind, content, _format(kind, content), lasting=lasting)

    def keep(
        self, appid: str, kind: str, content: bytes, content_type: str, *, lasting: bool = False
    ) -> Media:
        now = int(clock.seconds())
        media = Media(secrets.token_urlsafe(48), appid, kind, content_type, content, now, lasting)
        self._kept[media.media_id] = media
        if len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]
        return media

    def find(self, appid: str, media_id: object) -> Media | None:
        """A file of this account that lasts or is not yet three days old."""
        media = self._kept.get(media_id) if isinstance(media_id, str) else None
        if media is None or media.appid != appid:
            return None
        return media if media.is_lasting or media.created_at + _LIFE_S > clock.seconds() else None

    def anybody_s(self, media_id: str) -> Media | None:
        """A file by its id alone, as the phone shows it."""
        return self._kept.get(media_id)

    def clear(self) -> None:
        self._kept.clear()


def _format(kind: str, content: bytes) -> str:
    """The content type by the first bytes, as the platform tells it. Raises PlatformRefusal 40005."""
    for magic, content_type, kinds in _FORMATS:
        if content.startswith(magic) and kind in kinds:
            return content_type
    if kind == "video" and content[4:8] == b"ftyp":
        return "video/mp4"
    raise PlatformRefusal(40005)
