"""What waits for a case of another system is found when the case arrives, however much else waits."""

from typing import Any

import pytest

from app.domain.cases import arrivals as new_cases
from app.domain.cases.models import Case
from app.domain.partners import arrivals, keeping
from app.domain.partners.models import PartnerArrival
from app.kit import clock, db
from tests.factories.cases import case_number, make_case
from tests.factories.partners import make_partner

pytestmark = pytest.mark.usefixtures("db")


async def many_wait(system_id: int, many: int = 20_000) -> None:
    await db.execute(
        "INSERT INTO partner_message (system_id, sequence, kind, case_number, step, digest, state,"
        " received_at, waiting_since) SELECT $1, 100000 + n, 'acceptance', 'WAITS-' || n, 1, '\\x00',"
        " 'parked', $3, $3 FROM generate_series(1, $2::int) AS n",
        system_id, many, clock.now(),
    )  # fmt: skip
    await db.execute("ANALYZE partner_message")


async def test_a_case_of_our_own_lets_go_on_who_waited_for_it() -> None:
    office, number = await make_partner(), case_number()
    await office.take_in(office.tell("acceptance", number, 1), office.tell("review", number, 2))
    assert await keeping.release() == 0
    await make_case(number=number)
    assert await keeping.release() == 2
    assert (await Case.get(number=number)).state == "review"
    assert not await PartnerArrival.exists()


async def test_who_waits_for_an_earlier_step_is_not_looked_at_when_the_case_arrives() -> None:
    office, number = await make_partner(), case_number()
    await office.take_in(office.tell("review", number, 2))
    await make_case(number=number)
    assert not await PartnerArrival.exists()


async def test_its_own_case_needs_no_note() -> None:
    partner, number = await make_partner(), case_number()
    await partner.take_in(partner.tell("acceptance", number, 2))
    await partner.take_in(partner.tell("application", number, 1))
    assert (await Case.get(number=number)).accepted_at is not None
    assert not await PartnerArrival.exists()


async def test_who_was_parked_while_the_case_was_being_written_is_found_within_a_minute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    office, number = await make_partner(), case_number()
    await office.take_in(office.tell("acceptance", number, 1))

    async def unseen(*_: Any) -> None:
        pass

    monkeypatch.setitem(new_cases._listeners, "partners", unseen)
    await make_case(number=number)
    assert await keeping.release() == 0
    await keeping.tend()
    await keeping.tend()
    assert await PartnerArrival.all().count() == 1
    assert await keeping.release() == 1


@pytest.mark.parametrize(
    ("sql", "given"),
    [
        (arrivals._NOTE, (["WAITS-77", "NOBODY-1"],)),
        (arrivals._NEXT, (500,)),
    ],
    ids=["a case arrives", "every two seconds"],
)
async def test_who_waits_is_found_by_an_index(sql: str, given: tuple[Any, ...]) -> None:
    await many_wait((await make_partner()).id)
    rows = await db.fetch(f"EXPLAIN (ANALYZE) {sql}", *given)
    plan = "\n".join(row["QUERY PLAN"] for row in rows)
    assert "Seq Scan on partner_message" not in plan, plan
    if sql is arrivals._NOTE:
        assert "partner_message_awaiting" in plan, plan
    else:
        assert "partner_message" not in plan, plan
