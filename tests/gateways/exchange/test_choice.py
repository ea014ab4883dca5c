"""Settings choose the connector, its signature and its bounds."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from ecdsa import der  # type: ignore[import-untyped]  # It ships no types.
from pydantic import SecretStr

from app.gateways.exchange import choice
from app.gateways.exchange.choice import NotConnected
from app.gateways.exchange.demo_libraries import DemoLibraries
from app.gateways.exchange.http_credit import HttpCredit
from app.kit import cache
from config import production, settings
from tests.gateways.exchange.registry import KEY, OUR_SM2, SECRET, THEIR_SM2, running
from tests.gateways.exchange.test_queries import USCC

EC_KEY, SM2 = (1, 2, 840, 10045, 2, 1), (1, 2, 156, 10197, 1, 301)


@pytest.fixture(autouse=True)
async def _closed() -> AsyncIterator[None]:
    yield
    await choice.close()
    await cache.close()


def _set(monkeypatch: pytest.MonkeyPatch, **values: Any) -> None:
    chosen = settings.current().model_copy(update=values)
    monkeypatch.setattr(settings, "current", lambda: chosen)


def _private_pem(number: int) -> str:
    key = der.encode_sequence(der.encode_integer(1), der.encode_octet_string(number.to_bytes(32, "big")))
    kind = der.encode_sequence(der.encode_oid(*EC_KEY), der.encode_oid(*SM2))
    whole = der.encode_sequence(der.encode_integer(0), kind, der.encode_octet_string(key))
    return str(der.topem(whole, "PRIVATE KEY").decode())


def _public_pem() -> str:
    public = THEIR_SM2.public
    point = b"\x04" + public.x.to_bytes(32, "big") + public.y.to_bytes(32, "big")
    kind = der.encode_sequence(der.encode_oid(*EC_KEY), der.encode_oid(*SM2))
    return str(der.topem(der.encode_sequence(kind, der.encode_bitstring(point, 0)), "PUBLIC KEY").decode())


def test_the_demo_is_there_locally() -> None:
    assert isinstance(choice.libraries().connector, DemoLibraries)


def test_what_is_off_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, library_connector="off")
    with pytest.raises(NotConnected):
        choice.libraries()


@pytest.mark.parametrize("missing", ["credit_url", "credit_key", "credit_secret"])
def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    given = {"credit_url": "http://127.0.0.1:9", "credit_key": KEY, "credit_secret": SECRET, missing: None}
    _set(monkeypatch, credit_connector="http", **given)
    with pytest.raises(settings.BadSettings) as told:
        choice.credit()
    assert f"WEIBAN_{missing.upper()}" in str(told.value)
    assert SECRET not in str(told.value)


@pytest.mark.parametrize("own", [None, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"])
def test_an_sm2_key_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, own: str | None) -> None:
    _set(
        monkeypatch, credit_connector="http", credit_url="http://127.0.0.1:9", credit_key=KEY,
        credit_signing="sm", credit_sm2_public=_public_pem(), exchange_sm2_key=own and SecretStr(own),
    )  # fmt: skip
    with pytest.raises(settings.BadSettings) as told:
        choice.credit()
    assert "WEIBAN_EXCHANGE_SM2_KEY" in str(told.value)


@pytest.mark.usefixtures("db")
async def test_a_system_that_signs_with_sm2_is_asked_by_settings_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running() as registry:
        registry.is_sm2 = True
        _set(
            monkeypatch, credit_connector="http", credit_url=registry.url, credit_key=KEY,
            credit_signing="sm", credit_sm2_public=_public_pem(),
            exchange_sm2_key=SecretStr(_private_pem(0xA11CE)),
        )  # fmt: skip
        assert isinstance(choice.credit().connector, HttpCredit)
        assert len((await choice.credit().ratings(USCC)).value) == 5
        await choice.close()
    assert OUR_SM2.public == type(OUR_SM2).from_pem(_private_pem(0xA11CE)).public


def test_production_wants_every_key_of_the_suite_and_no_demo() -> None:
    given = {
        "idv_connector": "http", "idv_url": "x", "idv_key": "x", "idv_signing": "sm",
        "library_connector": "demo",
    }  # fmt: skip
    faults = "\n".join(production.faults_of(given, {}, settings.variable))
    assert "WEIBAN_EXCHANGE_SM2_KEY" in faults
    assert "WEIBAN_IDV_SM2_PUBLIC" in faults
    assert "WEIBAN_IDV_SECRET" not in faults
    assert "WEIBAN_LIBRARY_CONNECTOR" in faults
