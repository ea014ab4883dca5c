"""What every connector must do alike: the demo, and HTTP in front of the demo."""

from collections.abc import AsyncIterator

import pytest

from app.gateways.exchange.contract import ExchangeDown, IdentityConnector, Outcome
from app.gateways.exchange.demo import (
    NAME_DOWN,
    NAME_MISMATCH,
    NAME_UNKNOWN,
    USCC_NO_AGENT,
    USCC_UNKNOWN,
    DemoConnector,
)
from app.gateways.exchange.demo_enterprises import KNOWN as ENTERPRISES
from app.gateways.exchange.http import HttpConnector
from app.kit.identity_numbers import uscc_number
from tests.factories import accounts as make
from tests.gateways.exchange.registry import SIGNER, running


@pytest.fixture(params=["demo", "http"])
async def connector(request: pytest.FixtureRequest) -> AsyncIterator[IdentityConnector]:
    if request.param == "demo":
        yield DemoConnector()
        return
    async with running() as registry:
        over_http = HttpConnector(registry.url, SIGNER, pause_s=0)
        yield over_http
        await over_http.close()


async def test_a_person_is_confirmed(connector: IdentityConnector) -> None:
    assert (await connector.check_person("张三", make.id_number())).outcome is Outcome.MATCH


async def test_a_wrong_name_is_a_mismatch(connector: IdentityConnector) -> None:
    assert (await connector.check_person(NAME_MISMATCH, make.id_number())).outcome is Outcome.MISMATCH


async def test_an_unregistered_person_is_unknown(connector: IdentityConnector) -> None:
    assert (await connector.check_person(NAME_UNKNOWN, make.id_number())).outcome is Outcome.UNKNOWN


async def test_a_registry_that_is_down_says_when_to_come_back(connector: IdentityConnector) -> None:
    with pytest.raises(ExchangeDown) as down:
        await connector.check_person(NAME_DOWN, make.id_number())
    assert down.value.retry_after > 0


@pytest.mark.parametrize("code", ENTERPRISES)
async def test_an_agent_is_confirmed_with_the_name_of_the_enterprise(
    connector: IdentityConnector, code: str
) -> None:
    found = await connector.check_agent(code, make.id_number(), "tax_agent")
    assert (found.outcome, found.enterprise_name) == (Outcome.MATCH, ENTERPRISES[code])


async def test_an_agent_nobody_registered_is_a_mismatch_without_a_name(connector: IdentityConnector) -> None:
    found = await connector.check_agent(USCC_NO_AGENT, make.id_number(), "tax_agent")
    assert (found.outcome, found.enterprise_name) == (Outcome.MISMATCH, None)


async def test_an_enterprise_nobody_registered_is_unknown(connector: IdentityConnector) -> None:
    found = await connector.check_agent(USCC_UNKNOWN, make.id_number(), "tax_agent")
    assert (found.outcome, found.enterprise_name) == (Outcome.UNKNOWN, None)


@pytest.mark.parametrize("code", [*ENTERPRISES, USCC_UNKNOWN, USCC_NO_AGENT])
def test_codes_of_the_demo_are_valid(code: str) -> None:
    assert uscc_number(code) == code
