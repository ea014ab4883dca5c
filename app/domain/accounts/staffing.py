"""Taking on staff and giving them posts."""

import secrets
from dataclasses import dataclass, field
from uuid import UUID

from tortoise.exceptions import IntegrityError

from app.domain.accounts import one_time_codes, passwords, rules
from app.domain.accounts.errors import AdminRolesSplit, AlreadyAppointed, UsernameTaken
from app.domain.accounts.models import Staff, StaffPost, StaffSession
from app.domain.accounts.staff import Post
from app.kit import audit, clock, crypto, db, ids


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a new member of staff gets in hand once: nobody can read it again."""

    staff_id: UUID
    username: str
    password: str = field(repr=False)
    totp_uri: str = field(repr=False)


async def hire(username: str, display_name: str, post: Post, *, actor: str = audit.SYSTEM) -> Credentials:
    """A new account with its first post and a password to be changed at the first sign-in.

    Raises UsernameInvalid, UsernameTaken or PostScopeInvalid.
    """
    username = username.strip().lower()
    rules.check_username(username)
    rules.check_scope(post.role, post.hall_id, post.region_code)
    password, secret = secrets.token_urlsafe(15), one_time_codes.new_secret()
    staff_id, password_hash = ids.uuid7(), await passwords.hashed(password)
    try:
        async with db.transaction():
            await Staff.create(
                id=staff_id,
                username=username,
                display_name=display_name,
                password_hash=password_hash,
                totp_secret_sealed=crypto.seal(secret),
                must_change_password=True,
            )
            await _give(staff_id, post)
            await _tell(actor, "staff.hired", staff_id, post)
    except IntegrityError as double:
        raise UsernameTaken from double
    return Credentials(staff_id, username, password, one_time_codes.setup_uri(secret, username))


async def appoint(staff_id: UUID, post: Post, *, actor: str) -> None:
    """Give a member one more post. Raises PostScopeInvalid, AlreadyAppointed or AdminRolesSplit."""
    rules.check_scope(post.role, post.hall_id, post.region_code)
    try:
        async with db.transaction():
            await _give(staff_id, post)
            await _tell(actor, "staff.appointed", staff_id, post)
    except IntegrityError as double:
        held = StaffPost.filter(staff_id=staff_id, role=post.role)
        if await held.filter(hall_id=post.hall_id, region_code=post.region_code).exists():
            raise AlreadyAppointed from double
        raise AdminRolesSplit from double


async def dismiss(staff_id: UUID, *, actor: str, reason: str | None = None) -> None:
    """Close an account: its sessions end at once, and it cannot sign in again."""
    async with db.transaction():
        await Staff.filter(id=staff_id).update(is_active=False)
        await StaffSession.filter(staff_id=staff_id, revoked_at=None).update(revoked_at=clock.now())
        await audit.record(actor, "staff.dismissed", audit.staff(staff_id), reason=reason)


async def _give(staff_id: UUID, post: Post) -> None:
    await StaffPost.create(
        staff_id=staff_id, role=post.role, hall_id=post.hall_id, region_code=post.region_code
    )


async def _tell(actor: str, what: str, staff_id: UUID, post: Post) -> None:
    told = {"role": post.role.value, "hall_id": post.hall_id, "region_code": post.region_code}
    await audit.record(actor, what, audit.staff(staff_id), detail=told, hall_id=post.hall_id)
