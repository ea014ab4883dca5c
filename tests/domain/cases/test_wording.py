"""Words that no case can hold are refused by the domain itself, row by row, whoever brings them."""

from typing import Any

import pytest

from app.domain.cases import batches, wording
from app.domain.cases.errors import IllegalMove, WordsUnfit
from app.domain.cases.history import Move, NewCase, Special, Told
from app.domain.cases.models import Case, CaseEvent, CaseFinding, SpecialKind, SpecialProcedure
from app.domain.cases.models import CaseState as S
from tests.factories.cases import CODE, HANDED_IN, case_number, make_case, step


def test_what_is_refused_is_what_the_columns_do_not_take() -> None:
    for model, names in (
        (
            Case,
            ("item_name", "item_code", "authority", "office", "contact", "acceptance_number", "queue_number"),
        ),
        (CaseEvent, ("office", "text")),
        (SpecialProcedure, ("approver", "reason")),
    ):
        for name in names:
            column: Any = model._meta.fields_map[name]
            assert column.max_length == wording.LONGEST[name], name


@pytest.mark.parametrize("sign", ["\0", "\x1b", "\ud800"])
def test_signs_that_cannot_be_kept_are_refused(sign: str) -> None:
    with pytest.raises(WordsUnfit) as refused:
        wording.check(text=f"理由{sign}", office="窗口")
    assert refused.value.fields == {"text": ["含有不能使用的字符"]}
    wording.check(text="第一行\n第二行\t", office="𠮷野窗口", contact="")


@pytest.mark.usefixtures("db")
async def test_one_row_with_too_many_words_leaves_the_others_alone() -> None:
    def told(**values: Any) -> Told:
        new = NewCase(**{"number": case_number(), "item_name": "许可", "office": "窗口", **values})
        return Told(new, CODE, HANDED_IN)

    results = await batches.submit_many(
        [
            told(), told(item_name="字" * 201), told(office="字" * 81), told(contact="1" * 81),
            told(item_code="1" * 34), told(item_name="许\0可"), told(item_name="字" * 200, office="字" * 80),
        ]
    )  # fmt: skip
    assert [type(one.error) for one in results] == [type(None), *[WordsUnfit] * 5, type(None)]
    case, other = await make_case(S.ACCEPTED, S.REVIEW), await make_case()
    hearing = Special(SpecialKind.HEARING, "岗" * 81, reason="听证")
    results = await batches.record_many(
        [
            Move(case.number, step(S.REVIEW, days=3, text="字" * 501)),
            Move(case.number, step(S.REVIEW, days=3, office="字" * 81)),
            Move(case.number, step(S.SUSPENDED, days=3, special=hearing)),
            Move(other.number, step(S.ACCEPTED, text="字" * 500)),
        ]
    )
    assert [type(one.error) for one in results] == [*[WordsUnfit] * 3, type(None)]
    assert (await Case.get(number=case.number)).last_seq == case.last_seq


@pytest.mark.usefixtures("db")
async def test_the_finding_of_a_refused_history_names_the_step_that_was_refused() -> None:
    steps = (step(S.ACCEPTED), step(S.GRANTED, days=2), step(S.REVIEW, days=3), step(S.DENIED, days=4))
    told = Told(NewCase(case_number(), "许可", "窗口"), CODE, HANDED_IN, steps)
    (result,) = await batches.submit_many([told])
    assert isinstance(result.error, IllegalMove)
    found = await CaseFinding.get()
    assert (found.wanted, found.at) == ("granted", steps[1].at)
