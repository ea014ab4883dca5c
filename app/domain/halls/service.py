"""What an administrator can do to a hall. Each act is one transaction, audited, and told as an event.

``hall_schedule_changed {hall_id}`` (``null``: every hall) is read by whoever plans seats.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from app.domain.halls.errors import (
    BadBlackout,
    BadOpeningHours,
    BlackoutNotFound,
    BusinessNotFound,
    CounterNotFound,
    ExceptionNotFound,
    HallNotFound,
    PastDay,
)
from app.domain.halls.models import (
    Blackout,
    Business,
    Counter,
    CounterSkill,
    Hall,
    HallBusiness,
    HallException,
    OpeningHours,
)
from app.domain.halls.opening import BlackoutRule, Span, are_sound
from app.domain.halls.telling import told
from app.kit import audit, clock, db


class DayHours(NamedTuple):
    """A span of a weekday (ISO: 1 Monday to 7 Sunday)."""

    weekday: int
    hours: Span


async def set_opening_hours(
    hall_id: int, hours: Sequence[DayHours], *, valid_from: date, actor: str, reason: str
) -> None:
    """Give a hall new weekly hours from a day on; what was valid until then ends the day before."""
    _refuse_past(valid_from)
    _check_week(hours)
    async with db.transaction():
        await locked_hall(hall_id)
        await OpeningHours.filter(hall_id=hall_id, valid_from__gte=valid_from).delete()
        await db.execute(
            "UPDATE opening_hours SET valid_to = $2"
            " WHERE hall_id = $1 AND (valid_to IS NULL OR valid_to > $2)",
            hall_id,
            valid_from - timedelta(days=1),
        )
        await OpeningHours.bulk_create(
            OpeningHours(
                hall_id=hall_id,
                weekday=day.weekday,
                opens_at=day.hours[0],
                closes_at=day.hours[1],
                valid_from=valid_from,
            )
            for day in hours
        )
        week = [f"{day.weekday} {_words(day.hours)}" for day in hours]
        detail: dict[str, audit.Plain] = {"from": valid_from.isoformat(), "hours": week}
        await told("opening_hours_set", hall_id, actor, reason, detail)


async def set_special_day(hall_id: int, on: date, hours: Sequence[Span], *, actor: str, reason: str) -> None:
    """Have a hall open at other hours on one day, holiday or not; no hours: closed that day."""
    _refuse_past(on)
    if not are_sound(hours):
        raise BadOpeningHours(fields={"hours": [BadOpeningHours.message]})
    async with db.transaction():
        await locked_hall(hall_id)
        await HallException.filter(hall_id=hall_id, on=on).delete()
        spans: Sequence[Span | None] = hours or [None]
        await HallException.bulk_create(
            HallException(
                hall_id=hall_id, on=on, is_closed=span is None, reason=reason,
                opens_at=span[0] if span else None, closes_at=span[1] if span else None,
            )
            for span in spans
        )  # fmt: skip
        detail: dict[str, audit.Plain] = {"on": on.isoformat(), "hours": [_words(span) for span in hours]}
        await told("special_day_set", hall_id, actor, reason, detail)


async def drop_special_day(hall_id: int, on: date, *, actor: str, reason: str) -> None:
    """Let a day follow the weekly hours again."""
    _refuse_past(on)
    async with db.transaction():
        await locked_hall(hall_id)
        if not await HallException.filter(hall_id=hall_id, on=on).delete():
            raise ExceptionNotFound
        await told("special_day_dropped", hall_id, actor, reason, {"on": on.isoformat()})


async def add_blackout(hall_id: int | None, rule: BlackoutRule, *, actor: str) -> int:
    """Stop bookings as a rule says, in one hall or (``None``) in every hall; answers the blackout's id."""
    _check_blackout(rule)
    async with db.transaction():
        if hall_id is not None:
            await locked_hall(hall_id)
        if rule.business is not None:
            await _check_businesses([rule.business])
        blackout = await Blackout.create(
            hall_id=hall_id, business_id=rule.business, on=rule.on, is_first_workday=rule.is_first_workday,
            day_of_month=rule.day_of_month, half=rule.half, reason=rule.reason,
        )  # fmt: skip
        detail: dict[str, audit.Plain] = {"blackout": blackout.id, "business": rule.business}
        await told("blackout_added", hall_id, actor, rule.reason, detail)
        blackout_id: int = blackout.id
    return blackout_id


async def drop_blackout(blackout_id: int, *, actor: str, reason: str) -> None:
    """Take bookings again where a blackout stopped them."""
    async with db.transaction():
        blackout = await Blackout.filter(id=blackout_id).select_for_update().first()
        if blackout is None:
            raise BlackoutNotFound
        await blackout.delete()
        hall_id: int | None = blackout.hall_id  # type: ignore[attr-defined]  # Tortoise adds it to the class
        await told("blackout_dropped", hall_id, actor, reason, {"blackout": blackout_id})


async def set_business(
    hall_id: int,
    business: str,
    *,
    is_offered: bool,
    handling_minutes: int | None = None,
    actor: str,
    reason: str,
) -> None:
    """Have a hall offer a business, perhaps at its own pace, or no longer offer it."""
    async with db.transaction():
        await locked_hall(hall_id)
        await _check_businesses([business])
        await HallBusiness.update_or_create(
            {"is_active": is_offered, "handling_minutes": handling_minutes},
            hall_id=hall_id,
            business_id=business,
        )
        detail: dict[str, audit.Plain] = {
            "business": business, "is_offered": is_offered, "handling_minutes": handling_minutes
        }  # fmt: skip
        await told("hall_business_set", hall_id, actor, reason, detail)


async def set_skills(
    counter_id: int, businesses: Iterable[str], *, is_integrated: bool, actor: str, reason: str
) -> None:
    """Say what a counter takes; an integrated one (综合窗口) takes every business of its hall."""
    wanted = sorted(set(businesses))
    async with db.transaction():
        counter, hall_id = await _counter(counter_id)
        await _check_businesses(wanted)
        await CounterSkill.filter(counter_id=counter_id).delete()
        await CounterSkill.bulk_create(
            CounterSkill(counter_id=counter_id, business_id=code) for code in wanted
        )
        counter.is_integrated = is_integrated
        await counter.save(update_fields=["is_integrated"])
        detail: dict[str, audit.Plain] = {
            "counter": counter.number, "businesses": wanted, "is_integrated": is_integrated
        }  # fmt: skip
        await told("counter_skills_set", hall_id, actor, reason, detail)


async def set_counter_active(counter_id: int, *, is_active: bool, actor: str, reason: str) -> None:
    """Open or close a counter until further notice."""
    async with db.transaction():
        counter, hall_id = await _counter(counter_id)
        counter.is_active = is_active
        await counter.save(update_fields=["is_active"])
        action = "counter_opened" if is_active else "counter_closed"
        await told(action, hall_id, actor, reason, {"counter": counter.number})


async def close_hall(hall_id: int, *, actor: str, reason: str) -> None:
    """Close a hall for good: it leaves the lists and has no open hours."""
    await _set_hall_active(hall_id, is_active=False, action="hall_closed", actor=actor, reason=reason)


async def reopen_hall(hall_id: int, *, actor: str, reason: str) -> None:
    """Take a closed hall into the lists again."""
    await _set_hall_active(hall_id, is_active=True, action="hall_reopened", actor=actor, reason=reason)


async def _set_hall_active(hall_id: int, *, is_active: bool, action: str, actor: str, reason: str) -> None:
    async with db.transaction():
        hall = await locked_hall(hall_id)
        hall.is_active = is_active
        await hall.save(update_fields=["is_active"])
        await told(action, hall_id, actor, reason, {})


async def locked_hall(hall_id: int) -> Hall:
    """The hall, so that two administrators change it one after the other."""
    hall = await Hall.filter(id=hall_id).select_for_update(no_key=True).first()
    if hall is None:
        raise HallNotFound
    return hall


async def _counter(counter_id: int) -> tuple[Counter, int]:
    counter = await Counter.filter(id=counter_id).select_for_update(no_key=True).first()
    if counter is None:
        raise CounterNotFound
    hall_id: int = counter.hall_id  # type: ignore[attr-defined]  # Tortoise adds it to the class
    return counter, hall_id


async def _check_businesses(codes: Sequence[str]) -> None:
    if await Business.filter(code__in=codes).count() < len(codes):
        raise BusinessNotFound


def _check_week(hours: Sequence[DayHours]) -> None:
    by_weekday: dict[int, list[Span]] = {}
    for day in hours:
        by_weekday.setdefault(day.weekday, []).append(day.hours)
    for weekday, spans in by_weekday.items():
        if not 1 <= weekday <= 7 or not are_sound(spans):
            raise BadOpeningHours(fields={"hours": [BadOpeningHours.message]})


def _check_blackout(rule: BlackoutRule) -> None:
    named = (rule.on is not None) + rule.is_first_workday + (rule.day_of_month is not None)
    if named != 1 or (rule.day_of_month is not None and not 1 <= rule.day_of_month <= 31):
        raise BadBlackout(fields={"on": [BadBlackout.message]})
    if rule.on is not None:
        _refuse_past(rule.on)


def _refuse_past(on: date) -> None:
    if on < clock.today():
        raise PastDay


def _words(span: Span) -> str:
    return f"{span[0]:%H:%M}-{span[1]:%H:%M}"
