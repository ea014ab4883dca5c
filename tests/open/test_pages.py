"""What the public page says: halls right now, figures of months, the A list, and where it has nothing."""

import re
from datetime import date, datetime
from pathlib import Path

import pytest

from app.domain.figures.models import CaseFigure, HallMonth
from app.domain.halls.models import Hall, OpeningHours, Region
from app.kit import clock
from app.main import all_routes
from tests.factories import credit as make
from tests.factories.accounts import uscc_number
from tests.factories.appointments import make_hall, make_slot, tomorrow_at
from tests.public_account.h5.conftest import Browser

NOW = datetime(2026, 11, 23, 10, tzinfo=clock.SHANGHAI)
"""A Monday morning."""
PAGES = [
    route.path
    for route in all_routes()
    if route.path.startswith("/open") and route.produces == "text/html"
    if "<" not in route.path and route.path not in ("/open/language", "/open/text-size")
]


@pytest.fixture
async def hall(db: None) -> Hall:
    return await make_hall()


@pytest.mark.usefixtures("hall")
@pytest.mark.parametrize("path", [*PAGES, "/open/halls/1", "/open/nothing-here"])
async def test_a_page_runs_only_our_scripts_and_loads_nothing_foreign(reader: Browser, path: str) -> None:
    page = await reader.get(path)
    assert page.status == (404 if "nothing" in path else 200)
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "frame-ancestors 'none'" in policy
    assert not re.search(r"<script(?![^>]* src=\"/)|\son\w+=|\sstyle=|javascript:", page.text)


async def test_a_hall_is_shown_as_it_is_now(reader: Browser, hall: Hall) -> None:
    await OpeningHours.create(
        hall=hall, weekday=NOW.isoweekday(), opens_at="09:00", closes_at="12:00", valid_from=date(2026, 1, 1)
    )
    with clock.frozen(NOW.replace(hour=8)):
        await make_slot(hall, capacity=7, starts_at=NOW.replace(hour=11))
    with clock.frozen(NOW):
        page = (await reader.get("/open")).text
        assert busy(page) == ["0", "7", "办公中"]
        assert "2026-11-23 10:00:00" in page
        assert busy((await reader.get(f"/open/halls/{hall.id}")).text) == ["0", "7", "办公中"]
    with clock.frozen(NOW.replace(hour=13)):
        assert busy((await reader.get("/open?q=tian")).text) == []
        assert busy((await reader.get("/open?region=440106")).text) == ["0", "0", "未办公"]


def busy(text: str) -> list[str]:
    return re.findall(r"<dd[^>]*>(.*?)</dd></div>", text)


async def test_regions_narrow_and_the_list_goes_on(reader: Browser, hall: Hall) -> None:
    await Region.create(code="4403", name="深圳市", level=2, pinyin="", initials="")
    made = [hall.id, *[(await make_hall(f"H{n}")).id for n in range(20)]]
    await Hall.filter(id=made[-1]).update(region_id="4403")
    first = (await reader.get("/open")).text
    more = re.search(r'href="(/open\?[^"]*cursor=[^"]+)"', first)
    assert more is not None
    rest = (await reader.get(more[1].replace("&amp;", "&"))).text
    assert [int(one) for one in re.findall(r"/open/halls/(\d+)", first + rest)] == made
    south = (await reader.get("/open?region=4403")).text
    assert re.findall(r"/open/halls/(\d+)", south) == [str(made[-1])]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/open?cursor=nonsense", 422),
        ("/open?region=%3Cb%3E", 422),
        ("/open/statistics?month=2020-01-01", 422),
        ("/open/statistics?month=x", 422),
        ("/open/statistics?cursor=nonsense", 422),
        ("/open/a-list?year=abc", 422),
        ("/open/halls/999", 404),
    ],
)
async def test_what_makes_no_sense_is_told_as_a_page_nobody_keeps(
    reader: Browser, hall: Hall, path: str, status: int
) -> None:
    page = await reader.get(path)
    assert (page.status, page.headers["cache-control"]) == (status, "no-store")
    assert page.headers["content-type"].startswith("text/html")
    assert 'href="/open"' in page.text


async def test_a_shared_link_may_carry_more_than_we_know(reader: Browser, hall: Hall) -> None:
    for path in ("/open", f"/open/halls/{hall.id}", "/open/statistics"):
        assert (await reader.get(f"{path}?from=singlemessage&isappinstalled=0")).status == 200


async def test_words_of_others_cannot_become_markup(reader: Browser, hall: Hall) -> None:
    await Hall.filter(id=hall.id).update(name="<script>alert(1)</script>")
    for path in ("/open", f"/open/halls/{hall.id}", "/open/statistics", "/open?q=%22%3E%3Cscript%3E"):
        assert "<script>" not in (await reader.get(path)).text


async def test_months_are_told_with_their_change_and_small_ones_are_not(reader: Browser, hall: Hall) -> None:
    for month, booked in ((date(2026, 10, 1), 1967), (date(2025, 10, 1), 1000), (date(2026, 9, 1), 3)):
        await HallMonth.create(hall_id=hall.id, month=month, booked=booked, served=0, no_shows=0)
    await CaseFigure.create(
        day=date(2026, 10, 8), region="440106", accepted=40, decided=40, on_time=38, late=2
    )
    with clock.frozen(NOW):
        page = (await reader.get("/open/statistics")).text
        own = (await reader.get(f"/open/halls/{hall.id}")).text
        september = (await reader.get("/open/statistics?month=2026-09-01")).text
    assert line(page, "2026-10") == ["1,967 +96.7%", "0", "— 数量太少，不公布"]
    assert line(page, "2026-09") == ["<5", "0", "— 数量太少，不公布"]
    assert line(own, "2026-10") == line(page, "2026-10")
    assert line(page.partition('id="cases"')[2], "2026-10") == ["40", "40", ">87.5%"]
    assert line(page, hall.name) == ["1,967 +96.7%", "0", "— 数量太少，不公布"]
    assert line(september, hall.name) == ["<5", "0", "— 数量太少，不公布"]
    assert 'data-first="3"' not in page + own, "the plot's numbers are those that are told"


def line(text: str, head: str) -> list[str]:
    """The cells of a table's row, as they read."""
    row = re.search(rf'<th scope="row">(?:<a [^>]*>)?{head}\b.*?</tr>', text, re.DOTALL)
    assert row is not None, head
    cells = re.findall(r"<td>(.*?)</td>", row[0], re.DOTALL)
    bare = (re.sub(r"<[^>]+>", " ", cell).replace("&lt;", "<").replace("&gt;", ">") for cell in cells)
    return [" ".join(cell.split()) for cell in bare]


async def test_the_digest_says_that_it_is_still_to_come(reader: Browser, hall: Hall) -> None:
    assert "尚未发布" in (await reader.get("/open")).text


async def test_the_a_list_is_found_by_name_and_number(reader: Browser, tmp_path: Path) -> None:
    rows = [make.row(n, name=f"广州第{n:02d}有限公司") for n in range(1, 23)]
    async with make.after_the_release():
        await make.published(tmp_path, [*rows, make.row(30, "B", "80", name="广州乙有限公司")])
        first = await reader.get("/open/a-list")
        assert ("2025 年度 A 级" in first.text, "广州乙" in first.text) == (True, False)
        assert first.headers["cache-control"].startswith("public, max-age=")
        cursor = first.text.partition("cursor=")[2].partition('"')[0]
        further = await reader.get(f"/open/a-list?year=2025&cursor={cursor}")
        assert ("广州第22有限公司" in further.text, "广州第01有限公司" in further.text) == (True, False)
        found = await reader.get(f"/open/a-list?year=2025&q={uscc_number(7)[:17]}")
        assert ("广州第07有限公司" in found.text, "广州第22有限公司" in found.text) == (True, False)
        none = await reader.get("/open/a-list?year=2025&q=没有")
        assert (none.status, "没有找到" in none.text) == (200, True)


async def test_a_year_without_a_list_keeps_the_form(reader: Browser, db: None) -> None:
    with make.asked_of_a_repairable_b():
        page = await reader.get("/open/a-list?year=2016")
        wrong = await reader.get("/open/a-list?year=abc&q=广州")
    assert (page.status, "尚未公布" in page.text) == (404, True)
    assert (wrong.status, 'value="广州"' in wrong.text, "应为整数" in wrong.text) == (422, True, True)
    assert 'value="2016" selected' in page.text
    assert page.headers["cache-control"] == "no-store"


async def test_nobody_has_to_sign_in(reader: Browser, hall: Hall) -> None:
    await make_slot(hall, starts_at=tomorrow_at(10))
    for path in (*PAGES, f"/open/halls/{hall.id}"):
        page = await reader.get(path)
        assert (page.status, "sign-in" in page.text) == (200, False)
