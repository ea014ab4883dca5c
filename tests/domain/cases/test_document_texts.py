"""What documents say: the remedies the law wants, the words of the office, and nothing made up."""

import re
import zlib
from dataclasses import replace
from datetime import date, datetime

import pytest

from app.domain.cases import document_sheets, document_texts
from app.domain.cases.document_texts import TITLES, Facts, Paper, worded
from app.domain.cases.models import LimitUnit, SpecialKind
from app.domain.cases.paper_models import DocumentKind as D
from app.kit.clock import SHANGHAI

AT = datetime(2026, 11, 22, 10, 0, tzinfo=SHANGHAI)
FACTS = Facts(
    case_number="1144010600000000001",
    item_name="食品经营许可（新办）",
    applicant="广州某餐饮有限公司",
    office="天河区受理窗口",
    contact="020-12345",
    at=AT,
    submitted_at=AT,
    told="缺少平面图",
    due_on=date(2026, 12, 18),
    asked_until=date(2026, 12, 1),
    special=SpecialKind.HEARING,
    approver="审批岗",
    limit="20个工作日",
    promises=[("消防合格证明", date(2026, 12, 20))],
)

ARTICLES = {
    D.RECEIPT: "第三十二条",
    D.ACCEPTANCE: "第四十五条",
    D.SPECIAL_PROCEDURE: "第四十五条",
    D.EXTENSION: "第四十二条",
    D.GRANTING: "第四十四条",
}


def words(kind: D, facts: Facts = FACTS) -> str:
    return "\n".join(worded(kind, facts).paragraphs)


@pytest.mark.parametrize("kind", D)
def test_every_document_names_itself_its_item_its_office_and_its_day(kind: D) -> None:
    paper = worded(kind, FACTS)
    assert paper.title == TITLES[kind]
    assert "食品经营许可（新办）" in words(kind)
    assert ("事项名称", "食品经营许可（新办）") in paper.facts
    assert paper.dated_on == "2026年11月22日"
    assert FACTS.office in (paper.signed_by, paper.addressee)
    assert ARTICLES.get(kind, "") in words(kind)


def test_a_refusal_gives_its_reason_and_tells_how_to_object() -> None:
    for kind in (D.NON_ACCEPTANCE, D.DENIAL):
        assert "理由：缺少平面图" in words(kind)
        assert "六十日内依法申请行政复议" in words(kind)
        assert "六个月内依法向人民法院提起行政诉讼" in words(kind)
    for kind in set(D) - {D.NON_ACCEPTANCE, D.DENIAL}:
        assert "复议" not in words(kind)


def test_days_and_limits_are_told_where_they_are_known_and_not_made_up() -> None:
    bare = replace(FACTS, due_on=None, asked_until=None, special=None, approver="", limit="", told="")
    assert "2026年12月18日前办结" in words(D.ACCEPTANCE)
    assert "规定的期限内办结" in words(D.ACCEPTANCE, bare)
    assert "2026年12月1日前补正" in words(D.CORRECTION)
    assert "尽快补正" in words(D.CORRECTION, bare)
    assert "依法需要听证，经审批岗批准，所需时间为20个工作日。" in words(D.SPECIAL_PROCEDURE)
    assert "依法需要特别程序。" in words(D.SPECIAL_PROCEDURE, bare)
    assert "延长20个工作日" in words(D.EXTENSION)
    assert all("None" not in words(kind, bare) for kind in D)


def test_a_promise_is_the_applicants_own() -> None:
    paper = worded(D.PROMISE, FACTS)
    assert "1．消防合格证明（2026年12月20日前）" in paper.paragraphs
    assert (paper.addressee, paper.signed_by) == ("天河区受理窗口", "承诺人：广州某餐饮有限公司")


def test_every_special_procedure_and_unit_has_its_word() -> None:
    assert set(document_texts.SPECIAL_KINDS) == set(SpecialKind)
    assert set(document_texts.UNITS) == set(LimitUnit)
    assert set(TITLES) == set(D)


def test_a_paper_comes_back_from_its_canonical_form() -> None:
    paper = worded(D.DENIAL, FACTS)
    assert Paper.of(paper.canonical()).canonical() == paper.canonical()
    assert paper.canonical() != worded(D.DENIAL, replace(FACTS, told="缺少平面图。")).canonical()


_STREAM = re.compile(rb"stream\r?\n(.+?)\r?\nendstream", re.DOTALL)
_SIGN = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]{4,8})>")
_SHOWN = re.compile(rb"\(((?:[^()\\]|\\.)*)\) Tj", re.DOTALL)


def text_of(pdf: bytes) -> str:
    """The words of a file of ours, glyph by glyph through the map it carries for people who copy from it."""
    streams = [_unpacked(found) for found in _STREAM.findall(pdf)]
    [letters] = [one for one in streams if b"beginbfchar" in one]
    signs = {int(glyph, 16): bytes.fromhex(sign.decode()).decode("utf-16-be")
             for glyph, sign in _SIGN.findall(letters)}  # fmt: skip
    [page] = [one for one in streams if b" Tj" in one]
    plain = [
        re.sub(rb"\\(.)", lambda escaped: {b"r": b"\r", b"n": b"\n"}.get(escaped[1], escaped[1]), one)
        for one in _SHOWN.findall(page)
    ]
    return "".join(
        signs[int.from_bytes(one[at : at + 2], "big")] for one in plain for at in range(0, len(one), 2)
    )


def _unpacked(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream


def test_a_file_carries_its_letters_its_code_and_says_that_it_has_no_seal() -> None:
    rare = replace(FACTS, applicant="龘䶮有限公司", told="缺少" + "平面图、" * 40)
    paper = worded(D.DENIAL, rare)
    made = document_sheets.drawn(paper, AT, "ABCDEFGHJKLMNPQR", "0123456789abcdef" * 4)
    assert made.startswith(b"%PDF-")
    assert len(made) < 200_000
    text = text_of(made)
    for said in ("不予决定书", "龘䶮有限公司：", "ABCD-EFGH-JKLM-NPQR", "0123456789abcdef", "未加盖电子印章"):
        assert said in text
    assert document_sheets.drawn(paper, AT, "ABCDEFGHJKLMNPQR", "0123456789abcdef" * 4) == made
