"""What readers can ask of notices: lists by kind and words, one whole, its files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tortoise.expressions import Q

from app.domain.catalogue import words
from app.domain.notices.errors import AttachmentNotFound, NoticeNotFound
from app.domain.notices.models import Notice, NoticeAttachment, NoticeKind, NoticeState, NoticeVersion
from app.kit import clock, cursors, db, sanitize, uploads

PAGE: Final = 20

_ENOUGH: Final = 0.6
"""The part of a question's words a notice must have; the rest may be a typo or a word too many."""
_PLACES: Final = "notices"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FAR: Final = (datetime(9000, 1, 1, tzinfo=UTC), 2**63 - 1)
_MICROSECOND: Final = timedelta(microseconds=1)

_LIST = """
SELECT n.id, n.kind, v.title, v.source, v.document_number, v.summary, n.published_at
FROM notice n JOIN notice_version v ON v.notice_id = n.id AND v.version = n.version
WHERE n.state = 'published' AND (v.expires_at IS NULL OR v.expires_at > $1)
  AND (v.groups = '{{}}' OR v.groups && $2::text[])
  AND ($3::text[] IS NULL OR n.kind = ANY ($3)) AND (n.published_at, n.id) < ($4, $5) {}
ORDER BY n.published_at DESC, n.id DESC LIMIT $6
"""
_WITH_WORDS = """
  AND n.id IN (SELECT i.notice_id FROM notice_index i WHERE i.words @@ $7::tsquery AND $8 <= (
      SELECT count(*) FROM unnest($9::text[]) AS w (word) WHERE i.words @@ w.word::tsquery))
"""


@dataclass(frozen=True, slots=True)
class NoticeBrief:
    """A notice as it is listed."""

    id: int
    kind: NoticeKind
    title: str
    source: str
    document_number: str | None
    summary: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class NoticePage:
    """Some notices, the newest first, and where the older ones begin."""

    items: Sequence[NoticeBrief]
    next: str | None


@dataclass(frozen=True, slots=True)
class FileFacts:
    """附件 as readers see it; ``size`` in bytes."""

    id: int
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice whole. A withdrawn one says when and why, and has neither body nor files any more."""

    id: int
    kind: NoticeKind
    title: str
    source: str
    document_number: str | None
    published_at: datetime
    expires_at: datetime | None
    is_expired: bool
    withdrawn_at: datetime | None
    withdrawn_because: str | None
    summary: str
    body: str
    attachments: Sequence[FileFacts]


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file whole."""

    name: str
    media_type: str
    sha256: str
    content: bytes


async def groups_of(person_id: UUID | None) -> list[str]:
    """The taxpayer groups whose notices this reader sees; none for somebody unknown."""
    if person_id is None:
        return []
    rows = await db.fetch(
        "SELECT DISTINCT g.taxpayer_group FROM follower_group g"
        " JOIN wechat_identity i ON i.id = g.identity_id WHERE i.person_id = $1",
        person_id,
    )
    return [row["taxpayer_group"] for row in rows]


async def notices(
    *,
    reader: UUID | None = None,
    kinds: Sequence[NoticeKind] | None = None,
    q: str | None = None,
    limit: int = PAGE,
    cursor: str | None = None,
) -> NoticePage:
    """Published notices this reader may see, newest first; expired ones are left out.

    Raises BadCursor for a cursor no list gave out.
    """
    before = _read_cursor(cursor) if cursor else _FAR
    asked = _asked(q) if q and q.strip() else []
    if asked is None:
        return NoticePage([], None)
    rows = await db.fetch(
        _LIST.format(_WITH_WORDS if asked else ""),
        clock.now(),
        await groups_of(reader),
        [kind.value for kind in kinds] if kinds else None,
        *before,
        limit + 1,
        *asked,
    )
    items = [NoticeBrief(**{**row, "kind": NoticeKind(row["kind"])}) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return NoticePage(items, _write_cursor(last) if last else None)


async def notice(notice_id: int, *, reader: UUID | None = None, files_at: str) -> NoticeView:
    """One notice this reader may see; files are named in its body as ``{files_at}/{id}``.

    Raises NoticeNotFound, also for one that is meant for others.
    """
    found, version = await _visible(notice_id, reader)
    is_withdrawn = found.state is NoticeState.WITHDRAWN
    files = [] if is_withdrawn else await attached(found.id, found.version)
    addresses = {one.name: f"{files_at}/{one.id}" for one in files}
    return NoticeView(
        id=found.id,
        kind=found.kind,
        title=version.title,
        source=version.source,
        document_number=version.document_number,
        published_at=found.published_at or version.at,
        expires_at=version.expires_at,
        is_expired=version.expires_at is not None and version.expires_at <= clock.now(),
        withdrawn_at=found.withdrawn_at,
        withdrawn_because=found.withdrawn_because,
        summary="" if is_withdrawn else version.summary,
        body="" if is_withdrawn else sanitize.with_attachments(version.body, addresses),
        attachments=[FileFacts(one.id, one.name, one.media_type, one.size) for one in files],
    )


async def attachment(notice_id: int, attachment_id: int, *, reader: UUID | None = None) -> FileContent:
    """A file of a published notice this reader may see.

    Raises NoticeNotFound, AttachmentNotFound, or FileLost if the folder of files does not have it.
    """
    found, _ = await _visible(notice_id, reader)
    files = [] if found.state is NoticeState.WITHDRAWN else await attached(found.id, found.version)
    file = next((one for one in files if one.id == attachment_id), None)
    if file is None:
        raise AttachmentNotFound
    return FileContent(file.name, file.media_type, file.sha256, await uploads.read(file.sha256))


async def attached(notice_id: int, version: int) -> list[NoticeAttachment]:
    """The files of a version, in the order in which they came."""
    present = NoticeAttachment.filter(notice_id=notice_id, added_in__lte=version)
    return await present.filter(Q(removed_in=None) | Q(removed_in__gt=version)).order_by("id")


async def _visible(notice_id: int, reader: UUID | None) -> tuple[Notice, NoticeVersion]:
    is_id = 0 < notice_id < 2**63
    shown = (NoticeState.PUBLISHED, NoticeState.WITHDRAWN)
    found = await Notice.get_or_none(id=notice_id, state__in=shown) if is_id else None
    if found is None:
        raise NoticeNotFound
    version = await NoticeVersion.get(notice_id=found.id, version=found.version)
    if version.groups and not set(version.groups) & set(await groups_of(reader)):
        raise NoticeNotFound
    return found, version


def _asked(q: str) -> list[Any] | None:
    """What a question asks of the words of a notice; ``None`` if it says nothing."""
    asked = [f"'{one.word}'{':*' if one.is_beginning else ''}" for one in words.of_question(q)]
    return [" | ".join(asked), max(1, round(len(asked) * _ENOUGH)), asked] if asked else None


def _write_cursor(last: NoticeBrief) -> str:
    return cursors.written(_PLACES, (last.published_at - _EPOCH) // _MICROSECOND, last.id)


def _read_cursor(cursor: str) -> tuple[datetime, int]:
    moment, notice_id = cursors.read(_PLACES, cursor)
    return _EPOCH + moment * _MICROSECOND, notice_id
