"""The database and the rules in Python judge alike, and a long life of bookings keeps every promise."""

import random
from datetime import datetime, timedelta
from itertools import product
from uuid import UUID

import pytest

from app.domain.accounts.models import IdentityLevel
from app.domain.appointments import booking, rules
from app.domain.appointments.allocator import allocator
from app.domain.appointments.models import ACTIVE, Appointment, AppointmentEvent, BookingRules, Slot, Standing
from app.domain.halls.models import Hall
from app.kit import clock, db
from app.kit.errors import Fault
from tests.factories.appointments import BUSINESS, make_hall, make_person, make_slot, seat, tomorrow_at

pytestmark = pytest.mark.usefixtures("db")

MINUTE = timedelta(minutes=1)


async def _judge_both(draw: random.Random, hall: Hall) -> tuple[str, str]:
    """One drawn situation, judged by the database and by the rules."""
    now = clock.now()
    person, level = await make_person(), draw.choice(list(IdentityLevel))
    capacity, booked = draw.choice([(0, 0), (1, 0), (1, 1), (2, 1), (2, 2)])
    opens, closes = draw.choice([(-9, 10), (-9, 10), (-9, 10), (-9, -8), (9, 10)])
    slot = await make_slot(
        hall, capacity, booked=booked, is_open=draw.random() < 0.9,
        starts_at=tomorrow_at(8) + MINUTE * draw.randrange(10**6),
        bookable_from=now + MINUTE * opens, bookable_until=now + MINUTE * closes,
    )  # fmt: skip
    active = draw.choice([0, 0, 0, 1, 2])
    banned: datetime | None = now + MINUTE * draw.choice([-5, 5]) if draw.random() < 0.3 else None
    await Standing.create(subject_id=person, active=active, banned_until=banned)
    duplicate = draw.random() < 0.2
    if duplicate:
        await db.execute(
            "INSERT INTO appointment (id, number, slot_id, hall_id, business_id, person_id, subject_id,"
            " starts_at, ends_at, half_day, status, items, channel, created_at, updated_at)"
            " SELECT gen_random_uuid(), $1, id, hall_id, business_id, $2, $2, starts_at, ends_at, half_day,"
            " 'booked', '[]', 'MP', $3, $3"
            " FROM slot WHERE id = $4",
            f"{draw.randrange(10**8):08d}", person, now, slot.id,
        )  # fmt: skip
    business = BUSINESS if draw.random() < 0.9 else "OTHER"
    house = await BookingRules.get(hall=hall)
    facts = rules.SeatFacts(
        BUSINESS, slot.is_open, slot.bookable_from, slot.bookable_until, capacity - booked,
        house.required_level, level, banned, duplicate, active, house.active_limit,
    )  # fmt: skip
    answer = await allocator.take(seat(slot, person, level=level, business_id=business))
    return answer.verdict, rules.verdict(facts, business, now)


@pytest.mark.parametrize("seed", range(3))
async def test_database_and_rules_reach_the_same_verdict(seed: int) -> None:
    draw = random.Random(seed)
    seen = set()
    halls = [
        await make_hall(f"H{level.rank}", required_level=level, active_limit=2) for level in IdentityLevel
    ]
    for _ in range(120):
        said, expected = await _judge_both(draw, draw.choice(halls))
        assert said == expected
        seen.add(said)
    assert {"booked", "full", "too_early", "too_late", "closed", "active_limit"} <= seen


@pytest.mark.parametrize("seed", range(3))
async def test_a_random_life_of_bookings_matches_its_model(seed: int) -> None:
    """Book, cancel and move at random; after each step the rows agree with a plain-Python model."""
    draw = random.Random(seed)
    hall = await make_hall(active_limit=2, cancel_limit=1000)
    slots = [
        await make_slot(hall, draw.randint(1, 2), starts_at=tomorrow_at(hour) + timedelta(days=day))
        for day, hour in product(range(3), (9, 10, 15))
    ]
    people = [await make_person() for _ in range(4)]
    held: dict[UUID, tuple[UUID, Slot]] = {}

    def is_free(slot: Slot, person: UUID, moving: UUID | None = None) -> bool:
        others = {key: value for key, value in held.items() if key != moving}
        mine = [taken for owner, taken in others.values() if owner == person]
        return (
            sum(taken.id == slot.id for _, taken in others.values()) < slot.capacity
            and all(taken.half_day != slot.half_day for taken in mine)
            and len(mine) < 2
        )

    for _ in range(120):
        slot, person = draw.choice(slots), draw.choice(people)
        deed = draw.choice(("book", "book", "cancel", "move"))
        if deed == "book" or not held:
            expected = is_free(slot, person)
            try:
                held[(await booking.book(seat(slot, person))).id] = (person, slot)
            except Fault:
                assert not expected
            else:
                assert expected
            continue
        chosen = draw.choice(list(held))
        owner, before = held[chosen]
        if deed == "cancel":
            await booking.cancel(chosen, owner)
            del held[chosen]
            continue
        expected = is_free(slot, owner, moving=chosen) and slot.id != before.id
        try:
            await booking.reschedule(chosen, owner, slot.id, IdentityLevel.WX_BOUND)
        except Fault:
            assert not expected
        else:
            assert expected
            held[chosen] = (owner, slot)
    await _agree(held)


async def _agree(held: dict[UUID, tuple[UUID, Slot]]) -> None:
    """Seats, standings, numbers and history say what the model says."""
    live = await Appointment.filter(status__in=ACTIVE)
    assert {row.id: (row.person_id, row.slot_id) for row in live} == {
        key: (person, slot.id) for key, (person, slot) in held.items()
    }
    for slot in await Slot.all():
        assert slot.booked == sum(taken.id == slot.id for _, taken in held.values())
    for standing in await Standing.all():
        assert standing.active == sum(person == standing.subject_id for person, _ in held.values())
    assert len({row.number for row in live}) == len(live)
    for row in await Appointment.all():
        last = await AppointmentEvent.filter(appointment_id=row.id).order_by("-id").first()
        assert last is not None
        assert last.to_status == row.status
