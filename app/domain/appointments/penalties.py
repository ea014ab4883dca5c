"""No-shows and frequent cancellations: strikes that decay, bans that end, appeals that lift them."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.domain.accounts import free_text
from app.domain.appointments import errors, rules
from app.domain.appointments.models import (
    Appeal,
    AppealStatus,
    Appointment,
    Ban,
    BookingRules,
    Strike,
    StrikeKind,
)
from app.kit import audit, clock, db, outbox
from app.kit.ids import uuid7

APPEAL_DECIDED: Final = "booking_appeal_decided"


async def strike(
    appointment: Appointment, kind: StrikeKind, house: BookingRules, now: datetime
) -> Ban | None:
    """Hold the subject to account for one appointment, once; at the hall's limit it is banned.

    The caller holds the lock of the subject's standing, so strikes of one subject are counted in turn.
    """
    written = await db.execute(
        "INSERT INTO booking_strike (subject_id, appointment_id, kind, at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT DO NOTHING",
        appointment.subject_id, appointment.id, kind.value, now,
    )  # fmt: skip
    if not written:
        return None
    limit, days = _measure(kind, house)
    since = now - timedelta(days=days)
    strikes = await Strike.filter(
        subject_id=appointment.subject_id, kind=kind, at__gt=since, excused_at__isnull=True
    )
    last = await Ban.filter(subject_id=appointment.subject_id, reason=kind).order_by("-starts_at").first()
    if not rules.is_banned_by(
        [one.at for one in strikes], limit, days, last.starts_at if last else None, now
    ):
        return None
    return await _ban(appointment, kind, house, now)


def _measure(kind: StrikeKind, house: BookingRules) -> tuple[int, int]:
    if kind is StrikeKind.NO_SHOW:
        return house.no_show_limit, house.no_show_days
    return house.cancel_limit, house.cancel_days


async def _ban(appointment: Appointment, kind: StrikeKind, house: BookingRules, now: datetime) -> Ban:
    ends_at = now + timedelta(days=house.ban_days)
    ban = await Ban.create(
        subject_id=appointment.subject_id,
        hall_id=appointment.hall_id,
        reason=kind,
        starts_at=now,
        ends_at=ends_at,
    )
    await _remember_ban(appointment.subject_id)
    await outbox.emit("booking_banned", {"ban_id": ban.id, "person_id": str(appointment.person_id)})
    return ban


async def _remember_ban(subject_id: UUID) -> None:
    """Copy the end of the longest running ban to the standing, which every booking reads."""
    await db.execute(
        """
        INSERT INTO booking_standing AS s (subject_id, active, banned_until)
        VALUES ($1, 0, (SELECT max(ends_at) FROM booking_ban WHERE subject_id = $1 AND lifted_at IS NULL))
        ON CONFLICT (subject_id) DO UPDATE SET banned_until = excluded.banned_until
        """,
        subject_id,
    )


async def appeal(person_id: UUID, subject_id: UUID, text: str) -> Appeal:
    """Ask for one's own running ban, or that of one's enterprise, to be lifted; one appeal at a time.

    Raises TextNotAllowed, BanNotFound or AppealOpen.
    """
    opinion = await free_text.check(person_id, text)
    now = clock.now()
    async with db.transaction():
        ban = await _running_ban(subject_id, now)
        if ban is None:
            raise errors.BanNotFound
        if await Appeal.filter(ban_id=ban.id, status=AppealStatus.OPEN).exists():
            raise errors.AppealOpen
        made = await Appeal.create(id=uuid7(), ban=ban, person_id=person_id, text=text)
        await free_text.mark(opinion, person_id, f"appeal:{made.id}")
        return made


async def _running_ban(subject_id: UUID, now: datetime) -> Ban | None:
    return (
        await Ban.filter(subject_id=subject_id, lifted_at__isnull=True, ends_at__gt=now)
        .order_by("-ends_at")
        .select_for_update()
        .first()
    )


async def decide_appeal(appeal_id: UUID, staff_id: UUID, *, is_upheld: bool, answer: str) -> Appeal:
    """Answer an appeal; upheld, the ban is lifted and the strikes behind it are excused."""
    now = clock.now()
    async with db.transaction():
        found = await Appeal.filter(id=appeal_id, status=AppealStatus.OPEN).select_for_update().first()
        if found is None:
            raise errors.BanNotFound
        found.status = AppealStatus.UPHELD if is_upheld else AppealStatus.REFUSED
        found.answer, found.decided_at, found.decided_by = answer, now, staff_id
        await found.save()
        ban = await Ban.get(id=found.ban_id)
        if is_upheld and ban.lifted_at is None:
            await _lift(ban, now)
        await outbox.emit(APPEAL_DECIDED, {"appeal_id": str(appeal_id)})
        await audit.record(
            f"staff:{staff_id}",
            f"appeal_{found.status.value}",
            f"appeal:{appeal_id}",
            reason=answer,
            hall_id=ban.hall_id,
        )
    return found


async def lift(ban_id: int, actor: str, reason: str) -> None:
    """Lift a running ban and excuse the strikes behind it. Raises BanOver."""
    now = clock.now()
    async with db.transaction():
        ban = await Ban.filter(id=ban_id, lifted_at__isnull=True, ends_at__gt=now).select_for_update().first()
        if ban is None:
            raise errors.BanOver
        await _lift(ban, now)
        await audit.record(actor, "booking_ban_lifted", f"ban:{ban_id}", reason=reason, hall_id=ban.hall_id)


async def _lift(ban: Ban, now: datetime) -> None:
    ban.lifted_at = now
    await ban.save(update_fields=["lifted_at"])
    await Strike.filter(
        subject_id=ban.subject_id, kind=ban.reason, at__lte=ban.starts_at, excused_at__isnull=True
    ).update(excused_at=now)
    await _remember_ban(ban.subject_id)
