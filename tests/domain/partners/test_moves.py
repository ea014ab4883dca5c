"""What each of the ten kinds means for its case."""

from typing import Any

import pytest

from app.domain.cases.clock import TimeLimit
from app.domain.cases.models import CaseState as S
from app.domain.cases.models import LimitUnit, SpecialKind
from app.domain.partners import moves
from app.domain.partners.applicants import Applicant
from app.domain.partners.kinds import Message
from app.partner_api import reading
from tests.factories.partners import message

NUMBER = "11440106MB2DEMA0293440131012001202611160001"
WRONG_ID = "440106199003070011"


def told(kind: str, **facts: Any) -> Message:
    found = reading.read(message(kind, NUMBER, 1, sequence=1, **facts), None)
    assert isinstance(found, Message), found
    return found


@pytest.mark.parametrize(
    ("kind", "facts", "states"),
    [
        ("pre_acceptance", {"result": "reviewing"}, [S.PRE_REVIEW]),
        ("pre_acceptance", {"result": "correction", "reason": "补一份"}, [S.SUPPLEMENT]),
        ("pre_acceptance", {"result": "not_accepted", "reason": "不属本机关"}, [S.NOT_ACCEPTED]),
        ("pre_acceptance", {"result": "transferred", "reason": "请向税务局申请"}, [S.TRANSFERRED]),
        ("acceptance", {}, [S.ACCEPTED]),
        ("review", {}, [S.REVIEW]),
        ("decision", {"result": "granted"}, [S.GRANTED, S.ISSUED]),
        ("decision", {"result": "granted", "is_issued": False}, [S.GRANTED]),
        ("decision", {"result": "denied", "reason": "不符合条件"}, [S.DENIED, S.ISSUED]),
        ("decision", {"result": "terminated", "reason": "逾期未补正"}, [S.TERMINATED]),
        ("decision", {"result": "withdrawn"}, [S.WITHDRAWN]),
        ("special_procedure", {}, [S.SUSPENDED]),
        ("special_procedure", {"procedure": "extension"}, [S.REVIEW]),
        ("special_procedure_result", {}, [S.REVIEW]),
        ("correction_notice", {}, [S.SUPPLEMENT]),
        ("correction_received", {}, [S.SUBMITTED]),
        ("collection", {"stage": "ready"}, [S.ISSUED]),
        ("collection", {}, [S.DELIVERED, S.CLOSED]),
        ("other", {}, []),
    ],
)
def test_a_kind_leads_to_its_states(kind: str, facts: dict[str, Any], states: list[S]) -> None:
    assert [step.to for step in moves.steps(told(kind, **facts), is_accepted=False)] == states


def test_a_correction_of_an_accepted_case_leads_back_to_review() -> None:
    (step,) = moves.steps(told("correction_received"), is_accepted=True)
    assert step.to is S.REVIEW


def test_an_application_is_a_case_with_its_limits_and_whoever_applied() -> None:
    applied = told(
        "application", promised_amount=10, promised_unit="working_day", query_code="K7M2XQ", text="已收件"
    )
    begun = moves.told(applied, Applicant())
    assert begun.new.number == NUMBER
    assert begun.new.promised == TimeLimit(10, LimitUnit.WORKING_DAY)
    assert (begun.query_code, begun.submitted_text) == ("K7M2XQ", "已收件")


def test_an_acceptance_brings_the_query_code_and_its_limits() -> None:
    facts = {"query_code": "8H3TPW", "legal_amount": 20, "legal_unit": "working_day"}
    (step,) = moves.steps(told("acceptance", **facts), is_accepted=False)
    assert step.query_code == "8H3TPW"
    assert step.legal == TimeLimit(20, LimitUnit.WORKING_DAY)


def test_a_special_procedure_brings_who_approved_it_and_its_own_limit() -> None:
    (step,) = moves.steps(told("special_procedure", procedure="hearing"), is_accepted=True)
    assert step.special is not None
    assert (step.special.kind, step.special.approver) == (SpecialKind.HEARING, "分管领导")
    assert step.special.limit == TimeLimit(5, LimitUnit.WORKING_DAY)


def test_the_opinion_of_an_office_is_not_told() -> None:
    (step,) = moves.steps(told("review", opinion="内部意见"), is_accepted=True)
    assert step.text == "初审"


@pytest.mark.parametrize(
    ("kind", "facts", "name"),
    [
        ("pre_acceptance", {"result": "not_accepted"}, "reason"),
        ("decision", {"result": "denied", "reason": " "}, "reason"),
        ("acceptance", {"promised_unit": "fortnight"}, "promised_unit"),
        ("acceptance", {"legal_amount": 3}, "legal_amount"),
        ("acceptance", {"promised_amount": 11, "promised_unit": "year"}, "promised_amount"),
        ("acceptance", {"query_code": "123"}, "query_code"),
        ("application", {"applicant_kind": "person", "applicant_number": WRONG_ID}, "applicant_number"),
        ("application", {"applicant_kind": "enterprise", "applicant_number": "9144"}, "applicant_number"),
        ("application", {"applicant_number": "9144"}, "applicant_number"),
        ("application", {"authority": "x"}, "authority"),
        ("review", {"case_number": "不是编号"}, "case_number"),
        ("review", {"sequence": 2**63}, "sequence"),
        ("review", {"step": 0}, "step"),
        ("review", {"at": "2026-11-16T09:00:00"}, "at"),
        ("review", {"unknown": 1}, "unknown"),
        ("decision", {"documents": ["x"] * 21}, "documents"),
    ],
)  # fmt: skip
def test_what_a_message_lacks_is_told_by_field(kind: str, facts: dict[str, Any], name: str) -> None:
    row = {**message(kind, NUMBER, 1, sequence=1), **facts}
    answer: Any = reading.read(row, None)
    assert answer.code == "partner_message_invalid"
    assert answer.detail.startswith(f"{name}：")
    # A number of somebody's is never told back.
    assert WRONG_ID not in answer.detail


def test_the_same_facts_are_the_same_message_however_they_are_written() -> None:
    row = message("review", NUMBER, 1, sequence=1)
    written = {**dict(reversed(row.items())), "sequence": "1", "case_number": NUMBER.lower() + " "}
    assert reading.read(row, None).digest == reading.read(written, None).digest  # type: ignore[union-attr]
    assert "初审" not in repr(reading.read(row, None))
