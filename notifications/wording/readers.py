"""Staff and their own WeChat: linked once by a code said to the public account, for trying messages out."""

import secrets
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from asyncpg import UniqueViolationError
from tortoise.exceptions import IntegrityError

from app.domain.accounts import merging, portability
from app.domain.accounts.merging import Rows
from app.domain.accounts.staff import StaffMember
from app.kit import audit, clock, crypto, db, limits
from notifications.wording.errors import LinkCodeWrong, NotLinked, TriesUsedUp

CODE_LIFETIME: Final = timedelta(minutes=10)
DIGITS: Final = 6
A_DAY: Final = 20
"""So many tries a member of staff has a day."""

_OTHER_CODES = 5  # Tried when a code drawn is somebody else's already.
# Guesses of one asker in half an hour, and of everybody in the lifetime of a code.
_GUESSES: Final = (5, 1800)
_ALL_GUESSES: Final = (60, 600)


async def new_code(member: StaffMember) -> tuple[str, datetime]:
    """A code for linking, and until when it works; it replaces the one before and is told this once."""
    expires_at = clock.now() + CODE_LIFETIME
    for turn in range(_OTHER_CODES):
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
        try:
            async with db.transaction():
                await db.execute(_NEW_CODE, member.id, _hash(code), expires_at, clock.now())
        except (IntegrityError, UniqueViolationError):
            if turn == _OTHER_CODES - 1:
                raise
        else:
            break
    return code, expires_at


_NEW_CODE = """
WITH forgotten AS (DELETE FROM staff_link_code WHERE expires_at <= $4 AND staff_id <> $1)
INSERT INTO staff_link_code (staff_id, code_hash, expires_at) VALUES ($1, $2, $3)
ON CONFLICT (staff_id) DO UPDATE SET code_hash = excluded.code_hash, expires_at = excluded.expires_at
"""


async def link(code: str, person_id: UUID, *, asked_by: str) -> None:
    """Whoever says a code that works is that member of staff from now on; the code is used up.

    Raises LinkCodeWrong; TooOften for who guesses, counted for this asker and for all together;
    UpstreamDown while guesses cannot be counted.
    """
    await limits.hit("staff_link", asked_by, allowance=_GUESSES[0], per_s=_GUESSES[1], closed=True)
    await limits.hit("staff_link", "all", allowance=_ALL_GUESSES[0], per_s=_ALL_GUESSES[1], closed=True)
    now = clock.now()
    async with db.transaction():
        staff_id: UUID | None = await db.fetch_value(
            "DELETE FROM staff_link_code WHERE code_hash = $1 AND expires_at > $2 RETURNING staff_id",
            _hash(code), now,
        )  # fmt: skip
        if staff_id is None:
            raise LinkCodeWrong
        await db.execute(_LINK, staff_id, person_id, now)
        await audit.record(audit.staff(staff_id), "staff.linked_wechat", audit.person(person_id))


# Linking anew does not bring back the tries of the day.
_LINK = """
INSERT INTO staff_reader (staff_id, person_id, linked_at, tries) VALUES ($1, $2, $3, 0)
ON CONFLICT (staff_id) DO UPDATE SET person_id = excluded.person_id, linked_at = excluded.linked_at
"""


async def count_try(member: StaffMember) -> None:
    """Take one of the day's tries, in the caller's transaction. Raises NotLinked or TriesUsedUp."""
    today = clock.today()
    is_counted = await db.execute(
        "UPDATE staff_reader SET tried_on = $2, tries = CASE WHEN tried_on = $2 THEN tries + 1 ELSE 1 END"
        " WHERE staff_id = $1 AND (tried_on IS DISTINCT FROM $2 OR tries < $3)",
        member.id, today, A_DAY,
    )  # fmt: skip
    if not is_counted:
        if not await is_linked(member):
            raise NotLinked
        midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        raise TriesUsedUp(retry_after=max(int((midnight - clock.now()).total_seconds()), 1))


async def is_linked(member: StaffMember) -> bool:
    """Whether the member has linked a WeChat."""
    return bool(
        await db.fetch_value("SELECT EXISTS (SELECT 1 FROM staff_reader WHERE staff_id = $1)", member.id)
    )


async def people_of(staff_ids: list[UUID]) -> dict[UUID, UUID]:
    """The person behind each member of staff who has linked one."""
    rows = await db.fetch("SELECT staff_id, person_id FROM staff_reader WHERE staff_id = ANY ($1)", staff_ids)
    return {row["staff_id"]: row["person_id"] for row in rows}


async def _export(person_id: UUID) -> object:
    rows = await db.fetch("SELECT linked_at FROM staff_reader WHERE person_id = $1", person_id)
    return [{"linked_at": row["linked_at"]} for row in rows]


async def _leave(person_id: UUID) -> None:
    await db.execute("DELETE FROM staff_reader WHERE person_id = $1", person_id)


def register() -> None:
    """Have links go along when persons are merged, export their data or leave."""
    merging.register("staff_readers", Rows("staff_reader", key="staff_id"))
    portability.register("staff_links", _export)
    portability.before_deletion("staff_links", _leave)


def _hash(code: str) -> bytes:
    return crypto.lookup_hash(code, "staff link")
