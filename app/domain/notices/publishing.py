"""Publishing a notice, at once or at its time, and withdrawing it."""

import logging
from datetime import datetime
from typing import Final

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.notices import history, rules
from app.domain.notices.errors import BadNoticeText
from app.domain.notices.models import Notice, NoticeState
from app.domain.notices.texts import words_of
from app.kit import audit, clock, db, outbox

log = logging.getLogger("weiban.notices")

PUBLISHED: Final = "notice_published"
WITHDRAWN: Final = "notice_withdrawn"
"""Events of the outbox, each with ``notice_id``."""

_BATCH: Final = 50
_LONGEST_REASON: Final = 200


async def schedule(member: StaffMember, notice_id: int, at: datetime | None) -> None:
    """Have a reviewed notice published at a time; ``None`` takes the time back.

    Raises NoticeNotFound, NotAllowed, NoticeNotAt, PublishInPast or NoticeExpires.
    """
    async with db.transaction():
        notice = await _reviewed(member, notice_id)
        if at is not None:
            expires_at = (await history.current_version(notice)).expires_at
            rules.check_time(at, now=clock.now(), expires_at=expires_at)
        notice.publish_at = at
        await history.move(notice, NoticeState.SCHEDULED)
        await history.tell(notice, "scheduled" if at else "unscheduled", member.caller_id)


async def publish(member: StaffMember, notice_id: int) -> None:
    """Publish a reviewed notice now. Raises what ``schedule`` raises."""
    async with db.transaction():
        notice = await _reviewed(member, notice_id)
        now, expires_at = clock.now(), (await history.current_version(notice)).expires_at
        rules.check_time(now, now=now, expires_at=expires_at)
        await _publish(notice, member.caller_id)


async def publish_due() -> int:
    """Publish what is due; answers how many. Several workers may do it at once, and again at any time.

    One that cannot be published is logged and left for the next time; the others go out.
    """
    published, failed = 0, list[int]()
    while True:
        async with db.transaction():
            waiting = Notice.filter(state=NoticeState.SCHEDULED, publish_at__lte=clock.now())
            ordered = waiting.exclude(id__in=failed).order_by("publish_at", "id")
            due = await ordered.limit(_BATCH).select_for_update(skip_locked=True)
            lost = [notice.id for notice in due if not await _is_published(notice)]
        published += len(due) - len(lost)
        failed += lost
        if len(due) < _BATCH:
            return published


async def _is_published(notice: Notice) -> bool:
    """Publish one of a batch behind a savepoint; answers whether it went well."""
    try:
        async with db.transaction():
            await _publish(notice, audit.SYSTEM)
    except Exception as broken:
        log.exception("notice %s is not published: %s", notice.id, type(broken).__name__)
        return False
    return True


async def withdraw(member: StaffMember, notice_id: int, reason: str) -> None:
    """Take a published notice back: its words are hidden, and readers are told why.

    Raises NoticeNotFound, NotAllowed, NoticeNotAt or BadNoticeText.
    """
    reason = reason.strip()
    if not 0 < len(reason) <= _LONGEST_REASON:
        raise BadNoticeText(fields={"reason": [f"撤回须写明理由，不超过 {_LONGEST_REASON} 个字"]})
    async with db.transaction():
        notice = await history.locked(notice_id)
        history.check_may(member, StaffRole.PUBLISHER, notice.region_code)
        rules.check_at(notice.state, NoticeState.PUBLISHED)
        notice.withdrawn_at, notice.withdrawn_because = clock.now(), reason
        await history.move(notice, NoticeState.WITHDRAWN)
        await db.execute("DELETE FROM notice_index WHERE notice_id = $1", notice.id)
        await outbox.emit(WITHDRAWN, {"notice_id": notice.id})
        await history.tell(notice, "withdrawn", member.caller_id, reason=reason)


async def _reviewed(member: StaffMember, notice_id: int) -> Notice:
    notice = await history.locked(notice_id)
    history.check_may(member, StaffRole.PUBLISHER, notice.region_code)
    rules.check_at(notice.state, NoticeState.SCHEDULED)
    return notice


async def _publish(notice: Notice, actor: str) -> None:
    notice.published_at = clock.now()
    await history.move(notice, NoticeState.PUBLISHED)
    version = await history.current_version(notice)
    await db.execute(
        "INSERT INTO notice_index (notice_id, words) VALUES ($1, $2::text::tsvector)",
        notice.id,
        words_of(notice.kind, version),
    )
    await outbox.emit(PUBLISHED, {"notice_id": notice.id})
    await history.tell(notice, "published", actor)
