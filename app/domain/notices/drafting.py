"""Writing a notice: drafts, changes, attachments, and handing it in for review."""

from uuid import UUID

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.halls.models import Region
from app.domain.notices import history, queries, rules
from app.domain.notices.errors import (
    AttachmentNameTaken,
    AttachmentNotFound,
    BadNoticeText,
    NothingChanged,
    TooManyAttachments,
)
from app.domain.notices.models import Notice, NoticeAttachment, NoticeReview, NoticeState, NoticeVersion
from app.domain.notices.texts import NoticeText
from app.kit import clock, db, sanitize, uploads


async def draft(member: StaffMember, text: NoticeText) -> int:
    """Begin a notice; answers its number. Raises NotAllowed, or BadNoticeText for an unknown region."""
    history.check_may(member, StaffRole.PUBLISHER, text.region_code)
    if text.region_code and not await Region.filter(code=text.region_code).exists():
        raise BadNoticeText(fields={"region": ["没有这个区划代码"]})
    async with db.transaction():
        notice = await Notice.create(kind=text.kind, region_code=text.region_code)
        await _write(notice, member.id, text)
        await history.tell(notice, "drafted", member.caller_id)
    return int(notice.id)


async def edit(member: StaffMember, notice_id: int, text: NoticeText) -> int:
    """Change the words; answers the new version. Whatever was reviewed has to be reviewed again.

    Raises NoticeNotFound, NotAllowed, NoticeNotAt for what was published, or BadNoticeText for another kind
    or region.
    """
    async with db.transaction():
        notice = await _taken_up(member, notice_id)
        if (text.kind, text.region_code) != (notice.kind, notice.region_code):
            raise BadNoticeText(fields={"kind": ["栏目和辖区不能更改，请另起一稿"]})
        await _begin_version(notice)
        await _write(notice, member.id, text)
        await history.tell(notice, "edited", member.caller_id)
    return int(notice.version)


async def attach(member: StaffMember, notice_id: int, name: str, content: bytes) -> int:
    """Add a file; answers its number. It counts as a change of the words.

    Raises what ``edit`` raises, UnfitFile, TooManyAttachments or AttachmentNameTaken.
    """
    async with db.transaction():
        await _taken_up(member, notice_id)  # Whoever may not change it leaves no file behind.
    upload = await uploads.take_in(name, content)
    async with db.transaction():
        notice = await _taken_up(member, notice_id)
        present = await queries.attached(notice.id, notice.version)
        if len(present) >= rules.MOST_ATTACHMENTS:
            raise TooManyAttachments
        if any(one.name == upload.name for one in present):
            raise AttachmentNameTaken
        await _begin_version(notice)
        await _carry_over(notice, member.id)
        made = await NoticeAttachment.create(
            notice_id=notice.id,
            name=upload.name,
            media_type=upload.media_type,
            size=upload.size,
            sha256=upload.sha256,
            scan=upload.scan.value,
            added_in=notice.version,
        )
        await history.tell(notice, "attached", member.caller_id, reason=upload.name)
    return int(made.id)


async def detach(member: StaffMember, notice_id: int, attachment_id: int) -> None:
    """Take a file off; earlier versions keep it. Raises what ``edit`` raises, or AttachmentNotFound."""
    async with db.transaction():
        notice = await _taken_up(member, notice_id)
        present = {one.id: one for one in await queries.attached(notice.id, notice.version)}
        if (gone := present.get(attachment_id)) is None:
            raise AttachmentNotFound
        await _begin_version(notice)
        await _carry_over(notice, member.id)
        gone.removed_in = notice.version
        await gone.save(update_fields=["removed_in"])
        await history.tell(notice, "detached", member.caller_id, reason=gone.name)


async def submit(member: StaffMember, notice_id: int) -> None:
    """Hand a draft in for its three reviews.

    Raises NoticeNotFound, NotAllowed, NoticeNotAt, NothingChanged after a refusal, or BadNoticeText if the
    words show or name a file that is not attached.
    """
    async with db.transaction():
        notice = await history.locked(notice_id)
        history.check_may(member, StaffRole.PUBLISHER, notice.region_code)
        rules.check_at(notice.state, NoticeState.DRAFT)
        if await NoticeReview.filter(notice_id=notice.id, version=notice.version).exists():
            raise NothingChanged
        await _check_names(notice)
        await history.move(notice, NoticeState.FIRST_REVIEW)
        await history.tell(notice, "submitted", member.caller_id)


async def _taken_up(member: StaffMember, notice_id: int) -> Notice:
    notice = await history.locked(notice_id)
    history.check_may(member, StaffRole.PUBLISHER, notice.region_code)
    rules.check_may_change(notice.state)
    return notice


async def _begin_version(notice: Notice) -> None:
    """Back to a draft, one version on."""
    notice.version += 1
    notice.publish_at = None
    await history.move(notice, NoticeState.DRAFT)


async def _write(notice: Notice, author_id: UUID, text: NoticeText) -> None:
    await NoticeVersion.create(
        notice_id=notice.id,
        version=notice.version,
        author_id=author_id,
        title=text.title,
        source=text.source,
        document_number=text.document_number,
        summary=text.summary,
        body=text.body,
        groups=list(text.groups),
        expires_at=text.expires_at,
        at=clock.now(),
    )


async def _carry_over(notice: Notice, author_id: UUID) -> None:
    """The words of the version before, as those of this one."""
    await db.execute(
        "INSERT INTO notice_version (notice_id, version, author_id, title, source, document_number, summary,"
        " body, groups, expires_at, at)"
        " SELECT notice_id, $2::smallint, $3, title, source, document_number, summary, body, groups,"
        " expires_at, $4 FROM notice_version WHERE notice_id = $1 AND version = $2::smallint - 1",
        notice.id, notice.version, author_id, clock.now(),
    )  # fmt: skip


async def _check_names(notice: Notice) -> None:
    shown, led_to = sanitize.attachments_in((await history.current_version(notice)).body)
    present = await queries.attached(notice.id, notice.version)
    pictures = {one.name for one in present if one.media_type.startswith("image/")}
    missing = (shown - pictures) | (led_to - {one.name for one in present})
    if missing:
        raise BadNoticeText(fields={"body": [f"正文引用的附件尚未上传：{'、'.join(sorted(missing))}"]})
