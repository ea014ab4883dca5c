"""Certificates on the pages: one's own with the watermark's words, and nobody else's."""

from typing import Any
from uuid import UUID

import pytest

from app.domain.accounts import proofing
from app.domain.accounts.models import IdentityLevel, Person
from app.kit import crypto
from tests.factories.accounts import id_number
from tests.factories.certificates import certificate
from tests.factories.partners import make_partner
from tests.public_account.h5.conftest import Browser

LIST = "/h5/certificates"


async def prove(person_id: UUID, number: str) -> None:
    """The person's number is proved from now on."""
    await Person.filter(id=person_id).update(
        level=IdentityLevel.REALNAME_L1,
        id_number_hash=crypto.lookup_hash(number, proofing.ID_NUMBER),
        id_number_sealed=crypto.seal(number),
    )


@pytest.fixture
async def number(person_id: UUID) -> str:
    made = id_number()
    await prove(person_id, made)
    return made


async def test_who_is_not_proved_is_told_how(signed_in: Browser) -> None:
    page = await signed_in.get(LIST)
    assert "实名核验" in page.text


async def test_a_certificate_is_shown_with_its_watermark(signed_in: Browser, number: str) -> None:
    assert "还没有归集" in (await signed_in.get(LIST)).text
    partner = await make_partner()
    facts: dict[str, Any] = {"holder_kind": "person", "holder_number": number, "holder_name": "欧阳小明"}
    await partner.take_in(certificate(1, **facts))
    listed = await signed_in.get(LIST)
    assert "食品经营许可证" in listed.text
    assert "JY14401060000001" not in listed.text, "a list shows the ends of a number only"
    path = listed.text.split(f'href="{LIST}/')[1].split('"')[0]
    page = await signed_in.get(f"{LIST}/{path}")
    assert "JY14401060000001" in page.text
    assert "此件由天河区市场监督管理局提供" in page.text
    assert "欧**明" in page.text
    assert number not in page.text
    assert "欧阳小明" not in page.text


async def test_what_is_not_in_force_says_so(signed_in: Browser, number: str) -> None:
    partner = await make_partner()
    facts: dict[str, Any] = {"holder_kind": "person", "holder_number": number, "holder_name": "张三"}
    await partner.take_in(certificate(1, **facts, valid_until="2025-12-31"))
    listed = await signed_in.get(LIST)
    assert "已过期" in listed.text
    path = listed.text.split(f'href="{LIST}/')[1].split('"')[0]
    assert "不能作为办事凭证" in (await signed_in.get(f"{LIST}/{path}")).text


async def test_anothers_certificate_is_not_found(signed_in: Browser, number: str) -> None:
    partner = await make_partner()
    await partner.take_in(certificate(1))
    assert "食品经营许可证" not in (await signed_in.get(LIST)).text
    assert (await signed_in.get(f"{LIST}/0198a0a0-0000-7000-8000-000000000000")).status == 404
