"""The A list is public by year and by the beginning of a name or number; nothing else is."""

from pathlib import Path

import pytest

from app.domain.credit_ratings import a_list
from app.domain.credit_ratings.errors import AListNotPublished
from app.gateways.exchange import AListEntry
from app.kit import cursors
from app.kit.cursors import BadCursor
from tests.factories import credit as make
from tests.factories.accounts import id_number, uscc_number
from tests.factories.credit import YEAR, Authority, row

pytestmark = pytest.mark.usefixtures("releases_table", "authority")


async def names(q: str = "", cursor: str | None = None) -> list[str]:
    return [one.name for one in (await a_list.page(YEAR, q, cursor)).items]


async def test_only_an_a_is_listed(tmp_path: Path) -> None:
    rows = [
        row(1, name="甲"),
        row(2, "B", "80", name="乙"),
        row(3, "M", "", name="丙"),
        row(4, "D", "", name="丁"),
    ]
    await make.published(tmp_path, rows)
    (only,) = (await a_list.page(YEAR)).items
    assert (only.name, only.taxpayer_id, only.year) == ("甲", uscc_number(1), YEAR)


async def test_no_id_number_is_listed_whoever_tells_it(authority: Authority) -> None:
    number = id_number() + "01"
    authority.listed = (AListEntry(number, "个体甲", 2019), AListEntry(uscc_number(1), "乙", 2019))
    assert [one.taxpayer_id for one in (await a_list.page(2019)).items] == [None, uscc_number(1)]


async def test_it_is_found_by_the_beginning_of_its_name_or_number(tmp_path: Path) -> None:
    await make.published(
        tmp_path, [row(1, name="广州晨光"), row(2, name="广州晨曦"), row(3, name="深圳晨光")]
    )
    assert await names("广州") == ["广州晨光", "广州晨曦"]
    assert await names(" 广州晨光 ") == ["广州晨光"]
    assert await names("晨光") == []
    assert await names(uscc_number(3).lower()) == ["深圳晨光"]
    assert await names(uscc_number(3)[:12]) == ["广州晨光", "广州晨曦", "深圳晨光"]
    assert await names("%") == await names("广州_光") == []


async def test_pages_follow_each_other_without_gap_or_repeat(tmp_path: Path) -> None:
    rows = [row(n, name="同名公司" if n % 2 else f"公司{n:03d}") for n in range(1, 51)]
    await make.published(tmp_path, rows)
    seen, cursor = [], None
    while True:
        page = await a_list.page(YEAR, "", cursor)
        seen += [one.taxpayer_id for one in page.items]
        if page.next is None:
            break
        cursor = page.next
    assert sorted(filter(None, seen)) == sorted(uscc_number(n) for n in range(1, 51))
    by_number = await a_list.page(YEAR, "914401")
    assert by_number.next is not None
    (again, *_) = (await a_list.page(YEAR, "914401", by_number.next)).items
    assert again.taxpayer_id == sorted(filter(None, seen))[a_list.PAGE]


async def test_a_number_made_of_an_id_number_is_not_shown(tmp_path: Path) -> None:
    number = f"{id_number()}01"
    await make.published(tmp_path, [f"{number},张三便利店,{YEAR},A,95,100,"])
    (only,) = (await a_list.page(YEAR)).items
    assert only.taxpayer_id is None
    assert await names(number) == []


@pytest.mark.parametrize("cursor", ["x", "AAAA", "bnVsbA", "W10", "WzEsMl0", "é", "=" * 9])
async def test_a_cursor_of_somebody_elses_making_is_refused(tmp_path: Path, cursor: str) -> None:
    await make.published(tmp_path, [row(1)])
    with pytest.raises(BadCursor):
        await a_list.page(YEAR, "", cursor)


async def test_of_a_year_not_imported_the_authority_is_asked(authority: Authority) -> None:
    with pytest.raises(AListNotPublished):
        await a_list.page(2023)
    assert authority.asked == [(2023, "", 1)]
    assert (await a_list.page(2023, "广州", cursors.written("a-list-told", 2))).items == []
    assert authority.asked[-1] == (2023, "广州", 2)
    for cursor in ("0", "x", "999999"):
        with pytest.raises(BadCursor):
            await a_list.page(2023, "", cursor)
