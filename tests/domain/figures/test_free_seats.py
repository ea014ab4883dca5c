"""Free seats ahead: what can still be booked, hour by hour, read by the key of slots."""

from datetime import timedelta
from decimal import Decimal

from app.domain.appointments import booking
from app.domain.figures import free_seats, periods
from app.domain.figures.free_seats import Hour
from app.domain.halls.models import Hall
from app.kit import clock
from app.kit import db as raw
from tests.factories.appointments import BUSINESS, make_hall, make_person, make_slot, seat, tomorrow_at


async def test_seats_are_free_hour_by_hour_until_they_are_taken_or_their_time_is_over(db: None) -> None:
    hall, other = await make_hall(), await make_hall("OTHER")
    slot = await make_slot(hall, 4)
    await make_slot(hall, 2, starts_at=tomorrow_at(10, 30))
    await make_slot(hall, 9, starts_at=tomorrow_at(11), is_open=False)
    await make_slot(hall, 9, starts_at=tomorrow_at(10) + timedelta(days=2))
    await make_slot(other, 3, starts_at=tomorrow_at(14))
    await booking.book(seat(slot, await make_person()))
    mine = Hour(hall.id, slot.on, 10, 5, 6)
    assert mine.share == Decimal("83.3")
    assert await free_seats.ahead(2) == [mine, Hour(other.id, slot.on, 14, 3, 3)]
    assert await free_seats.ahead(2, [hall.id]) == [mine]
    assert await free_seats.ahead(1, [hall.id]) == [], "tomorrow is not today"
    with clock.frozen(slot.starts_at):
        assert await free_seats.ahead(1, [hall.id]) == [], "what starts within the lead time is over"
    await Hall.filter(id=hall.id).update(is_active=False)
    assert await free_seats.ahead(2, [hall.id]) == []


_A_YEAR_OF_SLOTS = """
INSERT INTO slot (hall_id, business_id, "on", half_day, starts_at, ends_at, bookable_from, bookable_until,
                  capacity, onsite_capacity, booked, held, is_open)
SELECT $1, $2, at::date, 0, at, at + interval '15 minutes', at - interval '9 days', at, 4, 1, 0, 0, true
FROM generate_series($3::timestamptz, $3::timestamptz + interval '300 days', interval '1 hour') AS at
"""


async def test_slots_of_other_days_are_not_read(db: None) -> None:
    halls = [await make_hall(), await make_hall("OTHER")]
    for hall in halls:
        await raw.execute(_A_YEAR_OF_SLOTS, hall.id, BUSINESS, clock.now())
    await raw.execute("ANALYZE slot, hall_business, hall")
    week = periods.next_days(clock.today(), 7)
    for hall_ids in (None, [halls[0].id]):
        statement, values = free_seats.said(week, hall_ids)
        plan = "\n".join(row[0] for row in await raw.fetch(f"EXPLAIN {statement}", *values))
        assert "Seq Scan on slot" not in plan, plan
