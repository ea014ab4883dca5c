"""The tables of the peer, as SQLAlchemy declares them, and how they are filled."""

from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from tests.bench.dataset import statements

Moment = Annotated[datetime, mapped_column(TIMESTAMP(timezone=True))]


class Base(DeclarativeBase):
    """The peer's tables."""


class Person(Base):
    __tablename__ = "peer_person"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    banned_until: Mapped[Moment | None]


class Session(Base):
    __tablename__ = "peer_session"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("peer_person.id"))
    expires_at: Mapped[Moment]


class Slot(Base):
    __tablename__ = "peer_slot"
    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int]
    business: Mapped[str]
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    half_day: Mapped[int]
    bookable_from: Mapped[Moment]
    bookable_until: Mapped[Moment]
    capacity: Mapped[int]
    booked: Mapped[int]
    __table_args__ = (Index("peer_slot_hall", "hall_id", "business", "starts_at"),)


class Appointment(Base):
    __tablename__ = "peer_appointment"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    slot_id: Mapped[int] = mapped_column(ForeignKey("peer_slot.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("peer_person.id"))
    business: Mapped[str]
    half_day: Mapped[int]
    status: Mapped[str]
    items: Mapped[list[str]] = mapped_column(JSONB)
    created_at: Mapped[Moment] = mapped_column(server_default=func.now())
    __table_args__ = (
        Index(
            "peer_half_day_once", "person_id", "business", "half_day",
            unique=True, postgresql_where=text("status = 'booked'"),
        ),
    )  # fmt: skip


class Event(Base):
    __tablename__ = "peer_event"
    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[UUID]
    kind: Mapped[str]
    at: Mapped[Moment] = mapped_column(server_default=func.now())


class Outbox(Base):
    __tablename__ = "peer_outbox"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    payload: Mapped[dict[str, str]] = mapped_column(JSONB)


async def make_tables(url: str) -> None:
    """Make and fill the peer's tables beside ours; the URL is SQLAlchemy's."""
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        for statement in statements("peer").split(";\n"):
            if statement.strip():
                await connection.execute(text(statement))
    async with engine.connect() as connection:
        alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await alone.execute(text("VACUUM (ANALYZE)"))
    await engine.dispose()
