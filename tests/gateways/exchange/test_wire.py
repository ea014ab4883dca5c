"""Whatever JSON comes from outside, it is understood or refused by a ValueError; nothing else escapes."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given

from app.gateways.exchange import wire
from app.gateways.exchange.http_credit import page_of, ratings_of
from app.gateways.exchange.http_invoices import detail_of
from app.gateways.exchange.http_libraries import records_of
from app.kit import db as raw
from tests.factories import scribbles
from tests.thoroughness import AT_ONCE, DRAWS, thorough

_NAMES = (
    "year", "level", "score", "published_on", "deductions", "status", "code", "name", "points", "times",
    "occurred_on", "is_repairable", "buyer", "lines", "total", "further", "enterprises", "has_more", "uscc",
)  # fmt: skip
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


@thorough(AT_ONCE)
@given(draw=DRAWS)
def test_nothing_but_a_value_error_escapes(draw: Random) -> None:
    for _ in range(AT_ONCE):
        told = {draw.choice(_NAMES): scribbles.value(draw, depth=3) for _ in range(draw.randrange(8))}
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


@pytest.mark.parametrize(
    "value",
    [
        "",
        "NaN",
        "Infinity",
        "1e12",
        "-1e12",
        "999999999999.991",
        "-999999999999.995",
        "2e427000000316294884",
        None,
        True,
        [],
        "1,000",
    ],
)
def test_what_is_no_number(value: object) -> None:
    with pytest.raises(ValueError, match="number"):
        wire.number(value)


@pytest.mark.parametrize("sign", ["", "-"])
async def test_the_largest_number_fits_our_columns_and_the_next_does_not(db: None, sign: str) -> None:
    (column,) = await raw.fetch(
        "SELECT numeric_precision AS digits, numeric_scale AS places FROM information_schema.columns"
        " WHERE table_name = 'invoice_snapshot' AND column_name = 'amount'"
    )
    place = Decimal(1).scaleb(-column["places"])
    assert Decimal(10) ** (column["digits"] - column["places"]) - place == wire.LARGEST
    assert wire.number(f"{sign}{wire.LARGEST}") == Decimal(f"{sign}{wire.LARGEST}")
    with pytest.raises(ValueError, match="number"):
        wire.number(f"{sign}{wire.LARGEST + place / 10}")


def test_points_are_as_our_columns_hold_them() -> None:
    assert ratings_of([{**_RATING, "score": "999.99"}])[0].score == Decimal("999.99")
    for score in ("999.995", "1000", "-0.01"):
        with pytest.raises(ValueError, match="points"):
            ratings_of([{**_RATING, "score": score}])


@pytest.mark.parametrize("value", [True, 1.0, "1", -1, 11, None])
def test_what_is_no_whole_number_within_bounds(value: object) -> None:
    with pytest.raises(ValueError, match="whole"):
        wire.whole(value, 0, 10)
