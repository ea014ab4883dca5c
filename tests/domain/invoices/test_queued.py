"""Invoices issued today wait for the next morning, are checked once, and their answer is told."""

import asyncio
from datetime import datetime, timedelta

import pytest

from app.domain.accounts.models import EnterpriseBinding
from app.domain.invoices import checking, queued
from app.domain.invoices.errors import QueuedCheckNotFound, QueueFull
from app.domain.invoices.models import InvoiceChecks, InvoiceSnapshot, Outcome, QueuedCheck
from app.domain.invoices.owners import Owner
from app.gateways.exchange import InvoiceAnswer, InvoiceOutcome, InvoiceQuestion
from app.kit import clock, db
from tests.domain.invoices.conftest import Platform, agent, invoice_of, number_of, person

pytestmark = pytest.mark.usefixtures("db", "platform")

TODAY = datetime(2026, 3, 30, 15, 0, tzinfo=clock.SHANGHAI)
MORNING = datetime(2026, 3, 31, 9, 0, tzinfo=clock.SHANGHAI)


async def wait_for(owner: Owner, *serials: int) -> None:
    """Hand in invoices issued today."""
    with clock.frozen(TODAY):
        for serial in serials:
            found = await checking.check(owner, invoice_of(serial, issued_on=TODAY.date()), is_paced=False)
            assert found.verdict.outcome is Outcome.QUEUED


async def answered_at(moment: datetime) -> int:
    with clock.frozen(moment):
        return await queued.answer_due()


async def told() -> int:
    rows = await db.fetch("SELECT 1 FROM outbox_event WHERE kind = 'invoice_answered'")
    return len(rows)


async def test_an_invoice_of_today_waits_and_costs_no_check_yet(platform: Platform) -> None:
    owner = await person()
    await wait_for(owner, 1)
    (waiting,) = await queued.own(owner)
    assert (waiting.invoice.number, waiting.due_at) == (number_of(1), MORNING)
    assert platform.asked == []
    assert await InvoiceChecks.all().count() == 0
    assert number_of(1) not in (await QueuedCheck.get()).invoice_sealed


async def test_the_answer_comes_after_nine_and_once(platform: Platform) -> None:
    owner = await person()
    await wait_for(owner, 1)
    assert await answered_at(MORNING - timedelta(minutes=1)) == 0
    assert await answered_at(MORNING) == 1
    assert await answered_at(MORNING + timedelta(hours=1)) == 0
    assert platform.asked == [number_of(1)]
    row = await QueuedCheck.get()
    assert (row.state, row.outcome, row.snapshot_id) == (
        "answered",
        "match",
        (await InvoiceSnapshot.get()).id,
    )
    assert (await InvoiceChecks.get()).checks == 1
    assert await told() == 1
    assert await queued.own(owner) == []


async def test_several_workers_ask_once(platform: Platform) -> None:
    await wait_for(await person(), *range(30))
    with clock.frozen(MORNING):
        await asyncio.gather(*(queued.answer_due() for _ in range(3)))
    assert sorted(platform.asked) == sorted(number_of(serial) for serial in range(30))
    assert await told() == 30


async def test_handing_in_twice_waits_once() -> None:
    owner = await person()
    await wait_for(owner, 1, 1)
    assert len(await queued.own(owner)) == 1


async def test_fifty_wait_and_no_more_even_at_once() -> None:
    owner = await person()
    await wait_for(owner, *range(48))
    with clock.frozen(TODAY):
        last = [invoice_of(serial, issued_on=TODAY.date()) for serial in range(48, 54)]
        found = await asyncio.gather(*(queued.put(owner, one) for one in last), return_exceptions=True)
    assert [isinstance(one, QueueFull) for one in found].count(True) == 4
    assert len(await queued.own(owner)) == 50


async def test_a_cancelled_one_is_not_asked(platform: Platform) -> None:
    owner = await person()
    await wait_for(owner, 1)
    (waiting,) = await queued.own(owner)
    with pytest.raises(QueuedCheckNotFound):
        await queued.cancel(await person(), waiting.id)
    await queued.cancel(owner, waiting.id)
    with pytest.raises(QueuedCheckNotFound):
        await queued.cancel(owner, waiting.id)
    assert await answered_at(MORNING) == 0
    assert platform.asked == []


async def test_what_the_platform_does_not_know_yet_is_asked_on_three_mornings(platform: Platform) -> None:
    platform.outcomes[number_of(1)] = InvoiceOutcome.NOT_FOUND
    await wait_for(await person(), 1)
    for days in range(3):
        assert await told() == 0
        assert await answered_at(MORNING + timedelta(days=days)) == 1
    assert (await QueuedCheck.get()).outcome == "not_found"
    assert await told() == 1


async def test_a_platform_that_is_down_delays_the_answer_and_costs_nothing(platform: Platform) -> None:
    await wait_for(await person(), 1)
    platform.is_down = True
    for hours in range(3):
        await answered_at(MORNING + timedelta(hours=hours))
    row = await QueuedCheck.get()
    assert (row.state, row.tries, (await InvoiceChecks.get()).checks) == ("waiting", 0, 0)
    platform.is_down = False
    assert await answered_at(MORNING + timedelta(hours=3)) == 1
    assert (await QueuedCheck.get()).state == "answered"


async def test_a_platform_that_stays_down_is_told_at_last(platform: Platform) -> None:
    await wait_for(await person(), 1)
    platform.is_down = True
    await answered_at(MORNING + timedelta(days=6))
    assert (await QueuedCheck.get()).outcome == "unavailable"
    assert await told() == 1


async def test_a_worker_that_died_gives_back_what_it_had() -> None:
    await wait_for(await person(), 1)
    # What a claim leaves behind when nothing follows it.
    await QueuedCheck.all().update(due_at=MORNING + timedelta(minutes=5), tries=1)
    assert await answered_at(MORNING + timedelta(minutes=4)) == 0
    assert await answered_at(MORNING + timedelta(minutes=6)) == 1


async def test_who_no_longer_acts_for_the_enterprise_asks_no_more_for_it(platform: Platform) -> None:
    owner = await agent()
    await wait_for(owner, 1)
    await EnterpriseBinding.all().update(status="unbound")
    assert await answered_at(MORNING) == 1
    assert ((await QueuedCheck.get()).state, platform.asked, await told()) == ("cancelled", [], 0)


async def test_settled_ones_are_forgotten_after_thirty_days() -> None:
    await wait_for(await person(), 1)
    await answered_at(MORNING)
    with clock.frozen(MORNING + timedelta(days=31)):
        assert await queued.purge() == 1


async def test_a_failure_nobody_foresaw_ends_at_last_and_keeps_nobody_waiting(platform: Platform) -> None:
    await wait_for(await person(), 1, 2)
    check = platform.verify

    async def fail(question: InvoiceQuestion) -> InvoiceAnswer:
        if question.number == number_of(1):
            raise RuntimeError
        return await check(question)

    platform.verify = fail  # type: ignore[method-assign]
    assert await answered_at(MORNING) == 2
    assert {row.state for row in await QueuedCheck.all()} == {"answered", "waiting"}
    await answered_at(MORNING + timedelta(days=6))
    assert {row.outcome for row in await QueuedCheck.all()} == {"match", "unavailable"}
