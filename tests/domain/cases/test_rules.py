"""Which step of a case may follow which, and what it must carry: the table of SM-CASE, whole."""

from datetime import date, datetime, timedelta
from itertools import product

import pytest

from app.domain.cases import rules
from app.domain.cases.errors import DueMissing, IllegalMove, ReasonMissing
from app.domain.cases.models import FINAL, FindingKind
from app.domain.cases.models import CaseState as S
from app.domain.cases.texts import FINDING_TEXTS, NEXT_TEXTS, STATE_TEXTS
from app.kit.clock import SHANGHAI

# Written again from the diagram, path by path, as a person reads it.
BEFORE_DECISION = "submitted pre_review supplement accepted review suspended"
ARROWS = """
submitted > pre_review supplement not_accepted transferred accepted withdrawn terminated
pre_review > supplement not_accepted transferred accepted withdrawn terminated
supplement > submitted withdrawn terminated
accepted > review supplement withdrawn terminated
review > review suspended supplement granted denied withdrawn terminated
suspended > review withdrawn terminated
granted > issued
denied > issued
issued > delivered
delivered > closed
"""


def arrows() -> set[tuple[S, S]]:
    found = set()
    for line in ARROWS.strip().splitlines():
        before, _, after = line.partition(" > ")
        found |= {(S(before), S(to)) for to in after.split()}
    return found


@pytest.mark.parametrize(("before", "to"), list(product(S, S)))
def test_a_step_is_allowed_exactly_where_the_diagram_has_an_arrow(before: S, to: S) -> None:
    if (before, to) in arrows():
        rules.check_move(before, to, is_accepted=False, text="理由")
    else:
        with pytest.raises(IllegalMove):
            rules.check_move(before, to, is_accepted=False, text="理由")


def test_a_refused_step_names_both_states() -> None:
    with pytest.raises(IllegalMove, match=r"已办结.*审核中"):
        rules.check_move(S.CLOSED, S.REVIEW, is_accepted=True, text="")


def test_a_correction_after_acceptance_returns_to_review() -> None:
    rules.check_move(S.SUPPLEMENT, S.REVIEW, is_accepted=True, text="")
    for to in (S.SUBMITTED, S.ACCEPTED):
        with pytest.raises(IllegalMove):
            rules.check_move(S.SUPPLEMENT, to, is_accepted=True, text="")


@pytest.mark.parametrize("before", S)
def test_time_may_be_extended_only_of_what_is_accepted_and_not_stopped(before: S) -> None:
    if before in (S.ACCEPTED, S.REVIEW):
        rules.check_move(before, S.REVIEW, is_accepted=True, text="理由", is_extension=True)
    else:
        with pytest.raises(IllegalMove):
            rules.check_move(before, S.REVIEW, is_accepted=True, text="理由", is_extension=True)


def test_what_happened_besides_steps_leaves_the_state_as_it_was() -> None:
    assert rules.stood_after([]) is None
    assert rules.stood_after(["submitted", "accepted", "due_moved"]) is S.ACCEPTED
    assert rules.stood_after(["submitted", "accepted", "extended"]) is S.REVIEW
    assert rules.stood_after(["submitted", "review", "suspended", "special_overdue"]) is S.SUSPENDED


def test_the_applicant_may_withdraw_until_the_decision() -> None:
    able = {state for state in S if S.WITHDRAWN in rules.moves_from(state, is_accepted=False)}
    assert able == {S(name) for name in BEFORE_DECISION.split()}


@pytest.mark.parametrize("to", sorted(rules.NEEDS_REASON))
def test_what_hurts_the_applicant_needs_a_reason(to: S) -> None:
    before = next(before for before, after in sorted(arrows()) if after is to)
    for text in ("", "  "):
        with pytest.raises(ReasonMissing):
            rules.check_move(before, to, is_accepted=False, text=text)


def test_acceptance_fixes_a_due_date_not_before_its_day() -> None:
    at = datetime(2026, 11, 20, 23, 30, tzinfo=SHANGHAI)
    for due_on in (None, date(2026, 11, 19)):
        with pytest.raises(DueMissing):
            rules.check_due(due_on, at)
    rules.check_due(at.date(), at)
    rules.check_due(at.date() + timedelta(days=28), at)


def test_final_states_are_those_without_an_arrow() -> None:
    assert set(FINAL) == set(S) - {before for before, _ in arrows()}


def test_every_state_and_every_finding_is_told_in_words() -> None:
    assert set(STATE_TEXTS) == set(NEXT_TEXTS) == set(S)
    assert set(FINDING_TEXTS) == set(FindingKind)
