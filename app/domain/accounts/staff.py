"""Staff at work: signing in with password and one-time code, sessions, and what a role may do where."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app.domain.accounts import one_time_codes, passwords, rules
from app.domain.accounts.errors import SessionEnded, SignInFailed
from app.domain.accounts.models import Staff, StaffPost, StaffRole, StaffSession
from app.kit import audit, clock, crypto, db, ids

_TOUCH = timedelta(minutes=1)  # "Seen" is written at most this often.


@dataclass(frozen=True, slots=True)
class Post:
    """任岗: a role everywhere, in one hall, or in a region and all below it."""

    role: StaffRole
    hall_id: int | None = None
    region_code: str | None = None


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A member of staff signed in. Until a password that was given out is changed, no role counts."""

    id: UUID
    session_id: UUID
    username: str
    display_name: str
    posts: tuple[Post, ...]
    must_change_password: bool

    @property
    def caller_id(self) -> str:
        return audit.staff(self.id)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A staff session just begun; the token is told this once."""

    token: str
    member: StaffMember


def may(member: StaffMember, role: StaffRole, place: rules.Place | None) -> bool:
    """Whether a member may act in a role at a hall; ``None`` is a deed that belongs to no hall."""
    return not member.must_change_password and any(
        post.role is role and rules.covers(post.hall_id, post.region_code, place) for post in member.posts
    )


def holds(member: StaffMember, role: StaffRole) -> bool:
    """Whether a member has a role anywhere at all."""
    return not member.must_change_password and any(post.role is role for post in member.posts)


async def sign_in(username: str, password: str, code: str, *, address: str) -> SignedIn:
    """Begin a session of a member of staff. Raises SignInFailed, whatever the cause.

    Five failures in a row lock the account for 30 minutes. Call it outside a transaction: a
    failure is counted even though the sign-in fails.
    """
    found = await Staff.get_or_none(username=username.strip().lower())
    is_right = await passwords.matches(found.password_hash if found else passwords.NOBODY, password)
    if found is None:
        raise SignInFailed
    step = _step_of(found, code)
    if not is_right or step is None or not await _admit(found.id, step):
        await _count_failure(found.id)
        raise SignInFailed
    return await _begin(found, address)


async def staff_of(token: str) -> StaffMember:
    """Who brings this token. Raises SessionEnded, also after half an hour without a request."""
    session, now = await _running(token_hash=ids.token_hash(token)), clock.now()
    if now - session.seen_at >= _TOUCH:
        await StaffSession.filter(id=session.id).update(seen_at=now)
    return await _member(session.staff, session.id)


async def still(member: StaffMember) -> StaffMember:
    """The member with their posts as they stand now, for pages that go on telling by themselves.

    It is no request of theirs and keeps no idle session alive. Raises SessionEnded.
    """
    session = await _running(id=member.session_id)
    return await _member(session.staff, session.id)


async def as_of_now(staff_id: UUID, session_id: UUID) -> StaffMember | None:
    """Whoever asked for something in a session that may be over, with their posts as they stand now.

    ``None`` for one who has left.
    """
    found = await Staff.get_or_none(id=staff_id, is_active=True)
    return None if found is None else await _member(found, session_id)


async def _running(**which: object) -> StaffSession:
    now = clock.now()
    session = (
        await StaffSession.filter(**which, revoked_at=None, expires_at__gt=now)
        .select_related("staff")
        .get_or_none()
    )
    if session is None or not session.staff.is_active or rules.is_idle(session.seen_at, now):
        raise SessionEnded
    return session


async def sign_out(member: StaffMember) -> None:
    """End this session."""
    await StaffSession.filter(id=member.session_id, revoked_at=None).update(revoked_at=clock.now())


async def change_password(member: StaffMember, old: str, new: str) -> None:
    """Choose a new password; every other session of the member ends. Raises SignInFailed or PasswordWeak."""
    rules.check_password(new, member.username)
    found = await Staff.get(id=member.id)
    if old == new or not await passwords.matches(found.password_hash, old):
        raise SignInFailed("原密码不正确，或新密码与原密码相同，请重新填写")
    new_hash, now = await passwords.hashed(new), clock.now()
    async with db.transaction():
        await Staff.filter(id=member.id).update(
            password_hash=new_hash, password_changed_at=now, must_change_password=False
        )
        others = StaffSession.filter(staff_id=member.id, revoked_at=None).exclude(id=member.session_id)
        await others.update(revoked_at=now)
        await audit.record(member.caller_id, "staff.password_changed", member.caller_id)


def _step_of(found: Staff, code: str) -> int | None:
    if not found.totp_secret_sealed:
        return None
    return one_time_codes.matching_step(crypto.unseal(found.totp_secret_sealed), code, clock.now())


async def _admit(staff_id: UUID, step: int) -> bool:
    """Let in whoever is active, not locked, and brings a code not used before: judged on the locked row."""
    admitted = await db.execute(
        "UPDATE staff SET failed_count = 0, locked_until = NULL, totp_last_step = $2"
        " WHERE id = $1 AND is_active AND (locked_until IS NULL OR locked_until <= $3)"
        " AND (totp_last_step IS NULL OR totp_last_step < $2)",
        staff_id, step, clock.now(),
    )  # fmt: skip
    return admitted == 1


async def _count_failure(staff_id: UUID) -> None:
    """One failure more; it neither counts nor prolongs while the account is locked."""
    now = clock.now()
    async with db.transaction():
        row = await db.fetch_one(
            """
            UPDATE staff SET
                failed_count = CASE WHEN locked_until IS NULL THEN failed_count + 1 ELSE 1 END,
                locked_until = CASE WHEN locked_until IS NULL AND failed_count + 1 >= $2
                                    THEN $3::timestamptz END
            WHERE id = $1 AND (locked_until IS NULL OR locked_until <= $4)
            RETURNING locked_until
            """,
            staff_id, rules.STAFF_FAILURES, now + rules.STAFF_LOCK, now,
        )  # fmt: skip
        if row is not None:
            is_locked = row["locked_until"] is not None
            await audit.record(
                audit.SYSTEM, "staff.sign_in_failed", audit.staff(staff_id), detail={"locked": is_locked}
            )


async def _begin(found: Staff, address: str) -> SignedIn:
    token, now = ids.new_token(), clock.now()
    async with db.transaction():
        session = await StaffSession.create(
            id=ids.uuid7(),
            token_hash=ids.token_hash(token),
            staff_id=found.id,
            address=address,
            seen_at=now,
            expires_at=now + rules.STAFF_DAY,
        )
        await audit.record(audit.staff(found.id), "staff.signed_in", audit.staff(found.id))
    return SignedIn(token, await _member(found, session.id))


async def _member(found: Staff, session_id: UUID) -> StaffMember:
    posts = [
        Post(one.role, one.hall_id, one.region_code)
        for one in await StaffPost.filter(staff_id=found.id).order_by("id")
    ]
    return StaffMember(
        id=found.id,
        session_id=session_id,
        username=found.username,
        display_name=found.display_name,
        posts=tuple(posts),
        must_change_password=found.must_change_password,
    )
