"""What staff can ask of notices: the list of one's district, and one whole with its way so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.notices import history, queries
from app.domain.notices.errors import AttachmentNotFound, NoticeNotFound
from app.domain.notices.models import (
    Notice,
    NoticeAttachment,
    NoticeEvent,
    NoticeKind,
    NoticeReview,
    NoticeState,
    NoticeVersion,
)
from app.domain.notices.queries import FileContent
from app.kit import db, uploads
from app.kit.errors import NotAllowed

_DESK_ROLES = (StaffRole.PUBLISHER, StaffRole.REVIEWER)

_LIST = """
SELECT n.id, n.kind, n.state, n.version, n.region_code, v.title, n.publish_at, n.published_at,
    (SELECT coalesce(sum(r.readers), 0) FROM notice_reads r WHERE r.notice_id = n.id) AS readers
FROM notice n JOIN notice_version v ON v.notice_id = n.id AND v.version = n.version
WHERE ($1::text IS NULL OR n.state = $1) AND n.id < $2
  AND ($3 OR EXISTS (SELECT 1 FROM unnest($4::text[]) AS d (code) WHERE starts_with(n.region_code, d.code)))
ORDER BY n.id DESC LIMIT $5
"""


@dataclass(frozen=True, slots=True)
class DeskEntry:
    """A notice as staff see it listed; ``readers`` adds up those of every day."""

    id: int
    kind: NoticeKind
    state: NoticeState
    version: int
    region_code: str | None
    title: str
    publish_at: datetime | None
    published_at: datetime | None
    readers: int


@dataclass(frozen=True, slots=True)
class DeskView:
    """A notice whole, as it was in one version, with all that happened to it."""

    notice: Notice
    text: NoticeVersion
    attachments: Sequence[NoticeAttachment]
    reviews: Sequence[NoticeReview]
    events: Sequence[NoticeEvent]
    readers: int


async def listed(
    member: StaffMember, *, state: NoticeState | None = None, before: int | None = None, limit: int = 20
) -> list[DeskEntry]:
    """Notices of the member's districts, the newest first. Raises NotAllowed for other staff."""
    districts = districts_of(member)
    rows = await db.fetch(
        _LIST, state, before or 2**63 - 1, districts is None, [] if districts is None else districts, limit
    )
    return [
        DeskEntry(**{**row, "kind": NoticeKind(row["kind"]), "state": NoticeState(row["state"])})
        for row in rows
    ]


def districts_of(member: StaffMember) -> list[str] | None:
    """The regions whose notices a member deals with; ``None`` is everywhere. Raises NotAllowed."""
    posts = [post for post in member.posts if post.role in _DESK_ROLES]
    if member.must_change_password or not posts:
        raise NotAllowed
    if any(post.hall_id is None and post.region_code is None for post in posts):
        return None
    return [post.region_code for post in posts if post.region_code]


async def whole(member: StaffMember, notice_id: int, *, version: int | None = None) -> DeskView:
    """One notice as it is, or as it was. Raises NoticeNotFound or NotAllowed."""
    found = await Notice.get_or_none(id=notice_id) if 0 < notice_id < 2**63 else None
    if found is None:
        raise NoticeNotFound
    if not any(_may(member, role, found.region_code) for role in _DESK_ROLES):
        raise NotAllowed
    number = found.version if version is None else version
    is_there = 0 < number <= found.version
    text = await NoticeVersion.get_or_none(notice_id=found.id, version=number) if is_there else None
    if text is None:
        raise NoticeNotFound
    readers = await db.fetch_value(
        "SELECT coalesce(sum(readers), 0) FROM notice_reads WHERE notice_id = $1", found.id
    )
    return DeskView(
        notice=found,
        text=text,
        attachments=await queries.attached(found.id, text.version),
        reviews=await NoticeReview.filter(notice_id=found.id, version=text.version).order_by("round"),
        events=await NoticeEvent.filter(notice_id=found.id).order_by("id"),
        readers=readers,
    )


async def file(
    member: StaffMember, notice_id: int, attachment_id: int, *, version: int | None = None
) -> FileContent:
    """A file of any version, for whoever reviews it. Raises what ``whole`` raises, or AttachmentNotFound."""
    shown = await whole(member, notice_id, version=version)
    for one in shown.attachments:
        if one.id == attachment_id:
            return FileContent(one.name, one.media_type, one.sha256, await uploads.read(one.sha256))
    raise AttachmentNotFound


def _may(member: StaffMember, role: StaffRole, region_code: str | None) -> bool:
    return staff.may(member, role, history.place_of(region_code))
