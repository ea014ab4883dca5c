"""The circuit breaker: closed, open, half-open."""

import asyncio

import pytest

from app.gateways.exchange.circuit import Circuit, CircuitOpen, State


class Down(Exception):
    pass


class SaidNo(Exception):
    """The other side answers, and refuses."""


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def circuit(clock: Clock) -> Circuit:
    return Circuit(Down, answers=(SaidNo,), failures=3, rest_s=10, monotonic=clock)


async def _fail(circuit: Circuit, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(Down):
            async with circuit.guard():
                raise Down


def _state(circuit: Circuit) -> State:
    # A call, so that mypy does not believe a state can never change.
    return circuit.state


async def _pass(circuit: Circuit) -> None:
    async with circuit.guard():
        pass


async def test_it_opens_after_failures_in_a_row(circuit: Circuit) -> None:
    await _fail(circuit, 2)
    assert _state(circuit) is State.CLOSED
    await _fail(circuit)
    assert _state(circuit) is State.OPEN
    with pytest.raises(CircuitOpen) as refused:
        await _pass(circuit)
    assert refused.value.retry_after == 10


async def test_a_success_in_between_starts_the_count_anew(circuit: Circuit) -> None:
    await _fail(circuit, 2)
    await _pass(circuit)
    await _fail(circuit, 2)
    assert _state(circuit) is State.CLOSED


async def test_a_failure_of_our_own_does_not_count(circuit: Circuit) -> None:
    for _ in range(5):
        with pytest.raises(KeyError):
            async with circuit.guard():
                raise KeyError
    assert _state(circuit) is State.CLOSED


async def test_a_good_trial_closes_it(circuit: Circuit, clock: Clock) -> None:
    await _fail(circuit, 3)
    clock.now += 10
    assert _state(circuit) is State.HALF_OPEN
    await _pass(circuit)
    assert _state(circuit) is State.CLOSED


async def test_a_bad_trial_opens_it_for_another_rest(circuit: Circuit, clock: Clock) -> None:
    await _fail(circuit, 3)
    clock.now += 10
    await _fail(circuit)
    assert _state(circuit) is State.OPEN
    clock.now += 9
    with pytest.raises(CircuitOpen):
        await _pass(circuit)


async def test_only_one_caller_tries(circuit: Circuit, clock: Clock) -> None:
    await _fail(circuit, 3)
    clock.now += 10
    async with circuit.guard():
        with pytest.raises(CircuitOpen):
            await _pass(circuit)
    assert _state(circuit) is State.CLOSED


@pytest.mark.parametrize(
    ("ending", "state"),
    [
        (Down, State.OPEN),
        (SaidNo, State.CLOSED),
        (asyncio.CancelledError, State.HALF_OPEN),
        (KeyError, State.HALF_OPEN),
    ],
)
async def test_what_a_trial_proves(
    circuit: Circuit, clock: Clock, ending: type[BaseException], state: State
) -> None:
    await _fail(circuit, 3)
    clock.now += 10
    with pytest.raises(ending):
        async with circuit.guard():
            raise ending
    assert _state(circuit) is state
    clock.now += 10
    await _pass(circuit)
    assert _state(circuit) is State.CLOSED, "no ending of a trial keeps the next caller from trying"


async def test_a_refusal_in_between_starts_the_count_anew(circuit: Circuit) -> None:
    await _fail(circuit, 2)
    with pytest.raises(SaidNo):
        async with circuit.guard():
            raise SaidNo
    await _fail(circuit, 2)
    assert _state(circuit) is State.CLOSED


async def test_a_trial_that_never_ends_here_keeps_no_other_worker_from_trying(clock: Clock) -> None:
    dying, living = (Circuit(Down, failures=1, rest_s=10, monotonic=clock) for _ in range(2))
    await _fail(dying)
    await _fail(living)
    clock.now += 10
    async with dying.guard():
        await _pass(living)
        assert _state(living) is State.CLOSED
