"""No text of ours is taken for a formula."""

import pytest

from app.kit.spreadsheets import harmless, plain


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1"])
def test_what_begins_like_a_formula_is_made_a_text(text: str) -> None:
    assert harmless(text) == f"'{text}"


def test_all_else_stays_as_it_is() -> None:
    assert harmless("list:12") == "list:12"


def test_signs_no_workbook_can_hold_are_left_out() -> None:
    assert plain("甲\x00乙\x0b\ufffe丙\n=1") == "甲乙丙\n=1"
    assert plain("\x01=1") == "'=1"
