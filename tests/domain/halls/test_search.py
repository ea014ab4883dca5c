"""Finding halls by region, words, pinyin, business and distance."""

from datetime import datetime

import pytest

from app.domain.halls import queries
from app.domain.halls.coverage import coverage_gaps
from app.domain.halls.errors import HallNotFound
from app.domain.halls.models import Counter, Hall
from app.domain.halls.queries import Position
from app.kit import clock
from app.kit.cursors import BadCursor
from tests.factories.halls import demo_halls

CANTON_TOWER = Position(23.1064, 113.3245)


async def found(**asked: object) -> set[str]:
    page = await queries.find_halls(**{"limit": 100, **asked})  # type: ignore[arg-type]  # each test asks otherwise
    return {hall.code for hall in page.items}


@pytest.fixture
async def halls(db: None) -> dict[str, Hall]:
    return await demo_halls()


async def test_region_includes_all_below_it(halls: dict[str, Hall]) -> None:
    assert await found() == set(halls)
    assert await found(region="44") == set(halls)
    assert await found(region="4403") == {"SZ-CITY", "SZ-NANSHAN", "SZ-KEJIYUAN"}
    assert await found(region="440113") == {"GZ-PANYU", "GZ-DASHI", "GZ-HUIJIANG"}
    assert await found(region="440113012206") == {"GZ-HUIJIANG"}
    assert await found(region="3701") == set()


async def test_hall_is_found_by_name_address_pinyin_and_initials(halls: dict[str, Hall]) -> None:
    assert await found(q="顺德") == {"FS-SHUNDE"}
    assert await found(q="黄埔大道") == {"GZ-TIANHE"}
    assert await found(q="panyu") == {"GZ-PANYU"}
    assert await found(q="THQ") == {"GZ-TIANHE"}
    assert await found(q="番禺 政务") == {"GZ-PANYU"}
    assert await found(q="shenzhen 市民") == {"SZ-CITY"}
    assert await found(q="tianhe 顺德") == set()


@pytest.mark.parametrize("q", ["%", "_", "\\", "%%", "' OR 1=1 --"])
async def test_signs_of_patterns_mean_themselves(halls: dict[str, Hall], q: str) -> None:
    assert await found(q=q) == set()


async def test_only_halls_with_the_business_are_found(halls: dict[str, Hall]) -> None:
    assert await found(business="EXPORT") == {"GD-PROVINCE", "FS-CITY", "SZ-CITY"}
    assert await found(business="NOTHING") == set()


async def test_nearest_hall_comes_first_with_its_distance(halls: dict[str, Hall]) -> None:
    page = await queries.find_halls(near=CANTON_TOWER, limit=3)

    distances = [hall.distance_m for hall in page.items]
    assert page.items[0].code == "GZ-CITY"
    assert distances[0] == pytest.approx(2053, abs=15)
    assert distances == sorted(distances, key=lambda metres: metres or 0)


async def test_distance_is_unknown_without_a_place(halls: dict[str, Hall]) -> None:
    page = await queries.find_halls(limit=1)

    assert page.items[0].distance_m is None


@pytest.mark.parametrize("near", [None, CANTON_TOWER])
async def test_pages_give_every_hall_once(halls: dict[str, Hall], near: Position | None) -> None:
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(3):
        page = await queries.find_halls(near=near, limit=5, cursor=cursor)
        seen += [hall.code for hall in page.items]
        cursor = page.next

    assert cursor is None
    assert sorted(seen) == sorted(halls)


@pytest.mark.parametrize("cursor", ["x", "bnVsbA", "W10", "WzEsMl0", "W251bGwsLTFd", "A" * 5])
async def test_cursor_of_another_order_is_refused(db: None, cursor: str) -> None:
    with pytest.raises(BadCursor):
        await queries.find_halls(cursor=cursor)


async def test_closed_hall_is_neither_listed_nor_shown(halls: dict[str, Hall]) -> None:
    hall = halls["GZ-DASHI"]
    await Hall.filter(id=hall.id).update(is_active=False)

    assert "GZ-DASHI" not in await found()
    with pytest.raises(HallNotFound):
        await queries.hall_detail(hall.id)


async def test_hall_tells_its_five_levels_and_whether_it_is_open(halls: dict[str, Hall]) -> None:
    with clock.frozen(datetime(2026, 11, 24, 9, 30, tzinfo=clock.SHANGHAI)):
        open_now = await queries.hall_detail(halls["GZ-HUIJIANG"].id)
    with clock.frozen(datetime(2026, 11, 24, 12, 30, tzinfo=clock.SHANGHAI)):
        at_noon = await queries.hall_detail(halls["GZ-HUIJIANG"].id)

    assert [one.name for one in open_now.region_path] == [
        "广东省", "广州市", "番禺区", "大石街道", "会江村民委员会",
    ]  # fmt: skip
    assert (open_now.is_open_now, at_noon.is_open_now) == (True, False)
    assert [one.code for one in open_now.facts.businesses] == ["SOCIAL", "CONSULT"]


async def test_business_that_no_counter_takes_is_an_alarm(halls: dict[str, Hall]) -> None:
    assert await coverage_gaps() == []

    hall = halls["GZ-TIANHE"]
    await Counter.filter(hall_id=hall.id, is_integrated=True).update(is_active=False)

    gaps = await coverage_gaps([hall.id])
    assert [gap.business for gap in gaps] == ["REGISTER", "CONSULT", "DEREGISTER"]
    assert {gap.hall_name for gap in gaps} == {hall.name}
