"""Questions asked together share one run, and no answer is older than its question."""

import asyncio

import pytest

from app.kit.batching import Batcher


async def test_questions_that_wait_together_share_one_run() -> None:
    runs: list[list[int]] = []

    async def double(keys: list[int]) -> list[int]:
        runs.append(keys)
        await asyncio.sleep(0.01)
        return [key * 2 for key in keys]

    ask: Batcher[int, int] = Batcher(double)
    answers = await asyncio.gather(*(ask(key % 5) for key in range(50)))
    assert answers == [key % 5 * 2 for key in range(50)]
    assert runs == [[0, 1, 2, 3, 4]]


async def test_an_answer_comes_from_a_run_begun_after_the_question() -> None:
    state = {"value": 1}
    begun = asyncio.Event()
    go_on = asyncio.Event()

    async def read(keys: list[str]) -> list[int]:
        value = state["value"]
        begun.set()
        await go_on.wait()
        return [value for _ in keys]

    ask: Batcher[str, int] = Batcher(read)
    first = asyncio.create_task(ask("x"))
    await begun.wait()
    state["value"] = 2
    second = asyncio.create_task(ask("x"))
    await asyncio.sleep(0)
    go_on.set()
    assert (await first, await second) == (1, 2)


async def test_a_failed_run_fails_its_askers_and_not_the_next() -> None:
    async def fail_on_zero(keys: list[int]) -> list[int]:
        if 0 in keys:
            raise RuntimeError("lost")
        return keys

    ask: Batcher[int, int] = Batcher(fail_on_zero, max_size=1)
    bad, good = await asyncio.gather(ask(0), ask(1), return_exceptions=True)
    assert isinstance(bad, RuntimeError)
    assert good == 1


async def test_an_asker_who_gave_up_disturbs_nobody() -> None:
    async def slowly(keys: list[int]) -> list[int]:
        await asyncio.sleep(0.02)
        return keys

    ask: Batcher[int, int] = Batcher(slowly)
    impatient = asyncio.create_task(ask(1))
    patient = asyncio.create_task(ask(1))
    await asyncio.sleep(0.005)
    impatient.cancel()
    assert await patient == 1
    with pytest.raises(asyncio.CancelledError):
        await impatient
