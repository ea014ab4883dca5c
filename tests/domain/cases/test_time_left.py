"""The time left for a case, in one sentence: left, gone by, standing still, not yet certain."""

from datetime import datetime

import pytest

from app.domain.cases import time_left
from app.domain.cases.clock import Remaining
from app.domain.cases.models import CaseState
from app.domain.cases.progress import CaseProgress
from app.kit.clock import SHANGHAI

AT = datetime(2026, 11, 18, 9, tzinfo=SHANGHAI)


def case(
    remaining: Remaining | None, *, is_paused: bool = False, is_provisional: bool = False
) -> CaseProgress:
    """A case of which only the clock matters."""
    return CaseProgress(
        number="B-1", item_name="", state=CaseState.REVIEW, state_text="", office="", contact="",
        next_text="", submitted_at=AT, due_at=AT, original_due_at=AT, remaining=remaining,
        is_due_provisional=is_provisional, paused_since=AT if is_paused else None, paused_why="", asked="",
        asked_until=None, result="", is_over=False, can_withdraw=True, can_confirm_receipt=False, last_seq=1,
        updated_at=AT, steps=(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("remaining", "words"),
    [
        (Remaining(3, 6), "还剩 3 个工作日 6 小时"),
        (Remaining(2, 0), "还剩 2 个工作日"),
        (Remaining(0, 4), "还剩 4 小时"),
        (Remaining(0, 0), "还剩不到 1 小时"),
        (Remaining(1, 3, is_overdue=True), "已超过期限 1 个工作日 3 小时，可以向经办单位询问"),
        (Remaining(0, 0, is_overdue=True), "已超过期限不到 1 小时，可以向经办单位询问"),
        (None, ""),
    ],
)
def test_it_is_told_in_working_days_and_hours(remaining: Remaining | None, words: str) -> None:
    assert time_left.sentence(case(remaining)) == words


def test_a_pause_says_what_is_left_after_it() -> None:
    told = time_left.sentence(case(Remaining(3, 0), is_paused=True))
    assert told == "计时暂停中，恢复后还剩 3 个工作日"


def test_days_not_yet_arranged_are_said_to_be_so() -> None:
    told = time_left.sentence(case(Remaining(3, 0), is_provisional=True))
    assert told == "还剩 3 个工作日；期限涉及的放假安排尚未公布，公布后可能调整"
