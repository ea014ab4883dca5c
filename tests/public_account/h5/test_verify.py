"""The page on which anybody checks a document: true, altered, unknown, and never personal."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from app.domain.accounts.models import Enterprise
from app.domain.cases import document_codes, documents
from app.domain.cases.documents import DocumentView
from app.domain.cases.models import CaseState as S
from app.kit.ids import uuid7
from tests.factories.appointments import make_person
from tests.factories.cases import make_case
from tests.factories.papers import citizen
from tests.public_account.h5.conftest import Browser


@pytest.fixture
async def document(db: None) -> DocumentView:
    """A 不予受理通知书 of somebody."""
    me = await make_person()
    case = await make_case(S.NOT_ACCEPTED, person_id=me)
    return (await documents.of_case(case.number, citizen(me)))[-1]


def address_of(document: DocumentView) -> str:
    """Where its QR code leads, on the server of this test."""
    parts = urlsplit(document_codes.address(document.code.replace("-", ""), document.sha256))
    assert set(parse_qs(parts.query)) == {"code", "digest"}
    return f"{parts.path}?{parts.query}"


async def test_a_scanned_document_is_true(browser: Browser, document: DocumentView) -> None:
    page = await browser.get(address_of(document))
    assert page.status == 200
    for told in (
        "文书真实",
        "不予受理通知书",
        "天河区审核岗",
        "2026-11-17",
        document.sha256[:16],
        "1144********",
    ):
        assert told in page.text
    assert not re.search(r"[0-9A-Z]{20}", page.text), "the number of the case is masked"
    assert "理由和要求" not in page.text
    assert page.headers["cache-control"] == "no-store"


async def test_a_typed_code_is_forgiven_its_dashes_and_lower_case(
    browser: Browser, document: DocumentView
) -> None:
    page = await browser.get(f"/h5/verify?code={document.code.lower().replace('-', '%20')}&from=timeline")
    assert "文书真实" in page.text
    assert "应与上面完全一致" in page.text


async def test_a_paper_of_other_words_is_told_apart(browser: Browser, document: DocumentView) -> None:
    page = await browser.get(f"/h5/verify?code={document.code}&digest=0000000000000000")
    assert "内容与登记的不一致" in page.text
    assert "文书真实" not in page.text


async def test_a_wrong_code_finds_nothing_and_five_lock(browser: Browser, document: DocumentView) -> None:
    for n in range(5):
        page = await browser.get(f"/h5/verify?code=ABCD-EFGH-JKLM-NPQ{n + 2}")
        assert (page.status, "没有这个核验码" in page.text) == (404, True)
    page = await browser.get(address_of(document))
    assert page.status == 429
    assert "30 分钟" in page.text


async def test_whatever_is_typed_is_answered_with_words(browser: Browser, db: None) -> None:
    assert "文书核验" in (await browser.get("/h5/verify")).text
    page = await browser.get("/h5/verify?code=%3Cscript%3E&digest=%F0%9F%98%80")
    assert page.status == 404
    assert "<script>" not in page.text


async def test_a_document_of_an_enterprise_tells_no_name(browser: Browser, db: None) -> None:
    me = await make_person()
    firm = await Enterprise.create(id=uuid7(), uscc_sealed="-", uscc_hash=b"-", name="广州某餐饮有限公司")
    case = await make_case(person_id=me, enterprise_id=firm.id)
    [row] = await documents._issued(case.number)
    page = await browser.get(f"/h5/verify?code={row.code}")
    assert "收件凭证" in page.text
    assert "某餐饮" not in page.text
