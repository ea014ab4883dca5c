"""Saved invoices are looked at again at night, and a change is told to those it concerns."""

from datetime import datetime, timedelta

import orjson
import pytest

from app.domain.invoices import checking, folder, rechecks, rules
from app.domain.invoices.models import InvoiceChecks, InvoiceSnapshot
from app.domain.invoices.owners import Owner
from app.gateways.exchange import InvoiceAnswer, InvoiceQuestion, InvoiceState
from app.kit import clock, db
from tests.domain.invoices.conftest import Platform, invoice_of, number_of, person

pytestmark = pytest.mark.usefixtures("db", "platform")

SAVED = datetime(2026, 3, 30, 2, 0, tzinfo=clock.SHANGHAI)
MONTH = SAVED + timedelta(days=30, minutes=1)


async def saved(owner: Owner, serial: int = 1) -> None:
    with clock.frozen(SAVED):
        found = await checking.check(owner, invoice_of(serial))
        assert found.snapshot is not None
        await folder.save(owner, found.snapshot.id, [], "")


async def run_at(moment: datetime) -> int:
    with clock.frozen(moment):
        return await rechecks.run()


async def events() -> list[dict[str, str]]:
    rows = await db.fetch("SELECT payload FROM outbox_event WHERE kind = 'invoice_changed'")
    return [orjson.loads(row["payload"]) for row in rows]


async def test_after_a_month_at_night_and_not_before(platform: Platform) -> None:
    await saved(await person())
    for early in (MONTH - timedelta(days=1), MONTH.replace(hour=12)):
        assert await run_at(early) == 0
    assert await run_at(MONTH) == 1
    assert await run_at(MONTH) == 0
    assert len(platform.asked) == 2
    row = await InvoiceSnapshot.get()
    assert (row.recheck_at, row.checked_at) == (MONTH + timedelta(days=30), MONTH)
    assert await events() == []


async def test_one_reversed_after_it_was_saved_is_told_once(platform: Platform) -> None:
    await saved(await person())
    platform.states[number_of(1)] = InvoiceState.RED
    await run_at(MONTH)
    row = await InvoiceSnapshot.get()
    assert (row.state, row.previous_state, row.changed_at) == ("red", "normal", MONTH)
    assert row.recheck_at is None, "nothing more can happen to it"
    assert await events() == [{"snapshot_id": str(row.id), "state": "red", "previous_state": "normal"}]


async def test_one_check_tells_everybody_who_saved_the_invoice(platform: Platform) -> None:
    for _ in range(3):
        await saved(await person())
    platform.states[number_of(1)] = InvoiceState.PARTLY_RED
    asked = len(platform.asked)
    await run_at(MONTH)
    assert len(platform.asked) == asked + 1
    assert len(await events()) == 3
    assert {row.recheck_at for row in await InvoiceSnapshot.all()} == {MONTH + timedelta(days=30)}


async def test_however_many_saved_it_they_are_told_by_one_statement(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        await saved(await person())
    platform.states[number_of(1)] = InvoiceState.RED
    telling: list[str] = []
    execute = db.execute

    async def watched(sql: str, *args: object) -> int:
        telling.extend([sql] if "INTO outbox_event" in sql else [])
        return await execute(sql, *args)

    monkeypatch.setattr(db, "execute", watched)
    await run_at(MONTH)
    assert (len(telling), len(await events())) == (1, 5)


async def test_within_half_a_year_of_saving_and_no_longer(platform: Platform) -> None:
    await saved(await person())
    night = MONTH
    while (row := await InvoiceSnapshot.get()).recheck_at is not None:
        night = max(night, row.recheck_at)
        await run_at(night)
    assert len(platform.asked) - 1 in (5, 6)
    assert night <= SAVED + rules.RECHECKED_FOR


async def test_a_platform_that_is_down_is_asked_the_next_night(platform: Platform) -> None:
    await saved(await person())
    platform.is_down = True
    await run_at(MONTH)
    assert (await InvoiceSnapshot.get()).recheck_at == MONTH + timedelta(days=1)
    platform.is_down = False
    assert await run_at(MONTH + timedelta(days=1)) == 1


async def test_the_five_checks_of_a_day_bind_us_too(platform: Platform) -> None:
    await saved(await person())
    with clock.frozen(MONTH):
        for _ in range(5):
            await checking.check(await person(), invoice_of())
    await run_at(MONTH)
    assert len(platform.asked) == 6
    assert (await InvoiceSnapshot.filter(saved_at__isnull=False).get()).recheck_at == MONTH + timedelta(
        days=1
    )
    assert max(row.checks for row in await InvoiceChecks.all()) == 5


async def test_a_void_invoice_is_not_looked_at_again(platform: Platform) -> None:
    platform.states[number_of(1)] = InvoiceState.VOID
    await saved(await person())
    assert await run_at(MONTH) == 0


async def test_a_failure_nobody_foresaw_keeps_none_of_the_others_waiting(platform: Platform) -> None:
    owner = await person()
    for serial in (1, 2):
        await saved(owner, serial)
    check = platform.verify

    async def fail(question: InvoiceQuestion) -> InvoiceAnswer:
        if question.number == number_of(1):
            raise RuntimeError
        return await check(question)

    platform.verify = fail  # type: ignore[method-assign]
    assert await run_at(MONTH) == 2
    looked_at = await InvoiceSnapshot.filter(checked_at=MONTH).get()
    assert looked_at.recheck_at == MONTH + timedelta(days=30)
