"""事项比率 by hand: 246 items of a city of which 175 are agreed upon are 71 %."""

from decimal import Decimal

import pytest

from app.domain.accounts.models import StaffRole
from app.domain.connections import connecting, ratios
from app.domain.connections.models import ConnectionCategory, ConnectionState
from app.domain.connections.ratios import Coverage
from app.kit.errors import NotAllowed
from tests.factories.connections import admin, supervisor, system, walk
from tests.factories.notices import member

pytestmark = pytest.mark.usefixtures("db")

C = ConnectionCategory


async def all_together() -> Coverage:
    return (await ratios.by_department(supervisor()))[-1]


async def test_the_ratio_of_the_city_is_71_per_cent() -> None:
    for category, items, department in (
        (C.DIRECT, 90, "市行政服务中心"),
        (C.AGREED, 85, "市工商局"),
        (C.COST_OPEN, 20, "市工商局"),
        (C.PROVINCE_FIRST, 30, "市公安局"),
        (C.DECLINED, 15, "市国税局"),
        (None, 6, "市国税局"),
    ):
        await system(category, f"系统{items}", department=department, uncoded_items=items)
    told = {one.department: one for one in await ratios.by_department(supervisor())}
    whole = told[None]
    assert (whole.items, whole.agreed, whole.cost_open) == (246, 175, 20)
    assert (whole.ratio, whole.ratio_with_cost_open) == (Decimal("71.1"), Decimal("79.3"))
    assert {name: (one.items, one.ratio) for name, one in told.items() if name} == {
        "市行政服务中心": (90, Decimal("100.0")),
        "市工商局": (105, Decimal("81.0")),
        "市公安局": (30, Decimal("0.0")),
        "市国税局": (21, Decimal("0.0")),
    }


async def test_an_item_that_two_systems_serve_counts_once_by_the_better_one() -> None:
    shared, own = "410200000001", "410200000002"
    await system(C.DECLINED, "旧系统", item_codes=(shared, own))
    await system(C.AGREED, "新系统", item_codes=(shared,))
    await system(C.COST_OPEN, "他部门系统", department="市住建局", item_codes=(shared,))
    ours, theirs, whole = sorted(
        await ratios.by_department(admin()), key=lambda one: (one.department is None, one.agreed == 0)
    )
    assert (ours.items, ours.agreed) == (2, 1)
    assert (theirs.items, theirs.agreed, theirs.cost_open) == (1, 0, 1)
    assert (whole.items, whole.agreed, whole.cost_open) == (2, 1, 0)


async def test_ticks_are_counted_by_items() -> None:
    one = await system(C.AGREED, "甲", uncoded_items=3)
    await system(C.AGREED, "乙", uncoded_items=1)
    await connecting.tick(admin(), one, network=True, data=True)
    whole = await all_together()
    assert (whole.network, whole.data, whole.business, whole.through) == (3, 3, 0, 0)
    await connecting.tick(admin(), one, business=True)
    assert (await all_together()).through == 3
    assert whole.percent(whole.network) == Decimal("75.0")


async def test_what_is_offline_connects_nothing() -> None:
    S = ConnectionState  # noqa: N806  As short as its steps.
    one = await system(C.AGREED, uncoded_items=5)
    await walk(one, [S.INTEGRATING, S.TESTING, S.LIVE, S.DEGRADED])
    assert (await all_together()).agreed == 5
    await walk(one, [S.OFFLINE])
    whole = await all_together()
    assert (whole.items, whole.agreed, whole.through) == (5, 0, 0)
    await connecting.survey(admin(), one)
    assert (await all_together()).items == 5


async def test_of_nothing_there_is_no_ratio() -> None:
    assert await ratios.by_department(supervisor()) == []
    assert Coverage(None, 0, 0, 0, 0, 0, 0, 0).ratio == Decimal("0.0")
    with pytest.raises(NotAllowed):
        await ratios.by_department(member(StaffRole.CLERK))
