"""What a hall is made of: itself as it hangs on the door, and its counters."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import NamedTuple

from tortoise.exceptions import IntegrityError

from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.halls import service
from app.domain.halls.errors import CounterNotFound, CounterTaken, HallCodeTaken, RegionNotFound
from app.domain.halls.models import Counter, Hall, Region
from app.domain.halls.spelling import spell
from app.domain.halls.telling import told
from app.kit import audit, db
from app.kit.errors import NotAllowed


class DoorPlate(NamedTuple):
    """What people are told of a hall, and where it stands (WGS-84 degrees)."""

    name: str
    address: str
    phone: str
    latitude: Decimal
    longitude: Decimal


class Fitting(NamedTuple):
    """A counter as somebody wants it."""

    name: str
    businesses: Collection[str]
    is_integrated: bool
    is_active: bool = True


async def found_hall(member: StaffMember, code: str, region_code: str, plate: DoorPlate) -> int:
    """A new hall; it offers no seats before it has hours, counters and booking rules. Answers its key.

    Raises NotAllowed, RegionNotFound or HallCodeTaken.
    """
    if not staff.may(member, StaffRole.SYSTEM_ADMIN, None):
        raise NotAllowed
    if not await Region.exists(code=region_code):
        raise RegionNotFound
    try:
        async with db.transaction():
            hall = await Hall.create(
                code=code,
                region_id=region_code,
                **plate._asdict(),
                **spell(plate.name, region_code)._asdict(),
            )
            detail: dict[str, audit.Plain] = {"code": code, "region": region_code}
            await told("hall_founded", hall.id, member.caller_id, plate.name, detail)
    except IntegrityError as double:
        raise HallCodeTaken from double
    hall_id: int = hall.id
    return hall_id


async def describe_hall(hall_id: int, plate: DoorPlate, *, actor: str, reason: str) -> None:
    """Change what people are told of a hall."""
    async with db.transaction():
        hall = await service.locked_hall(hall_id)
        said = {name: value for name, value in plate._asdict().items() if getattr(hall, name) != value}
        hall.update_from_dict({**said, **spell(plate.name, hall.region_id)._asdict()})
        await hall.save()
        await told("hall_described", hall_id, actor, reason, {"changed": sorted(said)})


async def add_counter(hall_id: int, number: int, fitting: Fitting, *, actor: str, reason: str) -> None:
    """One more counter. Raises CounterTaken for a number the hall has already."""
    try:
        async with db.transaction():
            await service.locked_hall(hall_id)
            made = await Counter.create(hall_id=hall_id, number=number, name=fitting.name)
            await told("counter_added", hall_id, actor, reason, {"counter": number})
            await _fit(made.id, fitting, actor=actor, reason=reason)
    except IntegrityError as double:
        raise CounterTaken from double


async def change_counter(hall_id: int, counter_id: int, fitting: Fitting, *, actor: str, reason: str) -> None:
    """Another name, other skills, open or closed. Raises CounterNotFound also for another hall's."""
    async with db.transaction():
        await service.locked_hall(hall_id)
        if not await Counter.filter(id=counter_id, hall_id=hall_id).update(name=fitting.name):
            raise CounterNotFound
        await _fit(counter_id, fitting, actor=actor, reason=reason)


async def _fit(counter_id: int, fitting: Fitting, *, actor: str, reason: str) -> None:
    businesses: Sequence[str] = () if fitting.is_integrated else sorted(fitting.businesses)
    await service.set_skills(
        counter_id, businesses, is_integrated=fitting.is_integrated, actor=actor, reason=reason
    )
    counter = await Counter.get(id=counter_id)
    if counter.is_active != fitting.is_active:
        await service.set_counter_active(counter_id, is_active=fitting.is_active, actor=actor, reason=reason)
