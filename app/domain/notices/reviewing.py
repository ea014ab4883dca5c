"""三审三校: three reviewers in turn, each of whom approves or sends the notice back with a reason."""

from uuid import UUID

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.notices import history, rules
from app.domain.notices.errors import BadNoticeText
from app.domain.notices.models import Notice, NoticeReview, NoticeState, NoticeVersion
from app.kit import clock, db

_LONGEST_REASON = 500


async def approve(member: StaffMember, notice_id: int, *, seen: int) -> NoticeState:
    """Pass the version one has seen on to the next review, or after the third to publication.

    Answers where it stands then. Raises NoticeNotFound, NotAllowed, NoticeNotAt, OtherVersion, OwnNotice
    or ReviewedAlready.
    """
    async with db.transaction():
        notice, round_ = await _taken_up(member, notice_id, seen)
        await _write(notice, round_, member.id, None)
        await history.move(notice, rules.after_approval(notice.state))
        await history.tell(notice, "approved", member.caller_id)
    return notice.state


async def refuse(member: StaffMember, notice_id: int, reason: str, *, seen: int) -> None:
    """Send the version one has seen back to its author. Raises what ``approve`` raises, or BadNoticeText."""
    reason = reason.strip()
    if not 0 < len(reason) <= _LONGEST_REASON:
        raise BadNoticeText(fields={"reason": [f"退回须写明理由，不超过 {_LONGEST_REASON} 个字"]})
    async with db.transaction():
        notice, round_ = await _taken_up(member, notice_id, seen)
        await _write(notice, round_, member.id, reason)
        await history.move(notice, NoticeState.DRAFT)
        await history.tell(notice, "refused", member.caller_id, reason=reason)


async def _taken_up(member: StaffMember, notice_id: int, seen: int) -> tuple[Notice, int]:
    notice = await history.locked(notice_id)
    history.check_may(member, StaffRole.REVIEWER, notice.region_code)
    round_ = rules.round_of(notice.state)
    versions = await NoticeVersion.filter(notice_id=notice.id)
    reviews = await NoticeReview.filter(notice_id=notice.id, version=notice.version)
    rules.check_may_review(
        member.id,
        seen=seen,
        version=notice.version,
        authors={one.author_id for one in versions},
        reviewers={one.reviewer_id for one in reviews},
    )
    return notice, round_


async def _write(notice: Notice, round_: int, reviewer_id: UUID, reason: str | None) -> None:
    await NoticeReview.create(
        notice_id=notice.id,
        version=notice.version,
        round=round_,
        reviewer_id=reviewer_id,
        is_approved=reason is None,
        reason=reason,
        at=clock.now(),
    )
