"""Bans and appeals before the manager of the hall where the last strike fell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from app.domain.accounts.staff import StaffMember
from app.domain.appointments import errors, penalties
from app.domain.appointments.models import AppealStatus
from app.domain.halls import posts
from app.kit import db

DECIDED: Final = penalties.APPEAL_DECIDED
"""The event, and the message it becomes."""

_BAN: Final = """
SELECT b.id, b.hall_id, b.subject_id, b.reason, b.starts_at, b.ends_at, b.lifted_at, h.name AS hall_name,
       p.name_sealed, e.name AS enterprise_name
FROM booking_ban b LEFT JOIN hall h ON h.id = b.hall_id
LEFT JOIN person p ON p.id = b.subject_id LEFT JOIN enterprise e ON e.id = b.subject_id
"""
_APPEAL: Final = f"""
SELECT a.id AS appeal_id, a.text, a.status, a.answer, a.created_at, a.decided_at, a.ban_id, ban.*
FROM booking_appeal a JOIN ({_BAN}) ban ON ban.id = a.ban_id WHERE a.id = $1
"""  # noqa: S608  Words of ours.
_OPEN: Final = """
SELECT count(*) FROM booking_appeal a JOIN booking_ban b ON b.id = a.ban_id
WHERE a.status = 'open' AND ($1::bigint[] IS NULL OR b.hall_id = ANY ($1))
"""
_STRIKES: Final = """
SELECT s.at, s.kind, s.excused_at, t.number, t.starts_at, h.name AS hall_name
FROM booking_strike s LEFT JOIN appointment t ON t.id = s.appointment_id LEFT JOIN hall h ON h.id = t.hall_id
WHERE s.subject_id = $1 AND s.kind = $2 AND s.at <= $3 ORDER BY s.at DESC LIMIT 20
"""
_DECIDED: Final = """
SELECT a.id, a.person_id, a.status, a.decided_at, h.name AS hall_name
FROM booking_appeal a JOIN booking_ban b ON b.id = a.ban_id LEFT JOIN hall h ON h.id = b.hall_id
WHERE a.id = ANY ($1::uuid[]) AND a.status <> 'open'
"""
_OWN: Final = """
SELECT text, status, answer, created_at, decided_at FROM booking_appeal
WHERE person_id = $1 ORDER BY created_at DESC LIMIT 3
"""


@dataclass(frozen=True, slots=True)
class DecidedAppeal:
    """What a message about a decided appeal needs to know."""

    person_id: UUID
    status: AppealStatus
    decided_at: datetime
    hall_name: str | None


async def appeal_of(member: StaffMember, appeal_id: UUID) -> Any:
    """An appeal with its ban. Raises AppealNotFound also for another hall's."""
    found = await db.fetch_one(_APPEAL, appeal_id)
    if found is None or not await _reaches(member, found["hall_id"]):
        raise errors.AppealNotFound
    return found


async def ban_of(member: StaffMember, ban_id: int) -> Any:
    """A ban. Raises BanNotFound also for another hall's."""
    found = await db.fetch_one(f"{_BAN} WHERE b.id = $1", ban_id)
    if found is None or not await _reaches(member, found["hall_id"]):
        raise errors.BanNotFound
    return found


async def strikes_behind(ban: Any) -> Any:
    """What a ban rests on, the latest first."""
    return await db.fetch(_STRIKES, ban["subject_id"], ban["reason"], ban["starts_at"])


async def decide(member: StaffMember, appeal_id: UUID, *, is_upheld: bool, answer: str) -> None:
    """Answer an appeal. Raises AppealNotFound, AppealDecided if somebody was quicker."""
    found = await appeal_of(member, appeal_id)
    if found["status"] != AppealStatus.OPEN:
        raise errors.AppealDecided
    try:
        await penalties.decide_appeal(appeal_id, member.id, is_upheld=is_upheld, answer=answer)
    except errors.BanNotFound:
        raise errors.AppealDecided from None


async def lift(member: StaffMember, ban_id: int, reason: str) -> None:
    """Lift a running ban and excuse the strikes behind it. Raises BanNotFound, BanOver."""
    await ban_of(member, ban_id)
    await penalties.lift(ban_id, member.caller_id, reason)


async def _reaches(member: StaffMember, hall_id: int | None) -> bool:
    within = await posts.reach(member)
    return within is None or hall_id in within


async def count_open(member: StaffMember) -> int:
    """How many wait for an answer in the halls the member's posts reach."""
    return int(await db.fetch_value(_OPEN, await posts.reach(member)))


async def decided(appeal_ids: Sequence[UUID]) -> Mapping[UUID, DecidedAppeal]:
    """The facts of decided appeals, by their ids."""
    return {
        row["id"]: DecidedAppeal(
            row["person_id"], AppealStatus(row["status"]), row["decided_at"], row["hall_name"]
        )
        for row in await db.fetch(_DECIDED, appeal_ids)
    }


async def own(person_id: UUID) -> Sequence[Any]:
    """A person's latest appeals with what was answered."""
    return await db.fetch(_OWN, person_id)
