"""Lists: every row once, in order, whatever the order, and no place that was not told."""

import pytest

from app.kit import cursors
from app.kit import db as raw
from app.kit.cursors import BadCursor
from app.kit.listings import Asked, Listing, Order

NUMBERS = Listing(
    name="numbers",
    columns="n.id, n.word, n.at",
    source="listed n",
    key=Order("n.id", "bigint"),
    orders={
        "word": Order("n.word", "text"),
        "at": Order("n.at", "timestamptz"),
        "id": Order("n.id", "bigint"),
    },
    filters={"word": "n.word = {}", "between": "n.id >= {}::bigint AND n.id < {}::bigint + 10"},
)


@pytest.fixture
async def listed(db: None) -> None:
    """A hundred rows, ten to a word and to a moment, so that the key must tell them apart."""
    await raw.execute("DROP TABLE IF EXISTS listed")
    await raw.execute(
        "CREATE TABLE listed AS SELECT n AS id, 'w' || n % 10 AS word,"
        " timestamptz '2026-01-01 00:00+08' + n / 10 * interval '1.000001 second' AS at"
        " FROM generate_series(1, 100) n"
    )


@pytest.fixture(autouse=True)
async def _gone(listed: None):  # type: ignore[no-untyped-def]
    yield
    await raw.execute("DROP TABLE listed")


async def walk(order: str, *, is_descending: bool = False, limit: int = 7) -> list[int]:
    seen, after = [], None
    while True:
        page = await NUMBERS.page(Asked({}, order, is_descending, after, limit))
        seen += [row["id"] for row in page.rows]
        after = page.following
        if after is None:
            return seen


@pytest.mark.parametrize("is_descending", [False, True])
@pytest.mark.parametrize("order", ["word", "at", "id"])
async def test_every_row_comes_once_and_in_order(order: str, is_descending: bool) -> None:
    key = {"word": lambda n: (f"w{n % 10}", n), "at": lambda n: (n // 10, n), "id": lambda n: n}[order]
    assert await walk(order, is_descending=is_descending) == sorted(
        range(1, 101), key=key, reverse=is_descending
    )


async def test_a_row_that_goes_moves_no_other_to_another_page() -> None:
    first = await NUMBERS.page(Asked({}, "id", limit=10))
    await raw.execute("DELETE FROM listed WHERE id <= 5")
    second = await NUMBERS.page(Asked({}, "id", after=first.following, limit=10))
    assert [row["id"] for row in second.rows] == list(range(11, 21))


async def test_a_filter_takes_its_value_wherever_it_stands() -> None:
    page = await NUMBERS.page(Asked({"between": 41, "word": "w5"}, "id"))
    assert [row["id"] for row in page.rows] == [45]
    assert len((await NUMBERS.page(Asked({"word": None}, "id", limit=500))).rows) == 100


async def test_the_last_page_leads_no_further() -> None:
    assert (await NUMBERS.page(Asked({}, "id", limit=100))).following is None
    assert (await NUMBERS.page(Asked({}, "id", limit=99))).following is not None


async def test_all_of_it_comes_in_batches_up_to_a_bound() -> None:
    batches = [len(rows) async for rows in NUMBERS.all(Asked({}, "id"), most=25, batch=10)]
    assert batches == [10, 10, 5]


async def test_a_place_counts_in_its_own_list_and_order_only() -> None:
    place = (await NUMBERS.page(Asked({}, "id", limit=3))).following
    assert place is not None
    for asked in (Asked({}, "word", after=place), Asked({}, "id", True, place)):
        with pytest.raises(BadCursor):
            await NUMBERS.page(asked)
    foreign = cursors.written("others", "id", False, "3", "3")
    for forged in ("", "x", "é", place[:-2], "A" * 700, foreign, place.swapcase()):
        with pytest.raises(BadCursor):
            await NUMBERS.page(Asked({}, "id", after=forged))
