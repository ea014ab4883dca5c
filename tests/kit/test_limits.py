"""Rate limits on a real Valkey, with it and without it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from app.kit import cache, limits
from app.kit.errors import TooOften, UpstreamDown
from config import settings

pytestmark = pytest.mark.usefixtures("db")


async def _try(who: str, allowance: int, times: int, name: str = "test") -> list[object]:
    return await asyncio.gather(
        *(limits.hit(name, who, allowance=allowance, per_s=60, closed=True) for _ in range(times)),
        return_exceptions=True,
    )


async def test_exactly_the_allowance_passes_at_once() -> None:
    outcomes = await _try("person:1", 10, 30)
    assert sum(one is None for one in outcomes) == 10
    refused = [one for one in outcomes if isinstance(one, TooOften)]
    assert len(refused) == 20
    assert all(0 < one.retry_after <= 60 for one in refused)


async def test_people_and_names_are_counted_apart() -> None:
    assert await _try("person:1", 1, 1) == [None]
    assert await _try("person:2", 1, 1) == [None]
    assert await _try("person:1", 1, 1, name="other") == [None]


async def test_the_allowance_returns_little_by_little() -> None:
    async def hit() -> None:
        await limits.hit("refill", "person:1", allowance=2, per_s=1, closed=True)

    await hit()
    await hit()
    with pytest.raises(TooOften):
        await hit()
    await asyncio.sleep(0.55)
    await hit()
    with pytest.raises(TooOften):
        await hit()


async def _read(times: int, who: str = "1.2.3.4", allowance: int = 20) -> int:
    """How many of some readings one after the other pass an open limit."""
    passed = 0
    for _ in range(times):
        with suppress(TooOften):
            await limits.hit("reading", who, allowance=allowance, per_s=60, closed=False)
            passed += 1
    return passed


async def test_an_open_limit_lets_exactly_the_allowance_pass_too() -> None:
    assert await _read(60, allowance=20) == 20


async def test_what_passed_on_credit_is_counted_when_the_reader_comes_back() -> None:
    assert await _read(15, allowance=20) == 15
    await asyncio.sleep(0.3)
    assert await _read(30, allowance=20) == 5


async def test_a_reader_far_from_the_limit_seldom_costs_a_round_trip() -> None:
    await cache.client().config_resetstat()
    assert await _read(500, who="5.6.7.8", allowance=60_000) == 500
    asked = (await cache.client().info("commandstats"))["cmdstat_eval"]["calls"]
    assert asked <= 20


@pytest.fixture
async def without_cache(db: None, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    await cache.close()
    elsewhere = settings.current().model_copy(update={"redis_url": "redis://127.0.0.1:1/0"})
    with monkeypatch.context() as patch:
        patch.setattr(settings, "current", lambda: elsewhere)
        yield
        await cache.close()
    monkeypatch.setattr(limits, "_lost_until", 0.0)


@pytest.mark.usefixtures("without_cache")
async def test_without_the_cache_closed_limits_refuse_and_open_ones_pass() -> None:
    for _ in range(3):
        with pytest.raises(UpstreamDown):
            await limits.hit("booking", "person:1", allowance=1, per_s=60, closed=True)
        await limits.hit("reading", "1.2.3.4", allowance=1, per_s=60, closed=False)
