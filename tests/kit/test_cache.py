"""The cache: one load for all who ask together, and no harm when it is gone."""

import asyncio

import pytest

from app.kit import cache
from config import settings

pytestmark = pytest.mark.usefixtures("db")


async def test_all_who_ask_together_share_one_load() -> None:
    loads = 0

    async def load() -> bytes:
        nonlocal loads
        loads += 1
        await asyncio.sleep(0.02)
        return b"answer"

    answers = await asyncio.gather(*(cache.get_or_load("k", 60, load) for _ in range(20)))
    assert set(answers) == {b"answer"}
    assert await cache.get_or_load("k", 60, load) == b"answer"
    assert loads == 1


async def test_a_failed_load_fails_all_and_is_tried_again() -> None:
    async def fail() -> bytes:
        await asyncio.sleep(0.01)
        raise LookupError

    outcomes = await asyncio.gather(
        *(cache.get_or_load("k", 60, fail) for _ in range(3)), return_exceptions=True
    )
    assert all(isinstance(one, LookupError) for one in outcomes)

    async def load() -> bytes:
        return b"now"

    assert await cache.get_or_load("k", 60, load) == b"now"


async def test_without_a_cache_everything_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    await cache.close()
    elsewhere = settings.current().model_copy(update={"redis_url": "redis://127.0.0.1:1/0"})
    with monkeypatch.context() as patch:
        patch.setattr(settings, "current", lambda: elsewhere)

        async def load() -> bytes:
            return b"fresh"

        assert await cache.get_or_load("k", 60, load) == b"fresh"
        await cache.close()
