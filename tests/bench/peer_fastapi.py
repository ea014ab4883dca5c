"""Booking and availability as one would write them first: FastAPI, SQLAlchemy, one transaction a booking.

The peer of the benchmarks: the same promises (a token is checked, a slot is never overfull, one active
booking per person and half-day, at most three active ones), its own tables, the same PostgreSQL.
"""

import hashlib
import os
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel, Field
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from tests.bench.peer_tables import Appointment, Event, Outbox, Person, Session, Slot

SHANGHAI = ZoneInfo("Asia/Shanghai")
ACTIVE_LIMIT = 3


class BookAppointment(BaseModel):
    slot_id: int = Field(gt=0, lt=2**63)
    business: str = Field(pattern=r"^[0-9A-Za-z_-]{1,24}$")
    items: list[Annotated[str, Field(min_length=1, max_length=60)]] = Field(default=[], max_length=10)


class AppointmentView(BaseModel):
    id: UUID
    status: str
    business: str
    items: list[str]
    starts_at: datetime
    ends_at: datetime
    created_at: datetime


class SlotView(BaseModel):
    id: int
    starts_at: datetime
    ends_at: datetime
    capacity: int
    remaining: int


class DayView(BaseModel):
    date: date
    open: bool
    slots: list[SlotView]


class AvailabilityView(BaseModel):
    days: list[DayView]


engine = create_async_engine(os.environ["PEER_DATABASE_URL"])
sessions = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


async def database() -> AsyncIterator[AsyncSession]:
    """One session a request."""
    async with sessions() as session:
        yield session


Database = Annotated[AsyncSession, Depends(database)]


async def signed_in(database: Database, authorization: Annotated[str, Header()]) -> Person:
    """Who brings the token."""
    token_hash = hashlib.sha256(authorization.removeprefix("Bearer ").encode()).digest()
    person = await database.scalar(
        select(Person)
        .join(Session, Session.person_id == Person.id)
        .where(Session.token_hash == token_hash, Session.expires_at > datetime.now(SHANGHAI))
    )
    if person is None:
        raise HTTPException(401)
    return person


@app.post("/api/v1/appointments", status_code=201)
async def book(
    wanted: BookAppointment, database: Database, person: Annotated[Person, Depends(signed_in)]
) -> AppointmentView:
    """Take a seat: the slot is updated last, so that its row is locked only for the commit."""
    now = datetime.now(SHANGHAI)
    slot = await database.get(Slot, wanted.slot_id)
    if slot is None or slot.business != wanted.business:
        raise HTTPException(404)
    if not slot.bookable_from <= now < slot.bookable_until:
        raise HTTPException(409, "not open")
    if person.banned_until is not None and person.banned_until > now:
        raise HTTPException(409, "banned")
    active = (
        await database.scalars(
            select(Appointment.half_day).where(
                Appointment.person_id == person.id, Appointment.status == "booked"
            )
        )
    ).all()
    if slot.half_day in active or len(active) >= ACTIVE_LIMIT:
        raise HTTPException(409, "booked already")
    appointment = Appointment(
        id=uuid4(), slot_id=slot.id, person_id=person.id, business=slot.business, half_day=slot.half_day,
        status="booked", items=wanted.items, created_at=now,
    )  # fmt: skip
    database.add(appointment)
    database.add(Event(appointment_id=appointment.id, kind="booked"))
    database.add(Outbox(kind="appointment_booked", payload={"appointment_id": str(appointment.id)}))
    await database.flush()
    taken = await database.scalar(
        update(Slot)
        .where(Slot.id == slot.id, Slot.booked < Slot.capacity)
        .values(booked=Slot.booked + 1)
        .returning(Slot.id)
        .execution_options(synchronize_session=False)
    )
    if taken is None:
        raise HTTPException(409, "full")
    await database.commit()
    return AppointmentView(
        id=appointment.id, status="booked", business=slot.business, items=wanted.items,
        starts_at=slot.starts_at, ends_at=slot.ends_at, created_at=now,
    )  # fmt: skip


@app.get("/api/v1/halls/{hall_id}/availability")
async def availability(hall_id: int, business: str, database: Database, days: int = 7) -> AvailabilityView:
    """The free seats of one hall, day by day."""
    now = datetime.now(SHANGHAI)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    found = (
        await database.scalars(
            select(Slot)
            .where(
                Slot.hall_id == hall_id, Slot.business == business,
                Slot.starts_at >= midnight, Slot.starts_at < midnight + timedelta(days=days),
                Slot.bookable_from <= now, Slot.bookable_until > now,
            )
            .order_by(Slot.starts_at)
        )
    ).all()  # fmt: skip
    view = AvailabilityView(days=[])
    for offset in range(days):
        day = (midnight + timedelta(days=offset)).date()
        slots = [
            SlotView(
                id=slot.id,
                starts_at=slot.starts_at.astimezone(SHANGHAI),
                ends_at=slot.ends_at.astimezone(SHANGHAI),
                capacity=slot.capacity,
                remaining=slot.capacity - slot.booked,
            )
            for slot in found
            if slot.starts_at.astimezone(SHANGHAI).date() == day
        ]
        view.days.append(DayView(date=day, open=any(slot.remaining for slot in slots), slots=slots))
    return view
