"""The gate: bulkhead, quota, and what both tell a person who has to come back."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest

from app.gateways.exchange import calls
from app.gateways.exchange.bulkhead import Bulkhead, Full
from app.gateways.exchange.contract import ExchangeDown
from app.gateways.exchange.gate import Gate, Question, TooManyAtOnce
from app.gateways.exchange.purposes import Purpose, ShareRefused, Source
from app.gateways.exchange.quota import OverQuota, Quota, SpentForToday
from app.kit import cache, clock
from app.kit import db as raw

NOON = datetime(2026, 11, 20, 12, tzinfo=clock.SHANGHAI)
ASKED = Question(Purpose.RATING, ("uscc",), "91440101MA5DEMQ01M")


async def _yes() -> str:
    return "yes"


async def test_a_full_compartment_lets_nobody_wait_for_long() -> None:
    bulkhead = Bulkhead(2, wait_s=0.05)
    leave = asyncio.Event()

    async def stay() -> None:
        async with bulkhead.seat():
            await leave.wait()

    staying = [asyncio.create_task(stay()) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Full):
        async with bulkhead.seat():
            raise AssertionError("there was no seat")
    leave.set()
    await asyncio.gather(*staying)
    async with bulkhead.seat():
        pass


async def test_a_seat_is_given_back_whatever_happens() -> None:
    bulkhead = Bulkhead(1, wait_s=0.05)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            async with bulkhead.seat():
                raise ZeroDivisionError


@pytest.mark.usefixtures("db")
async def test_too_many_questions_at_once_are_told_to_come_back() -> None:
    gate = Gate(Source.CREDIT, Quota("credit", 1000, 1000), Bulkhead(1, wait_s=0.02))
    begun, answer = asyncio.Event(), asyncio.Event()

    async def slow() -> str:
        begun.set()
        await answer.wait()
        return "late"

    first = asyncio.create_task(gate.ask(ASKED, slow))
    await begun.wait()
    with pytest.raises(TooManyAtOnce) as told:
        await gate.ask(ASKED, _yes)
    assert told.value.retry_after > 0
    answer.set()
    assert await first == "late"
    assert await gate.ask(ASKED, _yes) == "yes"


@pytest.mark.usefixtures("db")
async def test_a_minute_s_quota_is_shared_by_all_processes() -> None:
    here, there = Quota("credit", 4, 1000), Quota("credit", 4, 1000)
    for quota in (here, there, here, there):
        await quota.spend()
    with pytest.raises(OverQuota) as told:
        await here.spend()
    assert 0 < told.value.retry_after <= 60


@pytest.mark.usefixtures("db")
async def test_a_day_s_quota_ends_at_midnight_in_shanghai() -> None:
    here, there = Quota("credit", 1000, 3), Quota("credit", 1000, 3)
    with clock.frozen(NOON):
        await here.spend()
        await there.spend()
        await here.spend()
        for quota in (here, there):
            with pytest.raises(SpentForToday) as told:
                await quota.spend()
            assert told.value.retry_after == 12 * 3600
            assert "明天" in told.value.message
    with clock.frozen(NOON + timedelta(hours=12)):
        await there.spend()


@pytest.mark.usefixtures("db")
async def test_a_cache_emptied_at_noon_forgets_nothing_we_know() -> None:
    quota = Quota("credit", 1000, 3)
    with clock.frozen(NOON):
        await quota.spend()
        await quota.spend()
        await cache.client().flushall()
        await quota.spend()
        with pytest.raises(SpentForToday):
            await Quota("credit", 1000, 3).spend()


@pytest.mark.usefixtures("db")
async def test_without_a_cache_a_process_counts_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost() -> object:
        raise ConnectionError

    with clock.frozen(NOON), monkeypatch.context() as broken:
        broken.setattr(cache, "client", lost)
        quota = Quota("invoice", 2, 1000)
        await quota.spend()
        await quota.spend()
        with pytest.raises(OverQuota):
            await quota.spend()
        daily = Quota("invoice", 1000, 2)
        await daily.spend()
        await daily.spend()
        with pytest.raises(SpentForToday):
            await daily.spend()


@pytest.mark.usefixtures("db")
async def test_repeats_are_charged() -> None:
    quota = Quota("credit", 1000, 3)
    await quota.spend()
    await quota.charge(2)
    await quota.charge(0)
    with pytest.raises(SpentForToday):
        await quota.spend()


@pytest.mark.usefixtures("db")
async def test_what_is_over_quota_does_not_leave() -> None:
    gate = Gate(Source.CREDIT, Quota("credit", 1000, 1), Bulkhead(1, wait_s=0.02))
    left = []

    def leaving(name: str) -> Callable[[], Awaitable[str]]:
        async def leave() -> str:
            left.append(name)
            return name

        return leave

    await gate.ask(ASKED, leaving("first"))
    with pytest.raises(SpentForToday):
        await gate.ask(ASKED, leaving("second"))
    assert left == ["first"]


@pytest.mark.usefixtures("db")
async def test_every_end_of_a_question_is_written_down() -> None:
    gate = Gate(Source.CREDIT, Quota("credit", 1000, 1000), Bulkhead(1, wait_s=0.02))

    async def down() -> str:
        raise ExchangeDown

    async def never() -> str:
        await asyncio.Event().wait()
        return ""

    calls.forget()
    await raw.execute("DELETE FROM exchange_call")
    await gate.ask(ASKED, _yes)
    with pytest.raises(ExchangeDown):
        await gate.ask(ASKED, down)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(gate.ask(ASKED, never), 0.02)
    with pytest.raises(ShareRefused):
        gate.check(Question(Purpose.RATING, ("uscc", "name"), "91440101MA5DEMQ01M"))
    await calls.flush()
    told, _ = await calls.of_person([], ["91440101MA5DEMQ01M"], limit=10)
    assert sorted(one.outcome for one in told) == ["answered", "down", "given_up", "no_ground"]
