"""When an applicant may hand in what, and which documents a history gives."""

from datetime import date, timedelta

import pytest

from app.domain.cases import paper_rules
from app.domain.cases.models import DUE_MOVED, EXTENDED, FINAL, SPECIAL_OVERDUE, UNDECIDED
from app.domain.cases.models import CaseState as S
from app.domain.cases.paper_errors import (
    CannotJudge,
    MaterialHandedIn,
    NothingAsked,
    NothingHandedIn,
    PromiseDateInvalid,
    TooManyMaterials,
)
from app.domain.cases.paper_models import DocumentKind as D
from app.domain.cases.paper_models import MaterialState as M
from app.domain.cases.paper_rules import MOST_BYTES, Held

TODAY = date(2026, 11, 22)


def test_a_file_comes_only_while_it_is_asked_for() -> None:
    for state in S:
        if state is S.SUPPLEMENT:
            paper_rules.check_may_add(state, None)
            continue
        with pytest.raises(NothingAsked):
            paper_rules.check_may_add(state, None)


@pytest.mark.parametrize("state", [M.DECLARED, M.REJECTED])
def test_what_was_promised_or_rejected_may_come_until_the_decision(state: M) -> None:
    for one in UNDECIDED:
        paper_rules.check_may_add(one, Held(state, is_handed_in=True))
    for one in FINAL:
        with pytest.raises(NothingAsked):
            paper_rules.check_may_add(one, Held(state, is_handed_in=True))
    with pytest.raises(NothingAsked):
        paper_rules.check_may_add(S.REVIEW, Held(M.UPLOADED, is_handed_in=True))


def test_what_stands_is_not_exchanged_behind_the_offices_back() -> None:
    for state in M:
        paper_rules.check_replaced(Held(state, is_handed_in=False))
    for state in (M.UPLOADED, M.CHECKED, M.REPLACED):
        with pytest.raises(MaterialHandedIn):
            paper_rules.check_replaced(Held(state, is_handed_in=True))


def test_a_case_has_room_for_twenty_files_and_a_hundred_megabytes() -> None:
    paper_rules.check_room(19, MOST_BYTES - 1, 1)
    for files, size, new in ((20, 0, 1), (0, MOST_BYTES, 1)):
        with pytest.raises(TooManyMaterials):
            paper_rules.check_room(files, size, new)


def test_an_answer_hands_something_in_with_days_that_can_be_kept() -> None:
    paper_rules.check_may_answer(S.SUPPLEMENT, 1, [], TODAY)
    paper_rules.check_may_answer(S.SUPPLEMENT, 0, [TODAY + timedelta(days=90)], TODAY)
    with pytest.raises(NothingHandedIn):
        paper_rules.check_may_answer(S.SUPPLEMENT, 0, [], TODAY)
    for days in (-1, 0, 91):
        with pytest.raises(PromiseDateInvalid):
            paper_rules.check_may_answer(S.SUPPLEMENT, 1, [TODAY + timedelta(days=days)], TODAY)
    for state in set(S) - {S.SUPPLEMENT}:
        with pytest.raises(NothingAsked):
            paper_rules.check_may_answer(state, 1, [], TODAY)


def test_an_accepted_case_stays_accepted_when_it_is_corrected() -> None:
    assert paper_rules.answered_state(is_accepted=False) is S.SUBMITTED
    assert paper_rules.answered_state(is_accepted=True) is S.REVIEW


def test_only_what_was_handed_in_is_judged_and_once() -> None:
    paper_rules.check_may_judge(Held(M.UPLOADED, is_handed_in=True))
    for held in (Held(M.UPLOADED, is_handed_in=False), *(Held(m, is_handed_in=True) for m in M)):
        if held != Held(M.UPLOADED, is_handed_in=True):
            with pytest.raises(CannotJudge):
                paper_rules.check_may_judge(held)


def documents(*kinds: str, promised_seq: int | None = None) -> list[tuple[int, D]]:
    return list(paper_rules.documents_of(list(enumerate(kinds, 1)), promised_seq=promised_seq))


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        (S.ACCEPTED, D.ACCEPTANCE),
        (S.NOT_ACCEPTED, D.NON_ACCEPTANCE),
        (S.SUPPLEMENT, D.CORRECTION),
        (S.SUSPENDED, D.SPECIAL_PROCEDURE),
        (EXTENDED, D.EXTENSION),
        (S.GRANTED, D.GRANTING),
        (S.DENIED, D.DENIAL),
        (S.DELIVERED, D.DELIVERY),
    ],
)
def test_the_document_of_each_step(kind: str, document: D) -> None:
    assert documents(S.SUBMITTED, kind) == [(1, D.RECEIPT), (2, document)]


def test_steps_without_a_document() -> None:
    silent = (
        S.PRE_REVIEW, S.TRANSFERRED, S.REVIEW, S.ISSUED, S.CLOSED, S.WITHDRAWN, S.TERMINATED,
        SPECIAL_OVERDUE, DUE_MOVED,
    )  # fmt: skip
    assert documents(S.SUBMITTED, *silent) == [(1, D.RECEIPT)]


def test_the_receipt_is_given_once_and_each_correction_is_told() -> None:
    found = documents(S.SUBMITTED, S.SUPPLEMENT, S.SUBMITTED, S.SUPPLEMENT, S.SUBMITTED)
    assert found == [(1, D.RECEIPT), (2, D.CORRECTION), (4, D.CORRECTION)]


def test_a_promise_becomes_a_document_with_the_acceptance() -> None:
    found = documents(S.SUBMITTED, S.ACCEPTED, promised_seq=1)
    assert found[1:] == [(2, D.ACCEPTANCE), (2, D.PROMISE)]
    assert documents(S.SUBMITTED, promised_seq=1) == [(1, D.RECEIPT)]


def test_a_promise_made_after_the_acceptance_is_no_part_of_it() -> None:
    found = documents(S.SUBMITTED, S.ACCEPTED, S.SUPPLEMENT, S.REVIEW, promised_seq=4)
    assert found[1:] == [(2, D.ACCEPTANCE), (3, D.CORRECTION)]
