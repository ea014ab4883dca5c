"""A batch is worked off row by row: fairly, within every limit, whoever dies meanwhile."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from app.domain.accounts.models import EnterpriseBinding
from app.domain.invoices import batch_work, batches, checking, folder, queued, rules, tables, texts
from app.domain.invoices.errors import InvoiceBatchNotFound, TooManyBatches
from app.domain.invoices.folder import Wanted
from app.domain.invoices.models import BatchState, InvoiceBatchRow, InvoiceChecks, InvoiceSnapshot, Outcome
from app.domain.invoices.owners import Owner
from app.gateways.exchange import (
    InvoiceAnswer,
    InvoiceDetail,
    InvoiceOutcome,
    InvoiceQuestion,
    InvoiceState,
)
from app.kit import clock
from tests.domain.invoices.conftest import Platform, agent, invoice_of, number_of, person

pytestmark = pytest.mark.usefixtures("db", "platform")


def line(serial: int) -> str:
    return texts.write(invoice_of(serial))


async def submit(owner: Owner, *lines: str) -> batches.Batch:
    batch_id = await batches.submit(owner, tables.read_text("\n".join(lines)))
    return await batches.progress(owner, batch_id)


async def work_off() -> None:
    while await batch_work.step():
        pass


async def rows_of(owner: Owner, batch: batches.Batch) -> list[batches.Row]:
    return list((await batches.rows_of(owner, batch.id, after=0, limit=500))[0])


async def test_every_line_comes_to_its_end(platform: Platform) -> None:
    owner = await person()
    platform.outcomes |= {number_of(2): InvoiceOutcome.MISMATCH, number_of(3): InvoiceOutcome.NOT_FOUND}
    platform.states[number_of(4)] = InvoiceState.RED
    today = texts.write(invoice_of(5, issued_on=clock.today()))
    begun = await submit(owner, *map(line, (1, 2, 3, 4, 1)), today, "你好", f"{number_of(6)},20260101,1")
    assert (begun.state, begun.total, begun.settled) == (BatchState.WORKING, 8, 3)
    await work_off()
    batch = await batches.progress(owner, begun.id)
    assert (batch.state, batch.settled, batch.finished_at is not None) == (BatchState.DONE, 8, True)
    rows = await rows_of(owner, batch)
    assert [row.outcome for row in rows] == [
        Outcome.MATCH, Outcome.MISMATCH, Outcome.NOT_FOUND, Outcome.MATCH, Outcome.DUPLICATE,
        Outcome.QUEUED, Outcome.UNREADABLE, Outcome.NEEDS_INPUT,
    ]  # fmt: skip
    assert batch.outcomes["match"] == 2
    assert [row.found for row in rows[:4]] == [InvoiceState.NORMAL, None, None, InvoiceState.RED]
    assert (rows[4].duplicate_of, rows[6].text) == (1, "你好")
    assert "发票种类" in rows[7].told
    assert all(row.told for row in rows)
    assert len(await queued.own(owner)) == 1
    assert sorted(platform.asked) == [number_of(serial) for serial in (1, 2, 3, 4)], "a duplicate costs none"


async def test_an_invoice_saved_before_is_flagged_at_once() -> None:
    owner = await person()
    found = await checking.check(owner, invoice_of(1))
    assert found.snapshot is not None
    await folder.save(owner, found.snapshot.id, [], "")
    begun = await submit(owner, line(1), line(2))
    assert begun.known == 1
    await work_off()
    first, second = await rows_of(owner, begun)
    assert (first.is_known, second.is_known) == (True, False)
    assert first.told.endswith("已在发票夹中，谨防重复报销")
    stranger = await submit(await person(), line(1))
    assert stranger.known == 0


async def test_all_of_a_batch_is_saved_in_one_go() -> None:
    owner = await person()
    begun = await submit(owner, line(1), line(2))
    await work_off()
    assert await batches.save(owner, begun.id, ["三月"]) == 2
    assert await batches.save(owner, begun.id, ["三月"]) == 0
    saved, _ = await folder.find(owner, Wanted(is_saved=True, tag="三月"), before=None, limit=10)
    assert len(saved) == 2
    assert {row.recheck_at is not None for row in await InvoiceSnapshot.all()} == {True}


async def test_a_large_batch_does_not_keep_a_small_one_waiting(platform: Platform) -> None:
    many, few = await person(), await person()
    await submit(many, *map(line, range(100)))
    small = await submit(few, *map(line, range(1000, 1003)))
    await batch_work.step()
    assert (await batches.progress(few, small.id)).state is BatchState.DONE
    assert len(platform.asked) == 3 + 4


async def test_limits_are_told_row_by_row_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "CHECKS_A_DAY_EACH", 2)
    owner = await person()
    begun = await submit(owner, *map(line, range(5)))
    await work_off()
    batch = await batches.progress(owner, begun.id)
    assert batch.outcomes == {"match": 2, "over_own_limit": 3}
    with clock.frozen(clock.now() + timedelta(days=1)):
        assert (await batches.retry(owner, begun.id)).state is BatchState.WORKING
        await work_off()
        assert (await batches.progress(owner, begun.id)).outcomes == {"match": 4, "over_own_limit": 1}


async def test_a_platform_that_is_down_delays_and_is_told_at_last(platform: Platform) -> None:
    platform.is_down = True
    owner = await person()
    now = clock.now().replace(hour=12)
    with clock.frozen(now):
        begun = await submit(owner, line(1))
    for turn in range(10):
        with clock.frozen(now + timedelta(minutes=turn)):
            assert (await batches.progress(owner, begun.id)).state is BatchState.WORKING
            assert await batch_work.step() == 1
    (row,) = await rows_of(owner, begun)
    assert row.outcome is Outcome.UNAVAILABLE
    assert [one.checks for one in await InvoiceChecks.all()] == [0]
    platform.is_down = False
    with clock.frozen(now + timedelta(hours=1)):
        await batches.retry(owner, begun.id)
        await work_off()
    assert (await batches.progress(owner, begun.id)).outcomes == {"match": 1}


async def test_rows_of_a_worker_that_died_come_back(platform: Platform) -> None:
    owner = await person()
    begun = await submit(owner, *map(line, range(3)))

    class Death(BaseException):
        pass

    async def die(*_: object) -> None:
        raise Death

    check, platform.verify = platform.verify, die  # type: ignore[method-assign, assignment]
    with pytest.raises(Death):
        await batch_work.step()
    platform.verify = check  # type: ignore[method-assign]
    assert await batch_work.step() == 0
    with clock.frozen(clock.now() + timedelta(minutes=3)):
        await work_off()
        assert (await batches.progress(owner, begun.id)).outcomes == {"match": 3}


async def test_several_workers_check_each_row_once(platform: Platform) -> None:
    owner = await person()
    begun = await submit(owner, *map(line, range(40)))
    await asyncio.gather(*(work_off() for _ in range(3)))
    assert (await batches.progress(owner, begun.id)).state is BatchState.DONE
    assert sorted(platform.asked) == sorted(map(number_of, range(40)))


async def test_a_cancelled_batch_asks_no_more_and_keeps_what_it_has(platform: Platform) -> None:
    owner = await person()
    begun = await submit(owner, *map(line, range(20)))
    await batch_work.step()
    cancelled = await batches.cancel(owner, begun.id)
    asked = len(platform.asked)
    await work_off()
    assert (cancelled.state, len(platform.asked), cancelled.outcomes["match"]) == (
        BatchState.CANCELLED, asked, asked,
    )  # fmt: skip
    assert (await batches.cancel(owner, begun.id)).finished_at == cancelled.finished_at
    assert (await batches.retry(owner, begun.id)).state is BatchState.CANCELLED


async def test_a_row_that_was_cancelled_meanwhile_stays_cancelled(platform: Platform) -> None:
    owner = await person()
    begun = await submit(owner, line(1))
    check = platform.verify

    async def slowly(question: object) -> object:
        await batches.cancel(owner, begun.id)
        return await check(question)  # type: ignore[arg-type]

    platform.verify = slowly  # type: ignore[method-assign, assignment]
    await batch_work.step()
    assert (await InvoiceBatchRow.get()).state == "cancelled"


async def test_three_batches_at_a_time_even_at_once() -> None:
    owner = await person()
    found = await asyncio.gather(
        *(submit(owner, line(serial)) for serial in range(5)), return_exceptions=True
    )
    assert [isinstance(one, TooManyBatches) for one in found].count(True) == 2
    await work_off()
    await submit(owner, line(9))


async def test_a_batch_with_nothing_to_ask_is_done_at_once() -> None:
    begun = await submit(await person(), "你好")
    assert (begun.state, begun.settled) == (BatchState.DONE, 1)


async def test_who_no_longer_acts_for_the_enterprise_asks_no_more_for_it(platform: Platform) -> None:
    owner = await agent()
    begun = await submit(owner, *map(line, range(20)))
    await EnterpriseBinding.all().update(expires_on=clock.today() - timedelta(days=1))
    await work_off()
    assert ((await batches.progress(owner, begun.id)).state, platform.asked) == (BatchState.CANCELLED, [])


async def test_nobody_sees_or_stops_anothers_batch() -> None:
    acting = await agent()
    begun = await submit(acting, line(1))
    assert acting.enterprise_id is not None
    for stranger in (await person(), Owner(acting.person_id), await agent(acting.enterprise_id)):
        assert await batches.recent(stranger) == []
        for deed in (batches.progress, batches.cancel, batches.retry):
            with pytest.raises(InvoiceBatchNotFound):
                await deed(stranger, begun.id)
        with pytest.raises(InvoiceBatchNotFound):
            await batches.save(stranger, begun.id, [])
        with pytest.raises(InvoiceBatchNotFound):
            await batches.rows_of(stranger, begun.id, after=0, limit=1)
    assert [one.id for one in await batches.recent(acting)] == [begun.id]


async def test_old_batches_go_with_their_rows() -> None:
    await submit(await person(), line(1))
    with clock.frozen(clock.now() + timedelta(days=31)):
        assert await batches.purge() == 1
    assert await InvoiceBatchRow.all().count() == 0


async def test_a_row_nobody_foresaw_keeps_none_of_the_others_waiting(platform: Platform) -> None:
    owner = await person()
    begun = await submit(owner, *map(line, range(4)))
    check = platform.verify

    async def fail(question: InvoiceQuestion) -> InvoiceAnswer:
        if question.number == number_of(0):
            raise RuntimeError
        return await check(question)

    platform.verify = fail  # type: ignore[method-assign]
    now = clock.now()
    for turn in range(10):
        with clock.frozen(now + timedelta(minutes=turn)):
            await batch_work.step()
            assert (await batches.progress(owner, begun.id)).outcomes["match"] == 3
    assert (await batches.progress(owner, begun.id)).outcomes == {"match": 3, "unavailable": 1}


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("999999999999.99", "999999999999.99"),
        ("-999999999999.99", "-999999999999.99"),
        ("999999999999.995", "100"),
        ("1e12", "100"),
    ],
)
async def test_an_amount_beyond_sense_is_not_believed(platform: Platform, told: str, kept: str) -> None:
    owner = await person()
    platform.details[number_of(1)] = InvoiceDetail(total=Decimal(told))
    begun = await submit(owner, line(1))
    await work_off()
    assert (await batches.progress(owner, begun.id)).outcomes == {"match": 1}
    assert (await InvoiceSnapshot.get()).amount == Decimal(kept)


async def test_so_many_batches_a_day_even_of_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "MOST_A_DAY", 2)
    owner = await person()
    for _ in range(2):
        await submit(owner, "你好")
    with pytest.raises(TooManyBatches):
        await submit(owner, "你好")
    with clock.frozen(clock.now() + timedelta(days=1, minutes=1)):
        await submit(owner, "你好")


async def test_trying_again_is_one_of_the_three_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "CHECKS_A_DAY_EACH", 0)
    owner = await person()
    done = await submit(owner, line(0))
    await work_off()
    for serial in range(1, 4):
        await submit(owner, line(serial))
    with pytest.raises(TooManyBatches):
        await batches.retry(owner, done.id)
