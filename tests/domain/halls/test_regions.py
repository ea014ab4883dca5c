"""Loading regions: once or many times, all of a file or none of it."""

import pytest

from app.domain.halls import queries, regions
from app.domain.halls.errors import BadRegionFile, RegionNotFound
from app.domain.halls.models import Region

SHANDONG = "code,name,level\n37,山东省,1\n3717,菏泽市,2\n371722,单县,3\n"


async def test_other_province_is_loaded_and_spelt(db: None) -> None:
    assert await regions.load(regions.read_regions(SHANDONG)) == 3

    county = await Region.get(code="371722")
    assert (county.level, county.parent_code, county.pinyin) == (3, "3717", "shanxian")


async def test_second_load_changes_nothing_and_a_new_name_one_row(db: None) -> None:
    await regions.load(regions.read_regions(SHANDONG))

    assert await regions.load(regions.read_regions(SHANDONG)) == 0
    assert await regions.load(regions.read_regions(SHANDONG.replace("单县", "单父县"))) == 1


async def test_region_missing_from_a_later_file_is_kept(db: None) -> None:
    await regions.load(regions.read_regions(SHANDONG))
    await regions.load(regions.read_regions("code,name\n37,山东省\n"))

    assert await Region.all().count() == 3


async def test_region_without_its_parent_is_refused_and_nothing_is_written(db: None) -> None:
    with pytest.raises(BadRegionFile) as refused:
        await regions.load(regions.read_regions("code,name\n37,山东省\n3717,菏泽市\n371702102,孤儿镇\n"))

    assert list(refused.value.fields) == ["371702"]
    assert await Region.all().count() == 0


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("371,山东省,1", "位数字"),
        ("٣٧,山东省,1", "位数字"),
        ("37,山东省,2", "级别"),
        ("37,,1", "名称"),
        (f"37,{'山' * 81},1", "名称"),
    ],
)
def test_wrong_line_is_named(line: str, reason: str) -> None:
    with pytest.raises(BadRegionFile) as refused:
        regions.read_regions(f"code,name,level\n44,广东省,1\n{line}\n")

    assert list(refused.value.fields) == ["第 3 行"]
    assert reason in refused.value.fields["第 3 行"][0]


def test_code_given_twice_is_refused() -> None:
    with pytest.raises(BadRegionFile, match="区划"):
        regions.read_regions("code,name\n44,广东省\n44,广东省\n")


@pytest.mark.parametrize("text", ["", "code,name\n", "a,b\n1,2\n"])
def test_file_without_regions_is_refused(text: str) -> None:
    with pytest.raises(BadRegionFile):
        regions.read_regions(text)


async def test_children_of_a_region_are_listed_one_level_down(db: None) -> None:
    await regions.load(regions.read_regions(SHANDONG))

    assert [one.code for one in await queries.regions_under()] == ["37"]
    assert [(one.code, one.has_children) for one in await queries.regions_under("3717")] == [
        ("371722", False)
    ]
    assert await queries.regions_under("371722") == []
    with pytest.raises(RegionNotFound):
        await queries.regions_under("99")
