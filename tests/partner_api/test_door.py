"""Who gets in: a right signature, in time, for the first time, with a key that is valid."""

import asyncio
import time
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest
from ecdsa import der  # type: ignore[import-untyped]  # It ships no types.

from app.domain.partners import admission
from app.domain.partners.models import PartnerKey, PartnerNonce, PartnerSystem
from app.kit import clock, signing, sm2
from app.kit.signing import Algorithm
from config import settings
from tests.client import Client
from tests.factories.cases import case_number
from tests.factories.partners import Partner, make_partner

STATUS = "/partner/v1/status"
MESSAGES = "/partner/v1/messages"


async def refusal(client: Client, partner: Partner, **changed: str) -> tuple[int, str]:
    headers = {**partner.headers("GET", STATUS), **changed}
    answer = await client.get(STATUS, headers=headers)
    return answer.status, answer.body.get("code", "")


async def test_a_signed_request_gets_in(client: Client) -> None:
    partner = await make_partner()
    assert (await partner.get(client, STATUS)).status == 200
    key = await PartnerKey.get(id=partner.key)
    assert key.last_used_at is not None


async def test_a_wrong_signature_and_an_unknown_key_are_refused_alike(client: Client) -> None:
    partner = await make_partner()
    stranger = Partner(0, "nobody", "key-of-nobody")
    wrong = Partner(partner.id, partner.code, partner.key, secret="another secret")
    refused = (401, "partner_signature_refused")
    assert await refusal(client, wrong) == refused
    assert await refusal(client, stranger) == refused
    assert await refusal(client, partner, **{signing.SIGNATURE: "ü"}) == refused
    assert (await client.get(STATUS)).code == "partner_signature_refused"


@pytest.mark.parametrize("name", [signing.KEY, signing.TIMESTAMP, signing.NONCE, signing.SIGNATURE])
@pytest.mark.parametrize("sent", [b"\xff\xfe", b"\xed\xa0\x80", b"a\x00b"])
async def test_bytes_that_are_no_text_are_no_signature(
    db: None, partner_address: str, name: str, sent: bytes
) -> None:
    partner, where = await make_partner(), urlsplit(partner_address)
    told = {one: text.encode() for one, text in partner.headers("GET", STATUS).items()} | {name: sent}
    lines = [f"{one}: ".encode() + text for one, text in told.items()]
    head = f"GET {STATUS} HTTP/1.1\r\nHost: {where.netloc}\r\nConnection: close\r\n".encode()
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    writer.write(head + b"\r\n".join(lines) + b"\r\n\r\n")
    answer = await reader.read()
    writer.close()
    assert answer.split(b" ")[1] == b"401"


async def test_every_part_of_a_request_is_signed(client: Client) -> None:
    partner, number = await make_partner(), case_number()
    body = orjson.dumps({"messages": [partner.tell("application", number, 1)]})
    headers = partner.headers("POST", MESSAGES, body)
    for changed in (
        {"data": body + b" ", "headers": headers},
        {"data": body, "headers": {**headers, signing.TIMESTAMP: str(int(time.time()) + 1)}},
        {"data": body, "headers": {**headers, signing.NONCE: "another-nonce"}},
        {"data": body, "headers": partner.headers("POST", STATUS, body)},
        {"data": body, "headers": partner.headers("GET", MESSAGES, body)},
    ):
        assert (await client.post(MESSAGES, **changed)).code == "partner_signature_refused"
    asked = await client.get(STATUS + "?x=1", headers=partner.headers("GET", STATUS))
    assert asked.code == "partner_signature_refused"


async def test_a_request_gets_in_once(client: Client) -> None:
    partner, number = await make_partner(), case_number()
    body = orjson.dumps({"messages": [partner.tell("application", number, 1)]})
    headers = partner.headers("POST", MESSAGES, body)
    assert (await client.post(MESSAGES, data=body, headers=headers)).status == 200
    again = await client.post(MESSAGES, data=body, headers=headers)
    assert (again.status, again.code) == (401, "partner_nonce_used")


async def test_a_copy_is_known_even_when_the_cache_was_emptied_and_forgotten_when_it_is_old(
    client: Client,
) -> None:
    partner = await make_partner()
    await partner.get(client, STATUS)
    assert await PartnerNonce.all().count() == 1
    await admission.purge()
    assert await PartnerNonce.all().count() == 1
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        assert await admission.purge() == 1


@pytest.mark.parametrize("off_s", [-305, 305])
async def test_a_clock_that_is_off_is_told_so(client: Client, off_s: int) -> None:
    partner, at, nonce = await make_partner(), str(int(time.time()) + off_s), "a-nonce-of-its-own"
    signed = signing.signature(partner.secret, "GET", STATUS, at, nonce, b"")
    late = {signing.TIMESTAMP: at, signing.NONCE: nonce, signing.SIGNATURE: signed}
    assert await refusal(client, partner, **late) == (401, "partner_timestamp_refused")


async def test_keys_end_by_time_by_revocation_and_with_their_system(client: Client) -> None:
    partner = await make_partner()
    refused = (401, "partner_signature_refused")
    await PartnerKey.filter(id=partner.key).update(revoked_at=clock.now())
    assert await refusal(client, partner) == refused
    await PartnerKey.filter(id=partner.key).update(revoked_at=None)
    await PartnerSystem.filter(id=partner.id).update(is_active=False)
    assert await refusal(client, partner) == refused
    await PartnerSystem.filter(id=partner.id).update(is_active=True)
    assert (await partner.get(client, STATUS)).status == 200
    old = {"created_at": clock.now() - timedelta(days=9), "expires_at": clock.now() - timedelta(days=1)}
    await PartnerKey.filter(id=partner.key).update(**old)
    assert await refusal(client, partner) == refused


@pytest.fixture
def sm2_pair() -> tuple[str, str]:
    """A private and a public key as PEM."""
    return pems(sm2.PrivateKey.generate())


def pems(key: Any) -> tuple[str, str]:

    point = b"\x04" + key.public.x.to_bytes(32, "big") + key.public.y.to_bytes(32, "big")
    algorithm = der.encode_sequence(
        der.encode_oid(1, 2, 840, 10045, 2, 1), der.encode_oid(1, 2, 156, 10197, 1, 301)
    )
    public = der.encode_sequence(algorithm, der.encode_bitstring(point, 0))
    number = key._number.to_bytes(32, "big")
    inner = der.encode_sequence(der.encode_integer(1), der.encode_octet_string(number))
    private = der.encode_sequence(der.encode_integer(0), algorithm, der.encode_octet_string(inner))
    return der.topem(private, "PRIVATE KEY").decode(), der.topem(public, "PUBLIC KEY").decode()


async def test_a_system_may_sign_with_its_own_sm2_key(client: Client, sm2_pair: tuple[str, str]) -> None:
    private, public = sm2_pair
    partner = await make_partner(algorithm=Algorithm.SM2, secret=public)
    partner.secret, partner.algorithm = private, Algorithm.SM2
    assert (await partner.get(client, STATUS)).status == 200
    other = Partner(partner.id, partner.code, partner.key, pems(sm2.PrivateKey.generate())[0], Algorithm.SM2)
    assert await refusal(client, other) == (401, "partner_signature_refused")
    assert await refusal(client, partner, **{signing.SIGNATURE: "no hex"}) == (
        401,
        "partner_signature_refused",
    )


def allow_bad_signatures(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    changed = settings.current().model_copy(update={"partner_bad_signatures_per_minute": most})
    monkeypatch.setattr(settings, "current", lambda: changed)


async def test_who_signs_badly_too_often_is_told_to_wait_and_who_signs_well_is_not_counted(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow_bad_signatures(monkeypatch, 3)
    partner = await make_partner()
    wrong = Partner(partner.id, partner.code, partner.key, secret="another secret")
    for _ in range(5):
        assert (await partner.get(client, STATUS)).status == 200
    for _ in range(3):
        assert await refusal(client, wrong) == (401, "partner_signature_refused")
    turned_away = await partner.get(client, STATUS)
    assert (turned_away.status, turned_away.code) == (429, "partner_too_many_bad_signatures")
    assert 0 < int(turned_away.headers["retry-after"]) <= 20


async def test_an_address_that_is_turned_away_is_not_listened_to(
    db: None, partner_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of a large body has to be sent, let alone hashed, before the answer comes."""
    allow_bad_signatures(monkeypatch, 1)
    where = urlsplit(partner_address)
    head = f"POST {MESSAGES} HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Length: 1000000\r\n\r\n".encode()
    for body, status in ((b"x" * 1_000_000, b"401"), (b"", b"429")):
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        writer.write(head + body)
        line = await asyncio.wait_for(reader.readline(), 5)
        writer.close()
        assert line.split(b" ")[1] == status
