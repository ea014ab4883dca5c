"""Scenes: what a QR code stands for, known to WeChat only by a short random id."""

import secrets
import string
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import orjson

from app.domain.accounts.errors import SceneUnknown
from app.domain.accounts.scene_models import SceneKind, SceneMedium
from app.kit import audit, clock, db

LENGTH: Final = 10
_LETTERS: Final = string.digits + string.ascii_letters
_MOST: Final = 12

Payload = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Scene:
    """What somebody scanned: ``payload`` holds the ids that ``kind`` promises."""

    kind: SceneKind
    payload: Payload


@dataclass(frozen=True, slots=True)
class Picture:
    """A code as an image file."""

    body: bytes
    media_type: str


Painter = Callable[[str], Awaitable[Picture]]
"""Asks WeChat for the code of a scene, given its short id."""


async def make_scene(
    kind: SceneKind, payload: Payload, *, expires_in: timedelta | None, created_by: str = audit.SYSTEM
) -> str:
    """A short id, ten characters of Base62, of a scene that ends after ``expires_in``, or never."""
    until = clock.now() + expires_in if expires_in is not None else None
    return await make_scene_until(kind, payload, until, created_by=created_by)


async def make_scene_until(
    kind: SceneKind, payload: Payload, until: datetime | None, *, created_by: str = audit.SYSTEM
) -> str:
    """As ``make_scene``; the same kind, payload and end get the same id each time."""
    asked = (kind, orjson.dumps(dict(payload)).decode(), until)
    made: str | None = await db.fetch_value(
        "SELECT short FROM scene WHERE kind = $1 AND payload = $2::jsonb"
        " AND expires_at IS NOT DISTINCT FROM $3::timestamptz",
        *asked,
    )
    # The update changes nothing; it makes the row answer that somebody else has made in this moment.
    return made or await db.fetch_value(
        "INSERT INTO scene AS s (kind, payload, expires_at, short, created_by, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (kind, payload, expires_at) DO UPDATE SET kind = s.kind RETURNING short",
        *asked, _new_short(), created_by, clock.now(),
    )  # fmt: skip


async def open_scene(short: str) -> Scene | None:
    """The scene of a short id; ``None`` if there is none, or no longer."""
    if not is_short(short):
        return None
    row = await db.fetch_one(
        "SELECT kind, payload::text FROM scene WHERE short = $1 AND coalesce(expires_at > $2, true)",
        short,
        clock.now(),
    )
    return Scene(SceneKind(row["kind"]), orjson.loads(row["payload"])) if row is not None else None


async def picture(short: str, medium: SceneMedium, paint: Painter) -> Picture:
    """The code of a scene, painted once and then kept. Raises SceneUnknown.

    Two who ask at once may both have it painted; one picture is kept, and both see that one.
    """
    kept = await _kept(short, medium)
    if kept is not None:
        return kept
    painted = await paint(short)
    await db.execute(
        "INSERT INTO scene_picture (scene_id, medium, media_type, body, made_at)"
        " SELECT id, $2, $3, $4, $5 FROM scene WHERE short = $1 ON CONFLICT DO NOTHING",
        short, medium, painted.media_type, painted.body, clock.now(),
    )  # fmt: skip
    kept = await _kept(short, medium)
    if kept is None:
        raise SceneUnknown
    return kept


async def purge(older_than: timedelta = timedelta(days=1)) -> int:
    """Delete scenes that ended this long ago, with their pictures; answers how many. For a timed job."""
    return await db.execute("DELETE FROM scene WHERE expires_at < $1", clock.now() - older_than)


def is_short(text: str) -> bool:
    """Whether a text can be a short id; only then is the database asked."""
    return 0 < len(text) <= _MOST and text.isascii() and text.isalnum()


def _new_short() -> str:
    # 62 ** 10 is about 2 ** 59: nobody guesses one, and a collision is one in a billion billion.
    return "".join(secrets.choice(_LETTERS) for _ in range(LENGTH))


async def _kept(short: str, medium: SceneMedium) -> Picture | None:
    row = await db.fetch_one(
        "SELECT p.body, p.media_type FROM scene_picture p JOIN scene s ON s.id = p.scene_id"
        " WHERE s.short = $1 AND p.medium = $2 AND coalesce(s.expires_at > $3, true)",
        short, medium, clock.now(),
    )  # fmt: skip
    return Picture(bytes(row["body"]), row["media_type"]) if row is not None else None
