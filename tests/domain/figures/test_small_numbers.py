"""Numbers as the public is told them: nobody is recognised, and nothing told gives away what is not."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.figures.small_numbers import LEAST, Bound, Count, Share, count, share

NUMBERS = st.integers(0, 400)


@pytest.mark.parametrize(
    ("now", "before", "told"),
    [
        (0, None, Count(0)),
        (1, 500, Count(LEAST, Bound.BELOW)),
        (4, None, Count(LEAST, Bound.BELOW)),
        (5, None, Count(5)),
        (5, 4, Count(5)),
        (0, 50, Count(0)),
        (5, 0, Count(5)),
        (1967, 1000, Count(1967, change=Decimal("96.7"))),
        (900, 1000, Count(900, change=Decimal("-10.0"))),
        (2001, 2000, Count(2001, change=Decimal("0.1"))),
    ],
)
def test_a_count_and_its_change(now: int, before: int | None, told: Count) -> None:
    assert count(now, before) == told


@pytest.mark.parametrize(
    ("part", "rest", "told"),
    [
        (0, 0, None),
        (2, 2, None),
        (0, 100, Share(Decimal("0.0"))),
        (3, 97, Share(Decimal("5.0"), Bound.BELOW)),
        (97, 3, Share(Decimal("95.0"), Bound.ABOVE)),
        (100, 0, Share(Decimal("100.0"))),
        (4, 1, Share(Decimal("100.0"), Bound.BELOW)),
        (10, 90, Share(Decimal("10.0"))),
    ],
)
def test_a_share_or_which_side_of_it(part: int, rest: int, told: Share | None) -> None:
    assert share(part, rest) == told


def test_a_share_changes_by_points_where_both_are_told() -> None:
    before = share(20, 80)
    assert share(25, 75, before) == Share(Decimal("25.0"), change=Decimal("5.0"))
    assert share(25, 75, share(2, 98)) == Share(Decimal("25.0"))
    assert share(2, 98, before) == Share(Decimal("5.0"), Bound.BELOW)


@given(NUMBERS, NUMBERS, st.integers(1, LEAST - 1))
def test_small_numbers_read_all_alike(before: int, whole: int, small: int) -> None:
    """Whatever one knows besides, nothing told depends on which small number it was."""
    assert count(small, before) == count(1, before)
    told_before = {count(max(before, LEAST), one) for one in range(1, LEAST)}
    assert told_before == {Count(max(before, LEAST))}
    shares = {share(one, whole + LEAST - one) for one in range(1, LEAST)}
    assert len(shares) == 1 or whole < LEAST
