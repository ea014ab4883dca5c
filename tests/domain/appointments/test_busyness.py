"""How busy halls are: who waits, what is free, and that reading it meets only the days asked for."""

from datetime import timedelta

from app.domain.appointments import booking, busyness
from app.domain.appointments.busyness import DAYS, Busyness
from app.domain.appointments.models import Appointment
from app.kit import clock
from app.kit import db as raw
from tests.factories.appointments import BUSINESS, make_hall, make_person, make_slot, seat, tomorrow_at


async def test_only_what_can_be_booked_now_counts(db: None) -> None:
    hall, empty = await make_hall(), await make_hall("EMPTY")
    slot = await make_slot(hall, capacity=3)
    await make_slot(hall, capacity=9, starts_at=tomorrow_at(11), is_open=False)
    await make_slot(
        hall, capacity=9, starts_at=tomorrow_at(12), bookable_from=clock.now() + timedelta(hours=1)
    )
    await make_slot(hall, capacity=9, starts_at=tomorrow_at(9) + timedelta(days=DAYS))
    await booking.book(seat(slot, await make_person()))
    assert await busyness.at_halls([empty.id, hall.id]) == [
        Busyness(0, 0, None, 0),
        Busyness(0, 0, slot.on, 2),
    ]
    with clock.frozen(slot.starts_at - timedelta(hours=2)):
        assert await busyness.at_halls([hall.id]) == [Busyness(0, 2 + 9, None, 0)]


async def test_who_checked_in_today_and_is_not_called_yet_waits(db: None) -> None:
    hall = await make_hall()
    slot = await make_slot(hall, capacity=3)
    for state in ("checked_in", "serving", "booked"):
        made = await booking.book(seat(slot, await make_person()))
        await Appointment.filter(id=made.id).update(status=state)
    [now] = await busyness.at_halls([hall.id])
    assert now.waiting == 0, "it is for tomorrow"
    with clock.frozen(slot.starts_at):
        [then] = await busyness.at_halls([hall.id])
    assert then.waiting == 1


_A_YEAR_OF_SLOTS = """
INSERT INTO slot (hall_id, business_id, "on", half_day, starts_at, ends_at, bookable_from, bookable_until,
                  capacity, onsite_capacity, booked, held, is_open)
SELECT $1, $2, at::date, 0, at, at + interval '15 minutes', at - interval '9 days', at, 4, 1, 0, 0, true
FROM generate_series($3::timestamptz, $3::timestamptz + interval '300 days', interval '1 hour') AS at
"""


_SOMEBODY_IN_EACH = """
INSERT INTO appointment (id, number, slot_id, hall_id, business_id, person_id, subject_id, starts_at, ends_at,
                         half_day, status, items, channel, created_at, updated_at)
SELECT gen_random_uuid(), lpad(id::text, 8, '0'), id, hall_id, business_id, $1, $1, starts_at, ends_at,
       id, 'checked_in', '[]', 'MP', starts_at, starts_at
FROM slot
"""


async def test_slots_of_other_days_are_not_read(db: None) -> None:
    """The key of slots leads to the week, however many weeks there are."""
    now = clock.now()
    halls = [await make_hall(), await make_hall("OTHER")]
    for hall in halls:
        await raw.execute(_A_YEAR_OF_SLOTS, hall.id, BUSINESS, now)
    await raw.execute(_SOMEBODY_IN_EACH, await make_person())
    await raw.execute("ANALYZE slot, hall_business, appointment")
    plan = await raw.fetch(
        f"EXPLAIN {busyness._DAY_BY_DAY}",
        [hall.id for hall in halls], now, now, now + timedelta(days=DAYS), now.date(),
    )  # fmt: skip
    told = "\n".join(row[0] for row in plan)
    assert "Seq Scan on slot" not in told
    assert "(starts_at >=" in told.replace("s.starts_at", "starts_at"), told
    assert "appointment_live_by_slot" in told, told
