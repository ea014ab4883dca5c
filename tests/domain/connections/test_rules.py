"""SM-CONN and the states of a duty, against tables of what is legal written down a second time."""

import importlib
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from app.domain.connections import rules
from app.domain.connections.errors import BadCensus, BadDuty, BadStep, DutyNotAt, NotNow, NotThrough
from app.domain.connections.models import ConnectionCategory, ConnectionState, DutyState, DutyTerms
from tests.factories.connections import DUE, decision, duty, facts

S, C = ConnectionState, ConnectionCategory

# Each step of SM-CONN within a class: where it begins, where it leads, and for which classes.
STEPS = {
    ("classified", "integrating", "12"),
    ("integrating", "testing", "12"),
    ("testing", "live", "12"),
    ("live", "degraded", "12"),
    ("degraded", "live", "12"),
    ("degraded", "offline", "12"),
    ("classified", "quoted", "3"),
    ("quoted", "funded", "3"),
    ("classified", "following", "4"),
    ("following", "following", "4"),
    ("classified", "reported", "5"),
    ("reported", "recheck", "5"),
    ("recheck", "recheck", "5"),
}
# Where a class may be decided, and which.
DECISIONS = {
    "surveyed": "12345",
    "classified": "12345",
    "funded": "2",
    "following": "2",
    "recheck": "24",
}
DUTY_STEPS = {
    ("listed", "opened"),
    ("listed", "overdue"),
    ("opened", "serving"),
    ("opened", "overdue"),
    ("overdue", "serving"),
}


@pytest.mark.parametrize(
    ("state", "category", "to"), list(product(S, C, [one for one in S if one is not S.CLASSIFIED]))
)
def test_a_step_is_legal_exactly_as_the_table_says(
    state: ConnectionState, category: ConnectionCategory, to: ConnectionState
) -> None:
    is_legal = any(
        (state, to) == (begin, end) and str(category.value) in classes for begin, end, classes in STEPS
    )
    if is_legal:
        rules.check_step(state, category, to)
    else:
        with pytest.raises(NotNow):
            rules.check_step(state, category, to)


@pytest.mark.parametrize(("state", "category"), list(product(S, C)))
def test_a_class_is_decided_exactly_where_the_table_says(
    state: ConnectionState, category: ConnectionCategory
) -> None:
    if str(category.value) in DECISIONS.get(state, ""):
        rules.check_may_decide(state, None, decision(category))
    else:
        with pytest.raises(NotNow):
            rules.check_may_decide(state, None, decision(category))


@pytest.mark.parametrize("to", [S.CLASSIFIED, S.QUOTED, S.FUNDED, S.FOLLOWING, S.REPORTED, S.RECHECK])
def test_a_step_that_needs_more_words_is_not_taken_without_them(to: ConnectionState) -> None:
    for category in C:
        with pytest.raises(NotNow):
            rules.check_way(S.CLASSIFIED, category, to)


@pytest.mark.parametrize(("state", "to"), list(product(DutyState, DutyState)))
def test_a_duty_goes_exactly_as_the_table_says(state: DutyState, to: DutyState) -> None:
    if (state, to) in DUTY_STEPS:
        rules.check_duty_step(state, to)
    else:
        with pytest.raises(DutyNotAt):
            rules.check_duty_step(state, to)


def test_the_database_knows_the_same_steps() -> None:
    said = importlib.import_module("app.migrations.0024_connections").STEPS
    for table, steps in (("connection", rules.STEPS), ("share_duty", rules.DUTY_STEPS)):
        ours = {f"{begin} {end}" for begin, ends in steps.items() for end in ends if begin != end}
        assert set(said[table].split(", ")) == ours


def test_states_that_lead_to_a_class_are_those_where_one_is_decided() -> None:
    assert {state for state, ends in rules.STEPS.items() if S.CLASSIFIED in ends} == set(rules.DECIDABLE)


@pytest.mark.parametrize("document_number", ["", "文" * 81])
def test_a_class_names_its_document(document_number: str) -> None:
    with pytest.raises(BadStep) as refused:
        rules.check_may_decide(S.SURVEYED, None, decision(C.DIRECT, document_number))
    assert list(refused.value.fields) == ["文号"]


@pytest.mark.parametrize(
    ("category", "due_on", "next_check_on", "column"),
    [
        (C.AGREED, None, None, "期限"),
        (C.COST_OPEN, None, None, "期限"),
        (C.PROVINCE_FIRST, None, None, "下次跟进"),
        (C.DECLINED, None, None, "下次跟进"),
        (C.PROVINCE_FIRST, DUE, DUE, "期限"),
        (C.DIRECT, None, DUE, "下次跟进"),
        (C.AGREED, DUE, DUE, "下次跟进"),
    ],
)
def test_a_class_has_the_date_it_needs(
    category: ConnectionCategory, due_on: date | None, next_check_on: date | None, column: str
) -> None:
    told = rules.Decision(category, "文号", due_on, next_check_on)
    assert list(rules.faults_of_decision(told)) == [column]


def test_a_direct_connection_may_have_a_deadline_and_needs_none() -> None:
    for due_on in (None, DUE):
        assert rules.faults_of_decision(rules.Decision(C.DIRECT, "文号", due_on)) == {}


@pytest.mark.parametrize("cost", ["-0.01", "0.001", "1e12", "NaN", "Infinity"])
def test_a_cost_is_an_amount_of_money(cost: str) -> None:
    with pytest.raises(BadStep):
        rules.check_cost(Decimal(cost))
    rules.check_cost(Decimal("128000.50"))


def test_live_means_all_three_ticks() -> None:
    rules.check_through(S.LIVE, is_through=True)
    rules.check_through(S.TESTING, is_through=False)
    with pytest.raises(NotThrough):
        rules.check_through(S.LIVE, is_through=False)


def test_the_next_check_is_on_a_later_day() -> None:
    rules.check_ahead(date(2026, 11, 23), date(2026, 11, 22))
    with pytest.raises(BadStep):
        rules.check_ahead(date(2026, 11, 22), date(2026, 11, 22))


@pytest.mark.parametrize(
    ("given", "column"),
    [
        ({"name": ""}, "系统名称"),
        ({"department": "部" * 81}, "主管部门"),
        ({"item_codes": ("12",)}, "事项编码"),
        ({"uncoded_items": -1}, "事项数"),
        ({"uncoded_items": 10_001}, "事项数"),
    ],
)
def test_the_census_names_what_is_wrong(given: dict[str, Any], column: str) -> None:
    with pytest.raises(BadCensus) as refused:
        rules.check_facts(facts(**given))
    assert list(refused.value.fields) == [column]


@pytest.mark.parametrize(
    ("terms", "condition"),
    [
        (DutyTerms.CONDITIONAL, None),
        (DutyTerms.UNCONDITIONAL, "限行政审批使用"),
        (DutyTerms.CONDITIONAL, "长" * 201),
    ],
)
def test_a_condition_belongs_to_conditional_sharing(terms: DutyTerms, condition: str | None) -> None:
    rules.check_duty(duty(terms=DutyTerms.CONDITIONAL, condition="限行政审批使用"))
    with pytest.raises(BadDuty):
        rules.check_duty(duty(terms=terms, condition=condition))


def test_blanks_say_nothing() -> None:
    with pytest.raises(BadStep):
        rules.check_words(文号=("　 ", 80))
    assert "文号" in rules.faults_of_decision(decision(C.AGREED, document_number="  "))
    assert "系统名称" in rules.faults_of(facts(name=" "))
    with pytest.raises(BadDuty):
        rules.check_duty(duty(document_number=" "))
    with pytest.raises(BadDuty):
        rules.check_duty(duty(terms=DutyTerms.CONDITIONAL, condition=" "))


def test_who_serves_does_not_refuse_any_more() -> None:
    for state in DutyState:
        if state is DutyState.SERVING:
            with pytest.raises(DutyNotAt):
                rules.check_may_refuse(state)
        else:
            rules.check_may_refuse(state)
