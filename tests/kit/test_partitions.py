"""Partitions are made ahead, take over what waited for them, and come off whole."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from app.kit import clock, db
from app.kit.clock import SHANGHAI
from app.kit.partitions import Partitioned

DAYS = Partitioned("diary", "written_at", "day", fill=80)
MONTHS = Partitioned("diary", "written_at", "month")
LAST_DAY = datetime(2026, 2, 28, 23, 59, tzinfo=SHANGHAI)


@pytest.fixture
async def diary(db: None) -> AsyncIterator[None]:
    from app.kit import db as raw

    await raw.execute(
        "CREATE TABLE diary (id bigint, written_at timestamptz) PARTITION BY RANGE (written_at)"
    )
    await raw.execute("CREATE INDEX diary_by_id ON diary (id)")
    await raw.execute("CREATE TABLE diary_rest PARTITION OF diary DEFAULT")
    yield
    rows = await raw.fetch(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'diary%' AND NOT relispartition"
    )
    for name in ["diary", *(row["relname"] for row in rows)]:
        await raw.execute(f"DROP TABLE {name}")


async def write(at: datetime) -> None:
    await db.execute("INSERT INTO diary VALUES (1, $1)", at)


async def where() -> list[str]:
    return [row["t"] for row in await db.fetch("SELECT tableoid::regclass::text AS t FROM diary ORDER BY 1")]


@pytest.mark.usefixtures("diary")
async def test_days_are_made_ahead_over_the_end_of_a_month() -> None:
    with clock.frozen(LAST_DAY):
        assert await DAYS.prepare(2) == 3
        assert await DAYS.prepare(2) == 0
    assert [part.name for part in await DAYS.parts()] == [
        "diary_20260228",
        "diary_20260301",
        "diary_20260302",
    ]


@pytest.mark.usefixtures("diary")
async def test_a_day_begins_at_midnight_in_shanghai() -> None:
    with clock.frozen(LAST_DAY):
        await DAYS.prepare(1)
    await write(LAST_DAY + timedelta(seconds=59))
    await write(LAST_DAY + timedelta(minutes=1))
    assert await where() == ["diary_20260228", "diary_20260301"]


@pytest.mark.usefixtures("diary")
async def test_rows_that_came_before_their_partition_move_into_it() -> None:
    await write(LAST_DAY - timedelta(days=40))
    assert await where() == ["diary_rest"]
    with clock.frozen(LAST_DAY):
        assert await DAYS.prepare(0) == 2
    assert await where() == ["diary_20260119"]


@pytest.mark.usefixtures("diary")
async def test_months_follow_each_other_over_the_year() -> None:
    with clock.frozen(datetime(2026, 12, 31, 12, tzinfo=SHANGHAI)):
        await MONTHS.prepare(2)
    parts = await MONTHS.parts()
    assert [part.name for part in parts] == ["diary_202612", "diary_202701", "diary_202702"]
    assert parts[1].since == parts[0].until == datetime(2027, 1, 1, tzinfo=SHANGHAI)


@pytest.mark.usefixtures("diary")
async def test_a_day_comes_off_whole() -> None:
    with clock.frozen(LAST_DAY):
        await DAYS.prepare(0)
    await write(LAST_DAY)
    (part,) = await DAYS.parts()
    async with db.transaction():
        await DAYS.take_off(part)
    assert await where() == []
    assert await db.fetch_value("SELECT count(*) FROM diary_20260228") == 1


@pytest.mark.usefixtures("diary")
async def test_partitions_have_the_indexes_and_the_room_of_their_table() -> None:
    with clock.frozen(LAST_DAY):
        await DAYS.prepare(0)
    assert (
        await db.fetch_value(
            "SELECT count(*) FROM pg_index WHERE indrelid = 'diary_20260228'::regclass AND indisvalid"
        )
        == 1
    )
    assert await db.fetch_value("SELECT reloptions FROM pg_class WHERE relname = 'diary_20260228'") == [
        "fillfactor=80"
    ]
