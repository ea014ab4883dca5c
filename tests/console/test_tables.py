"""Tables of the desks: filtered, sorted, paged, exported; what cannot be understood stays to be mended."""

import csv
import io
import re
from datetime import datetime, time, timedelta

import openpyxl
import pytest

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post
from app.kit import audit, clock, db
from app.kit.clock import SHANGHAI
from tests.console.conftest import AtWork
from tests.public_account.h5.conftest import Browser

RECORDS = "/console/audit/records"


@pytest.fixture
async def auditor(at_work: AtWork) -> Browser:
    return await at_work("shen-ji", Post(StaffRole.AUDITOR))


async def record(count: int, action: str = "thing.done") -> None:
    for number in range(count):
        await audit.record("system", action, f"thing:{number}")


def rows_of(text: str) -> list[str]:
    return re.findall(r"thing:\d+", text)


async def test_pages_follow_each_other_to_the_last_row(auditor: Browser) -> None:
    await record(120)
    address, seen = f"{RECORDS}?action=thing.done", []
    for _ in range(3):
        page = await auditor.get(address)
        seen += rows_of(page.text)
        following = re.search(r'rel="next" href="([^"]+)"', page.text)
        address = following[1].replace("&amp;", "&") if following else ""
    assert address == ""
    assert seen == [f"thing:{number}" for number in reversed(range(120))]


async def test_a_filter_narrows_and_a_head_turns_the_order(auditor: Browser) -> None:
    await record(3)
    await record(1, "other.deed")
    page = await auditor.get(f"{RECORDS}?action=thing.done&sort=at&way=up")
    assert rows_of(page.text) == ["thing:0", "thing:1", "thing:2"]
    assert 'aria-sort="ascending"' in page.text
    today = clock.today().isoformat()
    assert rows_of((await auditor.get(f"{RECORDS}?action=thing.done&since={today}&until={today}")).text)
    assert not rows_of((await auditor.get(f"{RECORDS}?action=thing.done&until=2020-01-01")).text)


async def test_a_day_is_found_though_the_clocks_of_two_machines_differ(auditor: Browser) -> None:
    """A clock half an hour fast wrote before one that is right, on both sides of midnight."""
    midnight = datetime.combine(clock.today() - timedelta(days=2), time(), SHANGHAI)
    for minutes in (-3000, 25, -15, 40, 10, 3000):
        with clock.frozen(midnight + timedelta(minutes=minutes)):
            await audit.record("system", "night.deed", f"thing:{abs(minutes)}")

    async def found(query: str) -> set[str]:
        return set(rows_of((await auditor.get(f"{RECORDS}?action=night.deed&{query}")).text))

    assert await found(f"since={midnight.date()}") == {"thing:25", "thing:40", "thing:10", "thing:3000"}
    assert await found(f"until={midnight.date() - timedelta(days=1)}") == {"thing:3000", "thing:15"}
    assert await found(f"since={midnight.date()}&until={midnight.date()}") == {
        "thing:25", "thing:40", "thing:10",
    }  # fmt: skip


async def test_what_cannot_be_understood_is_marked_and_stays(auditor: Browser) -> None:
    await record(2)
    page = await auditor.get(f"{RECORDS}?since=2026-13-44&action=thing.done")
    assert page.status == 422
    assert 'value="2026-13-44"' in page.text
    assert "应为日期" in page.text
    assert len(rows_of(page.text)) == 2, "the filters that were understood still hold"


async def test_a_stale_place_leads_to_the_first_page_and_says_so(auditor: Browser) -> None:
    await record(2)
    page = await auditor.get(f"{RECORDS}?action=thing.done&after=gone")
    assert (page.status, len(rows_of(page.text))) == (422, 2)
    assert "第一页" in page.text


async def test_words_in_a_cell_cannot_become_markup_nor_formulas(auditor: Browser) -> None:
    await audit.record("system", "thing.done", "thing:1", reason="<script>alert(1)</script>")
    await audit.record("system", "thing.done", "thing:2", reason="=HYPERLINK(1)")
    assert "<script>alert" not in (await auditor.get(RECORDS)).text
    assert "'=HYPERLINK(1)" in (await auditor.get(f"{RECORDS}.csv")).text


async def test_exports_hold_every_row_say_who_took_them_and_are_recorded(auditor: Browser) -> None:
    await record(130)
    taken = await auditor("GET", f"{RECORDS}.csv?action=thing.done")
    lines = list(csv.reader(io.StringIO(taken.text.removeprefix("\ufeff"))))
    assert "shen-ji" in lines[0][0]
    assert len(lines) == 2 + 130
    assert taken.headers["content-disposition"].endswith('.csv"')
    async with auditor.session.get(f"{RECORDS}.xlsx?action=thing.done") as answer:
        book = openpyxl.load_workbook(io.BytesIO(await answer.read()))
    sheet = book.worksheets[0]
    assert sheet.max_row == 2 + 130
    assert "shen-ji" in str(sheet["A1"].value)
    rows = await db.fetch("SELECT detail->>'form' AS form FROM audit_entry WHERE action = 'table.exported'")
    assert [row["form"] for row in rows] == ["csv", "xlsx"]
