"""Certificates as the days pass, by the task of every night and for whoever looks before it ran."""

from datetime import timedelta
from typing import Any

import pytest

from app.domain.certificates import expiry, holdings
from app.domain.certificates.models import Certificate
from app.kit import clock, db
from tests.factories.accounts import uscc_number
from tests.factories.certificates import certificate
from tests.factories.partners import make_partner
from tests.factories.sharing import make_citizen, make_enterprise

pytestmark = pytest.mark.usefixtures("db")


async def push(**facts: Any) -> None:
    await (await make_partner()).take_in(certificate(1, **facts))


async def events() -> list[str]:
    rows = await db.fetch("SELECT payload->>'state' AS state FROM outbox_event ORDER BY id")
    return [row["state"] for row in rows]


async def test_each_step_comes_on_its_day_and_is_told_once() -> None:
    await make_enterprise(uscc_number(1))
    today = clock.today()
    await push(valid_from=str(today + timedelta(days=5)), valid_until=str(today + timedelta(days=100)))
    seen = []
    for days in (0, 4, 5, 69, 70, 70, 100, 101, 150):
        with clock.frozen(clock.now() + timedelta(days=days)):
            await expiry.move_on()
            seen.append((await Certificate.get()).state.value)
    expected = ["verified", "verified", "valid", "valid", "expiring", "expiring", "expiring"]
    assert seen == [*expected, "expired", "expired"]
    assert await events() == ["expiring", "expired"]


async def test_a_task_that_did_not_run_for_months_tells_only_how_it_ended() -> None:
    await make_enterprise(uscc_number(1))
    today = clock.today()
    await push(valid_from=str(today + timedelta(days=5)), valid_until=str(today + timedelta(days=100)))
    with clock.frozen(clock.now() + timedelta(days=200)):
        assert await expiry.move_on() == 1
    assert await events() == ["expired"]


@pytest.mark.parametrize("status", ["locked", "revoked", "cancelled"])
async def test_what_its_issuer_ended_is_let_be(status: str) -> None:
    await push(status=status, valid_until=str(clock.today() + timedelta(days=10)))
    with clock.frozen(clock.now() + timedelta(days=20)):
        assert await expiry.move_on() == 0


async def test_more_than_a_batch_is_done_in_one_night(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiry, "_BATCH", 2)
    await make_enterprise(uscc_number(1))
    until = str(clock.today() + timedelta(days=40))
    await (await make_partner()).take_in(
        *(certificate(place, f"A{place}", valid_until=until) for place in range(1, 6))
    )
    with clock.frozen(clock.now() + timedelta(days=20)):
        assert await expiry.move_on() == 5
    assert await events() == ["expiring"] * 5


async def test_of_holders_who_never_were_here_nothing_is_told() -> None:
    await push(valid_until=str(clock.today() + timedelta(days=100)))
    with clock.frozen(clock.now() + timedelta(days=80)):
        assert await expiry.move_on() == 1
    assert await events() == []


async def test_after_midnight_one_reads_the_state_of_today() -> None:
    citizen = await make_citizen(enterprise_id=await make_enterprise(uscc_number(1)), has_consent=False)
    await push(valid_until=str(clock.today()))
    with clock.frozen(clock.now() + timedelta(days=1)):
        (found,), _ = await holdings.own(citizen, limit=10)
        assert found.state == "expired"
        assert await holdings.in_force(await held_by(citizen)) == []


async def held_by(citizen: Any) -> holdings.Holder:
    found = await holdings.holder_of(citizen)
    assert found is not None
    return found
