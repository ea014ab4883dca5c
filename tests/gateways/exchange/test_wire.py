"""Whatever JSON comes from outside, it is understood or refused by a ValueError; nothing else escapes."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from app.gateways.exchange import wire
from app.gateways.exchange.http_credit import page_of, ratings_of
from app.gateways.exchange.http_invoices import detail_of
from app.gateways.exchange.http_libraries import records_of

_LEAVES = some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=12)
_JSON = some.recursive(
    _LEAVES | some.sampled_from(["A", "2026-04-20", "12.50", "1", 2025, True]),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
_NAMES = (
    "year", "level", "score", "published_on", "deductions", "status", "code", "name", "points", "times",
    "occurred_on", "is_repairable", "buyer", "lines", "total", "further", "enterprises", "has_more", "uscc",
)  # fmt: skip
_OBJECT = some.dictionaries(some.sampled_from(_NAMES), _JSON, max_size=12)
_RATING = {"year": 2025, "level": "A", "score": "95", "published_on": "2026-04-20"}
_PAGE = {"enterprises": [{"uscc": "1", "name": "甲"}], "has_more": False}


_READERS: tuple[Callable[[Any], Any], ...] = (
    lambda told: ratings_of([{**_RATING, **told}]),
    lambda told: ratings_of([{**_RATING, "deductions": [told]}]),
    lambda told: page_of({**_PAGE, **told}, 2025),
    detail_of,
    lambda told: detail_of({"lines": [told], "seller": told}),
    lambda told: records_of([told, told.get("name")], _NAMES),
)


@settings(max_examples=200, deadline=None)
@given(told=_OBJECT)
def test_nothing_but_a_value_error_escapes(told: dict[str, Any]) -> None:
    for read in _READERS:
        with suppress(ValueError):
            read(told)


def test_what_is_understood() -> None:
    assert wire.number("12.50") == Decimal("12.50")
    assert wire.number(0.1) == Decimal("0.1"), "no binary rest comes along"
    assert wire.optional_number("") is None
    assert wire.day("2026-04-20") == date(2026, 4, 20)
    assert wire.optional_day(None) is None
    assert wire.optional_text("", 5) is None


@pytest.mark.parametrize("value", ["", "NaN", "Infinity", "1e13", "-1e13", None, True, [], "1,000"])
def test_what_is_no_number(value: object) -> None:
    with pytest.raises(ValueError, match="number"):
        wire.number(value)


@pytest.mark.parametrize("value", [True, 1.0, "1", -1, 11, None])
def test_what_is_no_whole_number_within_bounds(value: object) -> None:
    with pytest.raises(ValueError, match="whole"):
        wire.whole(value, 0, 10)
