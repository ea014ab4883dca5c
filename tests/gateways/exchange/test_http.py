"""The HTTP connector against a registry that fails in every way."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator

import pytest

from app.gateways.exchange.bulkhead import Bulkhead
from app.gateways.exchange.circuit import State
from app.gateways.exchange.contract import ExchangeDown, Outcome
from app.gateways.exchange.doors import IdentityDoor
from app.gateways.exchange.gate import Gate, TooManyAtOnce
from app.gateways.exchange.http import HttpConnector
from app.gateways.exchange.purposes import Source
from app.gateways.exchange.quota import Quota, SpentForToday
from app.gateways.exchange.signing import HmacSigner
from app.kit import signing
from tests.factories import accounts as make
from tests.gateways.exchange.registry import KEY, SECRET, SIGNER, Registry, Wrong, running


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with running() as started:
        yield started


@pytest.fixture
async def connector(registry: Registry) -> AsyncIterator[HttpConnector]:
    made = HttpConnector(registry.url, SIGNER, timeout_s=0.3, pause_s=0)
    yield made
    await made.close()


async def test_a_passing_failure_is_repeated_with_a_new_signature(
    registry: Registry, connector: HttpConnector
) -> None:
    registry.faults = [503, 502]
    assert (await connector.check_person("张三", make.id_number())).outcome is Outcome.MATCH
    nonces = {headers[signing.NONCE] for headers, _ in registry.asked}
    assert len(nonces) == len(registry.asked) == 3


async def test_three_failures_are_enough(registry: Registry, connector: HttpConnector) -> None:
    registry.always = 500
    with pytest.raises(ExchangeDown):
        await connector.check_person("张三", make.id_number())
    assert len(registry.asked) == 3


async def test_a_refusal_of_ours_is_not_repeated(registry: Registry, connector: HttpConnector) -> None:
    registry.always = 403
    with pytest.raises(ExchangeDown):
        await connector.check_person("张三", make.id_number())
    assert len(registry.asked) == 1


async def test_a_wrong_secret_is_refused_by_the_registry(registry: Registry) -> None:
    stranger = HttpConnector(registry.url, HmacSigner(KEY, "another secret"), pause_s=0)
    with pytest.raises(ExchangeDown):
        await stranger.check_person("张三", make.id_number())
    await stranger.close()


async def test_a_slow_registry_is_given_up(registry: Registry, connector: HttpConnector) -> None:
    registry.faults = [2.0, 2.0, 2.0]
    began = time.monotonic()
    with pytest.raises(ExchangeDown):
        await connector.check_person("张三", make.id_number())
    assert time.monotonic() - began < 1.8


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no json",
        b"[]",
        b'{"outcome": "perhaps"}',
        b"{}",
        b'{"outcome": "match"}',
        b'"' + b"x" * 300_000 + b'"',
        b'{"outcome": "mat',
    ],
)
async def test_an_answer_that_makes_no_sense_is_no_answer(
    registry: Registry, connector: HttpConnector, raw: bytes
) -> None:
    registry.faults = [raw, raw, raw]
    with pytest.raises(ExchangeDown):
        await connector.check_agent(make.uscc_number(), make.id_number(), "tax_agent")


async def test_nobody_listening_is_down() -> None:
    nowhere = HttpConnector("http://127.0.0.1:9", SIGNER, pause_s=0)
    with pytest.raises(ExchangeDown):
        await nowhere.check_person("张三", make.id_number())
    await nowhere.close()


async def test_after_five_failures_the_registry_is_left_alone(
    registry: Registry, connector: HttpConnector
) -> None:
    registry.always = 500
    for _ in range(3):
        with pytest.raises(ExchangeDown) as down:
            await connector.check_person("张三", make.id_number())
    assert len(registry.asked) == 5
    assert connector.circuit.state is State.OPEN
    assert 0 < down.value.retry_after <= 30


async def test_one_person_s_bad_questions_close_the_registry_to_nobody(
    registry: Registry, connector: HttpConnector
) -> None:
    registry.always = 422
    for _ in range(6):
        with pytest.raises(ExchangeDown):
            await connector.check_person("张三", make.id_number())
    assert len(registry.asked) == 6
    assert connector.circuit.state is State.CLOSED


async def _left_alone(registry: Registry, connector: HttpConnector) -> None:
    """The registry failed until it was left alone, and the rest is over: the next question is the trial."""
    registry.always = 500
    for _ in range(2):
        with pytest.raises(ExchangeDown):
            await connector.check_person("张三", make.id_number())
    assert connector.circuit.state is State.OPEN
    registry.always = None
    connector.circuit._monotonic = lambda: time.monotonic() + 60


async def _is_well(connector: HttpConnector) -> bool:
    """Whether several are let through at once, as no half-open circuit does."""
    checks = [connector.check_person("张三", make.id_number()) for _ in range(3)]
    return all(one.outcome is Outcome.MATCH for one in await asyncio.gather(*checks))


@pytest.mark.parametrize("status", [400, 404, 409, 413, 422, 429])
async def test_a_trial_that_is_refused_finds_the_registry_well(
    registry: Registry, connector: HttpConnector, status: int
) -> None:
    await _left_alone(registry, connector)
    registry.always = status
    with pytest.raises(ExchangeDown):
        await connector.check_person("张三", make.id_number())
    assert connector.circuit.state is State.CLOSED
    registry.always = None
    assert await _is_well(connector)


@pytest.mark.parametrize("fault", [500, 403, 2.0, b"no json", Wrong(signature="")])
async def test_a_trial_that_fails_leaves_the_registry_alone_again(
    registry: Registry, connector: HttpConnector, fault: int | float | bytes | Wrong
) -> None:
    await _left_alone(registry, connector)
    asked = len(registry.asked)
    registry.faults = [fault]
    with pytest.raises(ExchangeDown):
        await connector.check_person("张三", make.id_number())
    assert (len(registry.asked) - asked, connector.circuit.state) == (1, State.OPEN)


async def test_a_trial_given_up_leaves_the_try_to_the_next_question(
    registry: Registry, connector: HttpConnector
) -> None:
    await _left_alone(registry, connector)
    registry.faults = [0.25]
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(connector.check_person("张三", make.id_number()), 0.1)
    assert connector.circuit.state is State.HALF_OPEN
    assert (await connector.check_person("张三", make.id_number())).outcome is Outcome.MATCH
    assert await _is_well(connector)


@pytest.mark.usefixtures("db")
async def test_a_question_stopped_at_the_gate_is_no_trial(
    registry: Registry, connector: HttpConnector
) -> None:
    await _left_alone(registry, connector)
    bulkhead = Bulkhead(1, wait_s=0.01)
    spent = IdentityDoor(Gate(Source.IDENTITY, Quota("spent", 100, 0), bulkhead), connector)
    door = IdentityDoor(Gate(Source.IDENTITY, Quota("idv", 100, 100), bulkhead), connector)
    asked = len(registry.asked)
    with pytest.raises(SpentForToday):
        await spent.check_person("张三", make.id_number())
    async with bulkhead.seat():
        with pytest.raises(TooManyAtOnce):
            await door.check_person("张三", make.id_number())
    assert (len(registry.asked), connector.circuit.state) == (asked, State.HALF_OPEN)
    assert (await door.check_person("张三", make.id_number())).outcome is Outcome.MATCH
    assert await _is_well(connector)


async def test_only_what_is_needed_is_asked_and_never_logged(
    registry: Registry, connector: HttpConnector, caplog: pytest.LogCaptureFixture
) -> None:
    number = make.id_number()
    with caplog.at_level(logging.DEBUG):
        await connector.check_person("张三丰", number)
        registry.always = 500
        with pytest.raises(ExchangeDown):
            await connector.check_person("张三丰", number)
    assert registry.asked[0][1] == {"name": "张三丰", "id_number": number, "purpose": "实名核验"}
    written = "".join(str(vars(line)) for line in caplog.records)
    assert "id_number" in written
    assert "实名核验" in written
    assert number not in written
    assert "张三丰" not in written
    assert SECRET not in written
