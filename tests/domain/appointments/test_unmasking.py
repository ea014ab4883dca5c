"""A clerk sees in clear who stands in the hall, for a reason, and nobody else."""

from datetime import timedelta

import pytest

from app.domain.accounts import disclosure
from app.domain.accounts.disclosure import PersonalField
from app.domain.accounts.errors import UnmaskingNotAllowed
from app.domain.accounts.models import Person
from app.domain.accounts.staff import StaffMember
from app.domain.appointments import (
    counter,
)
from app.domain.appointments.models import Appointment
from app.domain.halls.errors import HallNotFound
from app.kit import clock, crypto, db
from app.kit.errors import TooOften
from tests.factories.appointments import make_hall
from tests.factories.counter import NINE, booked, clerk_of, waiting

pytestmark = pytest.mark.usefixtures("db")


@pytest.mark.parametrize(
    ("state", "may"), [("booked", False), ("checked_in", True), ("serving", True), ("done", False)]
)
async def test_a_clerk_unmasks_whoever_stands_in_the_hall_and_nobody_else(state: str, may: bool) -> None:
    hall = await make_hall()
    clerk, stranger = clerk_of(hall), clerk_of(await make_hall("OTHER"), "wang-wu")
    [one] = await booked(hall)
    person = (await Appointment.get(id=one.id)).person_id
    await Person.filter(id=person).update(phone_sealed=crypto.seal("13812345678"))
    await Appointment.filter(id=one.id).update(status=state)

    async def unmask(member: StaffMember) -> str:
        return await counter.unmask(member, hall.id, one.id, PersonalField.PHONE, "电话联系群众补材料")

    with clock.frozen(NINE):
        assert (await counter.card(clerk, hall.id, one.id)).may_unmask is may
        with pytest.raises(HallNotFound):
            await unmask(stranger)
        if may:
            assert await unmask(clerk) == "13812345678"
            row = await db.fetch_one(
                "SELECT actor, hall_id FROM audit_entry WHERE action = 'person.unmasked'"
            )
            assert row is not None
            assert tuple(row) == (clerk.caller_id, hall.id)
        else:
            with pytest.raises(UnmaskingNotAllowed):
                await unmask(clerk)
    with clock.frozen(NINE + timedelta(days=1)), pytest.raises(UnmaskingNotAllowed):
        await unmask(clerk)


async def test_nobody_reads_a_register_by_unmasking_it_person_by_person(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(disclosure, "_AN_HOUR", 2)
    hall = await make_hall()
    clerk = clerk_of(hall)
    [one] = await waiting(hall, clerk)
    person = (await Appointment.get(id=one)).person_id
    await Person.filter(id=person).update(phone_sealed=crypto.seal("13812345678"))
    with clock.frozen(NINE):
        for _ in range(2):
            await counter.unmask(clerk, hall.id, one, PersonalField.PHONE, "电话联系群众补材料")
        with pytest.raises(TooOften):
            await counter.unmask(clerk, hall.id, one, PersonalField.PHONE, "电话联系群众补材料")
