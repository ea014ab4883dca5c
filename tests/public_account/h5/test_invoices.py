"""Pages of invoices: checked by text and by typing, queued, kept, exported, handed in by hundreds."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import aiohttp
import pytest

from app.domain.accounts import sessions
from app.domain.accounts.models import IdentityLevel
from app.domain.invoices import batch_work, folder, queued
from app.domain.invoices.folder import Wanted
from app.domain.invoices.models import InvoiceBatch, InvoiceSnapshot
from app.domain.invoices.owners import Owner
from app.gateways import exchange
from app.gateways.exchange import InvoiceState
from app.kit import clock
from app.public_account.h5.entry.sign_in import SESSION_COOKIE
from tests.domain.invoices.conftest import Platform, agent, number_of
from tests.factories.appointments import make_person
from tests.public_account.h5.conftest import Browser, OpenBrowser, Page

QR = "01,32,,26427000000316294884,100.76,20260330,,5F98"


@pytest.fixture
def platform() -> Iterator[Platform]:
    """The checking platform of this test: it knows every invoice as normal."""
    made = Platform()
    exchange.use_invoices(made)
    yield made
    exchange.use_invoices(None)


@pytest.fixture
def demo() -> Iterator[None]:
    """The pretend platform, which tells what is printed on an invoice."""
    exchange.use_invoices(None)
    yield
    exchange.use_invoices(None)


async def scan(browser: Browser, text: str = QR) -> Page:
    page = await browser.get("/h5/invoices")
    return await browser.post("/h5/invoices/scan", csrf=page.field("csrf"), text=text)


async def check(browser: Browser, **form: str) -> Page:
    page = await browser.get("/h5/invoices")
    return await browser.post("/h5/invoices/check", csrf=page.field("csrf"), **form)


def typed(serial: int, **changes: str) -> dict[str, str]:
    return {"number": number_of(serial), "issued_on": "2025-12-31", "kind": "32", "proof": "100"} | changes


async def save(browser: Browser, address: str, **form: str) -> Page:
    page = await browser.get(address)
    return await browser.post(f"{address.partition('?')[0]}/save", csrf=page.field("csrf"), **form)


@pytest.mark.usefixtures("demo")
async def test_a_scanned_invoice_shows_its_state_its_face_and_what_is_left(signed_in: Browser) -> None:
    found = await scan(signed_in)
    assert (found.status, found.location.endswith("?done=checked&left=4")) == (303, True)
    page = await signed_in.get(found.location)
    for words in (
        "查验一致",
        "还可查验 4 次",
        "26427000000316294884",
        "正常",
        "¥100.76",
        "销售方",
        "存入发票夹",
    ):
        assert words in page.text, words


async def test_typed_in_it_is_the_same_invoice(signed_in: Browser, platform: Platform) -> None:
    first = await check(signed_in, **typed(1))
    again = await check(signed_in, **typed(1, number=f" {number_of(1)} "))
    assert first.location.partition("?")[0] == again.location.partition("?")[0]
    assert len(platform.asked) == 2


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"kind": ""}, "kind", "请选择发票种类"),
        ({"number": "12"}, "number", "8 位或 20 位"),
        ({"number": "03630024", "kind": ""}, "code", "请填写发票代码"),
        ({"proof": "abc"}, "proof", "应为金额"),
        ({"proof": ""}, "proof", "请填写这一项"),
        ({"issued_on": "2026-02-30"}, "issued_on", "应为日期"),
        ({"issued_on": ""}, "issued_on", "必填"),
    ],
)
async def test_what_is_missing_or_wrong_is_marked_and_what_was_typed_stays(
    signed_in: Browser, platform: Platform, change: dict[str, str], field: str, words: str
) -> None:
    form = typed(1) | change
    page = await check(signed_in, **form)
    assert page.status == 422
    marked = page.text.partition(f'id="{field}"')[2].partition("</div>")[0]
    assert ('aria-invalid="true"' in marked, words in marked) == (True, True)
    assert form["number"] in page.text
    assert platform.asked == [], "nothing was asked, and no check spent"


async def test_the_fields_asked_follow_the_kind(signed_in: Browser) -> None:
    async def inputs(query: str) -> str:
        return (await signed_in.get(f"/h5/invoices/inputs?{query}")).text

    assert "校验码后六位" in await inputs("code=4400161350")
    assert "增值税普通发票" in await inputs("code=4400161350")
    assert "不含税金额" in await inputs("code=1200154130")
    assert "车价合计" in await inputs(f"number={number_of(1)}&kind=34")
    digital = await inputs(f"number={number_of(1)}")
    assert ('value="32"' in digital, 'value="04"' in digital) == (True, False)


async def test_a_text_that_is_no_invoice_says_so_at_its_field(signed_in: Browser, platform: Platform) -> None:
    page = await scan(signed_in, "你好<b>")
    assert (page.status, "没有认出发票" in page.text, "你好&lt;b&gt;" in page.text) == (422, True, True)
    assert platform.asked == []


async def test_a_text_that_lacks_something_goes_on_in_the_form(
    signed_in: Browser, platform: Platform
) -> None:
    page = await scan(signed_in, f"01,,,{number_of(1)},100.00,20251231,,")
    assert (page.status, f'value="{number_of(1)}"' in page.text) == (422, True)
    assert "请选择发票种类" in page.text
    assert platform.asked == []


async def test_what_the_platform_does_not_know_is_told_with_the_way_out(
    signed_in: Browser, platform: Platform
) -> None:
    platform.outcomes[number_of(1)] = exchange.InvoiceOutcome.NOT_FOUND
    page = await check(signed_in, **typed(1))
    for words in ("查无此票", "请向开票方", "还可查验 4 次", number_of(1)):
        assert words in page.text, words


async def test_a_platform_that_is_down_is_told_and_nothing_is_lost(
    signed_in: Browser, platform: Platform
) -> None:
    platform.is_down = True
    page = await check(signed_in, **typed(1))
    assert (page.status, number_of(1) in page.text, 'role="alert"' in page.text) == (503, True, True)
    assert int(page.headers["retry-after"]) > 0


async def test_an_invoice_of_today_waits_for_the_morning_and_may_be_taken_back(
    signed_in: Browser, platform: Platform, person_id: UUID
) -> None:
    waits = await check(signed_in, **typed(1, issued_on=clock.today().isoformat()))
    assert waits.location == "/h5/invoices?done=queued"
    assert "到时要提醒您吗" in (await signed_in.get(waits.location)).text
    page = await signed_in.get(waits.location)
    for words in ("明天 9 点后自动查验", "排队中的发票", number_of(1)):
        assert words in page.text, words
    [one] = await queued.own(Owner(person_id))
    gone = await signed_in.post(f"/h5/invoices/queue/{one.id}/cancel", csrf=page.field("csrf"))
    assert gone.location == "/h5/invoices?done=cancelled"
    assert await queued.own(Owner(person_id)) == []
    assert platform.asked == []


async def test_an_invoice_is_saved_with_tags_and_a_note_and_found_by_them(
    signed_in: Browser, platform: Platform
) -> None:
    address = (await check(signed_in, **typed(1))).location
    saved = await save(signed_in, address, tags="差旅，办公 差旅", note="<i>会议</i>")
    page = await signed_in.get(saved.location)
    assert ("已存入发票夹" in page.text, "&lt;i&gt;会议" in page.text) == (True, True)
    await check(signed_in, **typed(2))
    listed = await signed_in.get("/h5/invoices/folder?tag=差旅&month=2025-12&state=normal&saved=true&number=")
    assert (number_of(1) in listed.text, number_of(2) in listed.text) == (True, False)
    assert "逐月合计" in listed.text
    assert number_of(2) in (await signed_in.get("/h5/invoices/folder?saved=false")).text
    platform.states[number_of(1)] = InvoiceState.VOID
    again = await signed_in.get((await check(signed_in, **typed(1))).location)
    for words in ("谨防重复报销", "已作废，不能作为报销凭证", "由正常变为已作废"):
        assert words in again.text, words
    assert "重复提交 1 次" in (await signed_in.get("/h5/invoices/folder?repeated=true")).text


@pytest.mark.usefixtures("platform")
async def test_too_many_tags_are_refused_where_they_were_typed(signed_in: Browser, person_id: UUID) -> None:
    address = (await check(signed_in, **typed(1))).location
    tags = " ".join(f"t{n}" for n in range(11))
    page = await save(signed_in, address, tags=tags, note="留下")
    assert (page.status, "最多 10 个标签" in page.text, tags in page.text) == (422, True, True)
    assert "留下" in page.text
    [one], _ = await folder.find(Owner(person_id), Wanted(), before=None, limit=9)
    assert one.saved_at is None


async def test_a_filter_that_makes_no_sense_is_marked(signed_in: Browser) -> None:
    page = await signed_in.get("/h5/invoices/folder?month=2026-13&tag=差旅")
    assert (page.status, "应为月份" in page.text, 'value="差旅"' in page.text) == (422, True, True)


@pytest.mark.usefixtures("platform")
async def test_the_folder_is_exported_as_it_is_filtered(signed_in: Browser) -> None:
    await check(signed_in, **typed(1))
    for ending, head in (("xlsx", b"PK"), ("pdf", b"%PDF")):
        async with signed_in.session.get(f"/h5/invoices/export.{ending}?saved=false") as answer:
            assert (answer.status, (await answer.read())[: len(head)]) == (200, head)
            assert "attachment" in answer.headers["content-disposition"]
    none = await signed_in.get("/h5/invoices/export.xlsx?tag=没有")
    assert (none.status, "没有符合条件的发票" in none.text) == (409, True)


@pytest.mark.usefixtures("platform")
async def test_a_removed_invoice_is_gone(signed_in: Browser) -> None:
    address = (await check(signed_in, **typed(1))).location.partition("?")[0]
    csrf = (await signed_in.get(address)).field("csrf")
    assert (await signed_in.post(f"{address}/remove", csrf=csrf)).status == 303
    assert (await signed_in.get(address)).status == 404


@pytest.mark.usefixtures("platform")
async def test_nobody_sees_a_folder_that_is_not_theirs(signed_in: Browser, open_browser: OpenBrowser) -> None:
    address = (await check(signed_in, **typed(1))).location.partition("?")[0]
    other = await open_browser()
    other.plant(SESSION_COOKIE, (await sessions.begin(await make_person(), IdentityLevel.WX_BOUND)).token)
    csrf = (await other.get("/h5/invoices")).field("csrf")
    assert (await other.get(address)).status == 404
    for deed in ("save", "remove"):
        assert (await other.post(f"{address}/{deed}", csrf=csrf)).status == 404
    assert number_of(1) not in (await other.get("/h5/invoices/folder")).text
    assert await InvoiceSnapshot.all().count() == 1


@pytest.mark.usefixtures("platform")
async def test_the_folder_is_that_of_whom_one_acts_for(open_browser: OpenBrowser) -> None:
    owner = await agent()
    browser = await open_browser()
    begun = await sessions.begin(owner.person_id, IdentityLevel.WX_BOUND)
    browser.plant(SESSION_COOKIE, begun.token)
    await check(browser, **typed(1))
    await sessions.act_as(await sessions.citizen_of(begun.token), owner.enterprise_id)
    enterprise = await browser.get("/h5/invoices/folder")
    assert ("企业发票夹" in enterprise.text, number_of(1) in enterprise.text) == (True, False)


@pytest.mark.usefixtures("platform")
async def test_a_pasted_batch_is_watched_until_it_is_done_and_saved(
    signed_in: Browser, person_id: UUID
) -> None:
    page = await signed_in.get("/h5/invoices/batches")
    text = "\n".join(
        [f"{number_of(1)},2025-12-31,100", f"01,32,,{number_of(2)},5.00,20251231,,", "你好", QR, QR]
    )
    made = await signed_in.post("/h5/invoices/batches", csrf=page.field("csrf"), text=text)
    batch = await InvoiceBatch.get(person_id=person_id)
    assert (made.status, made.location) == (303, f"/h5/invoices/batches/{batch.id}")
    working = await signed_in.get(made.location)
    for words in ('hx-trigger="every 2s"', "查验中", "刷新进度", "没有认出", "与第 4 张是同一张", "等待查验"):
        assert words in working.text, words
    while await batch_work.step():
        pass
    done = await signed_in.get(made.location)
    assert ("hx-trigger" in done.text, "已有结果 5 / 5" in done.text) == (False, True)
    kept = await signed_in.post(f"{made.location}/save-all", csrf=done.field("csrf"), tags="报销")
    assert "新存入" in (await signed_in.get(kept.location)).text
    found, _ = await folder.find(Owner(person_id), Wanted(is_saved=True, tag="报销"), before=None, limit=9)
    assert number_of(2) in {one.content.invoice.number for one in found}


@pytest.mark.usefixtures("platform")
async def test_a_list_is_uploaded_by_a_form_of_ours_alone(signed_in: Browser, person_id: UUID) -> None:
    page = await signed_in.get("/h5/invoices/batches")

    def form(csrf: str, content: bytes) -> aiohttp.FormData:
        data = aiohttp.FormData({"csrf": csrf})
        data.add_field("file", content, filename="清单.csv")
        return data

    path = "/h5/invoices/batches/file"
    content = f"发票号码,开票日期,价税合计,发票种类\n{number_of(1)},2025-12-31,100,32\n".encode()
    foreign = await signed_in("POST", path, data=form("0" * 128, content))
    assert (foreign.status, await InvoiceBatch.all().count()) == (403, 0)
    wrong = await signed_in("POST", path, data=form(page.field("csrf"), b"PK\x03\x04no workbook"))
    assert (wrong.status, 'aria-invalid="true"' in wrong.text) == (422, True)
    none = await signed_in("POST", path, data=form(page.field("csrf"), b""))
    assert (none.status, 'aria-invalid="true"' in none.text) == (422, True)
    taken = await signed_in("POST", path, data=form(page.field("csrf"), content))
    assert taken.status == 303, taken.text
    assert number_of(1) in (await signed_in.get(taken.location)).text
    assert await InvoiceBatch.filter(person_id=person_id).count() == 1


@pytest.mark.usefixtures("platform")
async def test_a_batch_is_stopped_and_belongs_to_who_handed_it_in(
    signed_in: Browser, open_browser: OpenBrowser
) -> None:
    page = await signed_in.get("/h5/invoices/batches")
    lines = f"{number_of(1)},2025-12-31,100"
    made = await signed_in.post("/h5/invoices/batches", csrf=page.field("csrf"), text=f"01,32,,{lines}")
    refused = await signed_in.post("/h5/invoices/batches", csrf=page.field("csrf"), text="a" * 2001)
    assert (refused.status, "超过 2000 个字" in refused.text) == (422, True)
    address = (await signed_in.post("/h5/invoices/batches", csrf=page.field("csrf"), text=QR)).location
    stopped = await signed_in.post(f"{address}/cancel", csrf=page.field("csrf"))
    assert "已取消" in (await signed_in.get(stopped.location)).text
    other = await open_browser()
    other.plant(SESSION_COOKIE, (await sessions.begin(await make_person(), IdentityLevel.WX_BOUND)).token)
    csrf = (await other.get("/h5/invoices")).field("csrf")
    assert (await other.get(made.location)).status == 404
    for deed in ("cancel", "retry", "save-all"):
        assert (await other.post(f"{made.location}/{deed}", csrf=csrf)).status == 404


async def test_what_had_no_answer_is_tried_again(signed_in: Browser, platform: Platform) -> None:
    for _ in range(5):
        await scan(signed_in)
    page = await signed_in.get("/h5/invoices/batches")
    address = (await signed_in.post("/h5/invoices/batches", csrf=page.field("csrf"), text=QR)).location
    while await batch_work.step():
        pass
    full = await signed_in.get(address)
    assert ("今天已查满五次" in full.text, "重新查验没有结果的" in full.text) == (True, True)
    with clock.frozen(clock.now() + timedelta(days=1)):
        await signed_in.post(f"{address}/retry", csrf=full.field("csrf"))
        while await batch_work.step():
            pass
        assert "已有结果 1 / 1" in (await signed_in.get(address)).text
    assert len(platform.asked) == 6
