"""Single ratings of a published year come in set by set, each judged by itself, any number of times."""

import asyncio
import contextvars
from pathlib import Path

import pytest

from app.domain.credit_ratings import corrections, release_tables
from app.domain.credit_ratings.corrections import Told
from app.kit import db as raw
from tests.factories import credit as make
from tests.factories.accounts import uscc_number
from tests.factories.credit import YEAR, row

pytestmark = pytest.mark.usefixtures("releases_table")

BY = "partner:tax"


async def levels() -> dict[str, str]:
    rows = await raw.fetch("SELECT taxpayer_hash, level, score::text AS score FROM credit_rating")
    return {f"{row['level']} {row['score']}": bytes(row["taxpayer_hash"]).hex() for row in rows}


async def test_new_ones_are_added_and_known_ones_changed(tmp_path: Path) -> None:
    await make.published(tmp_path, [row(1, "B", "80"), row(2)])
    told = [
        Told(uscc_number(1), "甲", YEAR, "A", "92"),
        Told(uscc_number(3), "丙", YEAR, "C", "55", "93", "越秀区税务局"),
    ]
    assert await corrections.apply(told, actor=BY) == [None, None]
    assert set(await levels()) == {"A 92.00", "A 95.50", "C 55.00"}
    row_of_a = await raw.fetch_one("SELECT name, adjusted_on, authority FROM credit_rating WHERE score = 92")
    assert row_of_a is not None
    assert (row_of_a["name"], row_of_a["authority"]) == ("甲", "天河区税务局")
    assert row_of_a["adjusted_on"] is not None
    before = await raw.fetch("SELECT xmin::text, * FROM credit_rating ORDER BY taxpayer_hash")
    assert await corrections.apply(told, actor=BY) == [None, None]
    assert await raw.fetch("SELECT xmin::text, * FROM credit_rating ORDER BY taxpayer_hash") == before


async def test_of_two_about_one_enterprise_the_later_counts(tmp_path: Path) -> None:
    await make.published(tmp_path, [row(1, "B", "80")])
    told = [Told(uscc_number(1), "甲", YEAR, "C", "60"), Told(uscc_number(1), "甲", YEAR, "C", "50")]
    await corrections.apply(told, actor=BY)
    assert set(await levels()) == {"C 50.00"}


async def test_each_one_that_cannot_be_is_told_why(tmp_path: Path) -> None:
    await make.published(tmp_path, [row(1, "B", "80")])
    told = [
        Told("123", "甲", YEAR, "A", "92"),
        Told(uscc_number(1), "甲", YEAR, "A", "60"),
        Told(uscc_number(1), "甲", 2019, "A", "92"),
        Told(uscc_number(1), "甲", YEAR, "B", "75"),
    ]
    first, second, third, fourth = await corrections.apply(told, actor=BY)
    assert "识别号" in str(first)
    assert "不低于 90" in str(second)
    assert "尚未发布" in str(third)
    assert fourth is None
    assert set(await levels()) == {"B 75.00"}


async def test_what_was_told_outlives_a_new_release_that_is_silent_of_it(tmp_path: Path) -> None:
    await make.published(tmp_path, [row(1)])
    await corrections.apply([Told(uscc_number(3), "丙", YEAR, "C", "55")], actor=BY)
    await make.published(tmp_path, [row(1), row(2)])
    assert set(await levels()) == {"A 95.50", "C 55.00"}
    assert len(await raw.fetch("SELECT 1 FROM credit_rating")) == 3


async def test_a_change_waits_for_a_release_that_takes_its_place(tmp_path: Path) -> None:
    await make.published(tmp_path, [row(1, "B", "80")])
    async with raw.transaction():
        await release_tables.held([YEAR], to_replace=True)
        change = corrections.apply([Told(uscc_number(1), "甲", YEAR, "C", "55")], actor=BY)
        told = contextvars.Context().run(asyncio.ensure_future, change)
        await asyncio.sleep(0.2)
        assert not told.done()
        assert set(await levels()) == {"B 80.00"}
    await told
    assert set(await levels()) == {"C 55.00"}
