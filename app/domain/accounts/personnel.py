"""人员与岗位 as the security administrator keeps them: accounts, posts, locks, sessions; nobody their own."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.domain.accounts import one_time_codes, passwords, rules, staff, staffing
from app.domain.accounts.errors import (
    NotLocked,
    OwnAccount,
    PostUnknown,
    ReasonRequired,
    StaffClosed,
    StaffUnknown,
)
from app.domain.accounts.models import Staff, StaffPost, StaffRole, StaffSession
from app.domain.accounts.staff import Post, StaffMember
from app.domain.accounts.staffing import Credentials
from app.kit import audit, clock, crypto, db
from app.kit.errors import NotAllowed

_READERS: Final = (StaffRole.SECURITY_ADMIN, StaffRole.SYSTEM_ADMIN, StaffRole.AUDITOR)
_LONGEST_REASON: Final = 500


@dataclass(frozen=True, slots=True)
class HeldPost:
    """A post with its number, by which it is taken away."""

    id: int
    post: Post


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session that may still be used; ``is_this`` is the one of whoever looks."""

    id: UUID
    address: str
    created_at: datetime
    seen_at: datetime
    is_this: bool


@dataclass(frozen=True, slots=True)
class Personnel:
    """A member of staff whole; ``locked_until`` only while it holds."""

    id: UUID
    username: str
    display_name: str
    is_active: bool
    must_change_password: bool
    locked_until: datetime | None
    created_at: datetime
    posts: Sequence[HeldPost]
    sessions: Sequence[LiveSession]


def check_may_read(member: StaffMember) -> None:
    """The three administrations watch each other (GB/T 22239-2019). Raises NotAllowed."""
    if not any(staff.may(member, role, None) for role in _READERS):
        raise NotAllowed


def check_may_change(member: StaffMember, staff_id: UUID | None = None) -> None:
    """Accounts and posts are the security administrator's. Raises NotAllowed, or OwnAccount for one's own."""
    if not staff.may(member, StaffRole.SECURITY_ADMIN, None):
        raise NotAllowed
    if staff_id == member.id:
        raise OwnAccount


async def one(member: StaffMember, staff_id: UUID) -> Personnel:
    """A member of staff with posts and sessions. Raises NotAllowed or StaffUnknown."""
    check_may_read(member)
    found = await Staff.get_or_none(id=staff_id)
    if found is None:
        raise StaffUnknown
    posts = await StaffPost.filter(staff_id=staff_id).order_by("id")
    is_locked = found.locked_until is not None and found.locked_until > clock.now()
    return Personnel(
        id=found.id,
        username=found.username,
        display_name=found.display_name,
        is_active=found.is_active,
        must_change_password=found.must_change_password,
        locked_until=found.locked_until if is_locked else None,
        created_at=found.created_at,
        posts=[HeldPost(held.id, Post(held.role, held.hall_id, held.region_code)) for held in posts],
        sessions=await _sessions(staff_id, member),
    )


async def hire(member: StaffMember, username: str, display_name: str, post: Post) -> Credentials:
    """See ``staffing.hire``. Raises NotAllowed besides."""
    check_may_change(member)
    return await staffing.hire(username, display_name, post, actor=member.caller_id)


async def appoint(member: StaffMember, staff_id: UUID, post: Post) -> None:
    """See ``staffing.appoint``. Raises NotAllowed, OwnAccount, StaffUnknown or StaffClosed besides."""
    check_may_change(member, staff_id)
    await _serving(staff_id)
    await staffing.appoint(staff_id, post, actor=member.caller_id)


async def relieve(member: StaffMember, staff_id: UUID, post_id: int, reason: str) -> None:
    """Take a post away; it counts no more from the next request on.

    Raises NotAllowed, OwnAccount, ReasonRequired or PostUnknown.
    """
    check_may_change(member, staff_id)
    why = _reason(reason)
    async with db.transaction():
        held = await StaffPost.filter(id=post_id, staff_id=staff_id).select_for_update().first()
        if held is None:
            raise PostUnknown
        await held.delete()
        told = {"role": held.role.value, "hall_id": held.hall_id, "region_code": held.region_code}
        await audit.record(
            member.caller_id, "staff.relieved", audit.staff(staff_id),
            detail=told, hall_id=held.hall_id, reason=why,
        )  # fmt: skip


async def dismiss(member: StaffMember, staff_id: UUID, reason: str) -> None:
    """Close an account for good. Raises NotAllowed, OwnAccount, ReasonRequired, StaffUnknown, StaffClosed."""
    check_may_change(member, staff_id)
    why = _reason(reason)
    await _serving(staff_id)
    await staffing.dismiss(staff_id, actor=member.caller_id, reason=why)


async def unlock(member: StaffMember, staff_id: UUID, reason: str) -> None:
    """Let somebody who mistyped sign in again at once.

    Raises NotAllowed, OwnAccount, ReasonRequired or NotLocked.
    """
    check_may_change(member, staff_id)
    why = _reason(reason)
    async with db.transaction():
        locked = Staff.filter(id=staff_id, locked_until__gt=clock.now())
        if not await locked.update(locked_until=None, failed_count=0):
            raise NotLocked
        await audit.record(member.caller_id, "staff.unlocked", audit.staff(staff_id), reason=why)


async def renew(member: StaffMember, staff_id: UUID, reason: str) -> Credentials:
    """A new password and code for somebody who lost theirs; the old ones and all sessions end.

    Raises NotAllowed, OwnAccount, ReasonRequired, StaffUnknown or StaffClosed.
    """
    check_may_change(member, staff_id)
    why = _reason(reason)
    found = await _serving(staff_id)
    password, secret = secrets.token_urlsafe(15), one_time_codes.new_secret()
    password_hash = await passwords.hashed(password)
    async with db.transaction():
        await Staff.filter(id=staff_id).update(
            password_hash=password_hash, totp_secret_sealed=crypto.seal(secret), totp_last_step=None,
            must_change_password=True, failed_count=0, locked_until=None,
        )  # fmt: skip
        await StaffSession.filter(staff_id=staff_id, revoked_at=None).update(revoked_at=clock.now())
        await audit.record(member.caller_id, "staff.credentials_renewed", audit.staff(staff_id), reason=why)
    return Credentials(staff_id, found.username, password, one_time_codes.setup_uri(secret, found.username))


async def own_sessions(member: StaffMember) -> Sequence[LiveSession]:
    """Where one is signed in now, the latest first."""
    return await _sessions(member.id, member)


async def end_session(member: StaffMember, staff_id: UUID, session_id: UUID) -> None:
    """End a session: everybody their own, the security administrator anybody's. Raises NotAllowed."""
    if staff_id != member.id:
        check_may_change(member)
    async with db.transaction():
        live = StaffSession.filter(id=session_id, staff_id=staff_id, revoked_at=None)
        if await live.update(revoked_at=clock.now()):
            await audit.record(member.caller_id, "staff.session_ended", audit.staff(staff_id))


async def _sessions(staff_id: UUID, looking: StaffMember) -> Sequence[LiveSession]:
    now = clock.now()
    live = StaffSession.filter(
        staff_id=staff_id, revoked_at=None, expires_at__gt=now, seen_at__gt=now - rules.STAFF_IDLE
    )
    return [
        LiveSession(found.id, found.address, found.created_at, found.seen_at, found.id == looking.session_id)
        for found in await live.order_by("-seen_at")
    ]


async def _serving(staff_id: UUID) -> Staff:
    found = await Staff.get_or_none(id=staff_id)
    if found is None:
        raise StaffUnknown
    if not found.is_active:
        raise StaffClosed
    return found


def _reason(given: str) -> str:
    why = given.strip()
    if not 0 < len(why) <= _LONGEST_REASON:
        raise ReasonRequired(f"请填写理由，不超过 {_LONGEST_REASON} 个字")
    return why
