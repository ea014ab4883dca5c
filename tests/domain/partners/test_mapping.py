"""Another system's own names and step codes read as ours."""

from typing import Any

import pytest

from app.domain.partners.errors import SystemInvalid
from app.domain.partners.mapping import GUANGDONG, STEP_CODES, FieldMap
from app.partner_api import reading

THEIRS = FieldMap.read(
    {
        **STEP_CODES,
        "fields": {
            "办件编号": "case_number", "环节": "kind", "序号": "sequence", "第几条": "step", "时间": "at",
            "结论": "result",
        },
        "values": {"result": {"1": "granted", "0": "denied"}},
        "fill": {"review": {"stage": "审核"}, "*": {"office": "行政审批局"}},
        "ignore": ["备注号"],
    }
)  # fmt: skip


def row(**values: Any) -> dict[str, Any]:
    base = {"序号": 1, "办件编号": "11440106MB2DEMA0293440131012001202611160001", "第几条": 1,
            "时间": "2026-11-16 09:00", "备注号": "x"}  # fmt: skip
    return {**base, **values}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("1", "application"), ("2", "acceptance"), ("3", "review"), ("4", "decision"),
        ("11", "correction_received"), ("12", "special_procedure"), ("99", "other"),
    ],
)  # fmt: skip
def test_every_step_code_of_the_other_system_is_known(code: str, kind: str) -> None:
    assert THEIRS is not None
    assert THEIRS.translated({"环节": code})["kind"] == kind
    assert THEIRS.translated({"环节": int(code)})["kind"] == kind


def test_the_ten_numbers_of_the_exchange_model_are_known() -> None:
    found = FieldMap.read(GUANGDONG)
    assert found is not None
    kinds = [found.translated({"kind": number})["kind"] for number in range(10)]
    assert kinds == [
        "application", "pre_acceptance", "acceptance", "review", "decision", "special_procedure",
        "special_procedure_result", "correction_notice", "correction_received", "collection",
    ]  # fmt: skip


def test_a_row_of_theirs_is_a_message_of_ours() -> None:
    message: Any = reading.read(row(环节="4", 结论=1), THEIRS)
    assert (message.kind, message.step, message.facts["result"]) == ("decision", 1, "granted")
    assert message.facts["office"] == "行政审批局"
    assert message.facts["at"] == "2026-11-16T09:00:00+08:00"
    assert reading.read(row(环节="3"), THEIRS).facts["stage"] == "审核"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "given",
    [
        {"field": {}}, {"kinds": {"1": "no such kind"}}, {"fields": {"a": 1}}, {"values": {"result": "x"}},
        {"ignore": "x"}, {"fill": []},
    ],
)  # fmt: skip
def test_a_map_that_says_something_else_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(SystemInvalid):
        FieldMap.read(given)
