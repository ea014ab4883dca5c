"""Invoices over the API: checked, kept, handed in by the hundred, and shown to nobody else."""

import io
from collections.abc import Iterator
from datetime import timedelta

import aiohttp
import pytest
from openpyxl import Workbook, load_workbook

from app.domain.invoices import batch_work
from app.gateways import exchange
from app.gateways.exchange import demo_data
from app.kit import clock
from tests.client import Client

QR = "01,32,,26427000000316294884,100.76,20260330,,5F98"
TYPED = {"number": "26427000000316294884", "issued_on": "2026-03-30", "amount": "１００.76", "kind": "32"}


@pytest.fixture(autouse=True)
def _fresh_connector() -> Iterator[None]:
    exchange.use_invoices(None)
    yield
    exchange.use_invoices(None)


@pytest.fixture
async def token(client: Client) -> str:
    return await client.log_in("zhangsan")


async def check(client: Client, token: str, text: str = QR) -> dict[str, object]:
    answer = await client.post("/api/v1/invoices/scan", token=token, json={"text": text})
    assert (answer.status, answer.body["outcome"]) == (200, "match"), answer.body
    invoice: dict[str, object] = answer.body["invoice"]
    return invoice


async def test_typed_in_and_scanned_are_the_same_invoice(client: Client, token: str) -> None:
    typed = await client.post("/api/v1/invoices/verify", token=token, json=TYPED)
    assert (typed.status, typed.body["outcome"], typed.body["remaining_today"]) == (200, "match", 4)
    scanned = await check(client, token)
    assert scanned["id"] == typed.body["invoice"]["id"]
    assert (scanned["state_name"], scanned["amount"], scanned["region"]) == ("正常", "100.76", "4200")
    assert scanned["expires_at"] is not None


async def test_what_is_missing_is_named_and_what_is_wrong_is_refused(client: Client, token: str) -> None:
    asked = {name: value for name, value in TYPED.items() if name != "kind"}
    lacking = await client.post("/api/v1/invoices/verify", token=token, json=asked)
    assert (lacking.body["outcome"], lacking.body["missing"]) == ("needs_input", ["发票种类"])
    paper = {"number": "03630024", "issued_on": "2026-03-30"}
    lacking = await client.post("/api/v1/invoices/verify", token=token, json=paper)
    assert lacking.body["missing"] == ["发票代码"]
    for change, code in (({"amount": "1e5"}, "invalid_input"), ({"number": "12"}, "not_an_invoice")):
        wrong = await client.post("/api/v1/invoices/verify", token=token, json=TYPED | change)
        assert (wrong.status, wrong.code) == (422, code)
    wrong = await client.post("/api/v1/invoices/scan", token=token, json={"text": "你好"})
    assert (wrong.status, wrong.code) == (422, "not_an_invoice")


async def test_every_kind_says_what_it_needs(client: Client) -> None:
    kinds = {one["code"]: one for one in (await client.get("/api/v1/invoices/kinds")).body["items"]}
    assert kinds["04"]["proof_name"] == "校验码后六位"
    assert (kinds["84"]["numbering"], kinds["84"]["proof_name"]) == ("either", "车价合计")
    for query, code in (("code=4400161350", "04"), ("number=26339132621000219582", "51")):
        told = await client.get(f"/api/v1/invoices/kinds?{query}")
        assert [one["code"] for one in told.body["items"]] == [code]
    unknown = await client.get("/api/v1/invoices/kinds?code=4400161850")
    assert len(unknown.body["items"]) == len(kinds), "all to choose from, none guessed"


async def test_an_invoice_of_today_is_queued_and_can_be_taken_back(client: Client, token: str) -> None:
    today = TYPED | {"issued_on": clock.today().isoformat()}
    queued = await client.post("/api/v1/invoices/verify", token=token, json=today)
    assert (queued.body["outcome"], queued.body["invoice"]) == ("queued", None)
    path = f"/api/v1/invoices/queue/{queued.body['queued_id']}"
    listed = await client.get("/api/v1/invoices/queue", token=token)
    assert [one["id"] for one in listed.body["items"]] == [queued.body["queued_id"]]
    assert (await client.delete(path, token=await client.log_in("lisi"))).status == 404
    assert (await client.delete(path, token=token)).status == 204
    assert (await client.get("/api/v1/invoices/queue", token=token)).body["items"] == []


async def test_the_folder_is_saved_searched_added_up_and_exported(client: Client, token: str) -> None:
    invoice = await check(client, token)
    path = f"/api/v1/invoices/{invoice['id']}"
    saved = await client.post(f"{path}/save", token=token, json={"tags": ["差旅"], "note": "出差"})
    assert (saved.status, saved.body["tags"], saved.body["expires_at"]) == (200, ["差旅"], None)
    again = await client.post("/api/v1/invoices/scan", token=token, json={"text": QR})
    assert again.body["is_repeat"]
    for query, count in (("month=2026-03&tag=差旅&saved=true&repeated=true", 1), ("month=2026-04", 0)):
        found = await client.get(f"/api/v1/invoices?{query}", token=token)
        assert (len(found.body["items"]), found.body["next"]) == (count, None)
    months = await client.get("/api/v1/invoices/months", token=token)
    assert months.body["items"] == [
        {"month": "2026-03", "invoices": 1, "amount": "100.76", "without_amount": 0, "no_voucher": 0}
    ]
    book = await client.get("/api/v1/invoices/export.xlsx?saved=true", token=token)
    assert load_workbook(io.BytesIO(book.body)).worksheets[0]["C2"].value == "26427000000316294884"
    sheet = await client.get("/api/v1/invoices/export.pdf", token=token)
    assert (sheet.status, sheet.headers["content-type"]) == (200, "application/pdf")
    assert (await client.delete(path, token=token)).status == 204
    assert (await client.get("/api/v1/invoices/export.pdf", token=token)).code == "no_invoices_to_export"


async def test_a_pasted_batch_is_followed_to_its_end(client: Client, token: str) -> None:
    begun = await client.post("/api/v1/invoices/batches", token=token, json={"text": f"{QR}\n{QR}\n你好"})
    assert (begun.status, begun.body["total"], begun.body["settled"]) == (201, 3, 2)
    path = f"/api/v1/invoices/batches/{begun.body['id']}"
    while await batch_work.step():
        pass
    done = await client.get(path, token=token)
    assert done.body["state"] == "done"
    assert done.body["outcomes"] == {"match": 1, "duplicate": 1, "unreadable": 1}
    page = await client.get(f"{path}/rows?limit=2", token=token)
    rest = await client.get(f"{path}/rows?limit=2&cursor={page.body['next']}", token=token)
    rows = [*page.body["items"], *rest.body["items"]]
    assert [(row["place"], row["outcome"]) for row in rows] == [
        (1, "match"),
        (2, "duplicate"),
        (3, "unreadable"),
    ]
    assert rows[1]["duplicate_of"] == 1
    kept = await client.post(f"{path}/save-all", token=token, json={"tags": []})
    assert kept.body == {"saved": 1}
    listed = await client.get("/api/v1/invoices/batches", token=token)
    assert [one["id"] for one in listed.body["items"]] == [begun.body["id"]]
    stranger = await client.log_in("lisi")
    for way in ("", "/rows"):
        assert (await client.get(path + way, token=stranger)).status == 404


async def test_an_uploaded_list_is_a_batch(client: Client, token: str) -> None:
    book, content = Workbook(), io.BytesIO()
    for row in (
        ["发票种类", "数电发票号码", "开票日期", "价税合计"],
        ["32", "26427000000316294884", "2026-03-30", 100.76],
    ):
        book.worksheets[0].append(row)
    book.save(content)
    for name, sent in (("发票.xlsx", content.getvalue()), ("list.txt", QR.encode())):
        form = aiohttp.FormData()
        form.add_field("file", sent, filename=name, content_type="application/octet-stream")
        begun = await client.post("/api/v1/invoices/batches/file", token=token, data=form)
        assert (begun.status, begun.body["state"], begun.body["total"]) == (201, "working", 1)
    form = aiohttp.FormData()
    form.add_field("file", b"PK\x03\x04", filename="x.xlsx", content_type="application/octet-stream")
    assert (await client.post("/api/v1/invoices/batches/file", token=token, data=form)).status == 422


async def test_another_who_has_the_same_invoice_in_hand_learns_no_notes_of_the_first(client: Client) -> None:
    first, second = await client.log_in("zhangsan"), await client.log_in("lisi")
    invoice = await check(client, first)
    await client.post(
        f"/api/v1/invoices/{invoice['id']}/save", token=first, json={"tags": ["机密"], "note": "机密"}
    )
    own = await check(client, second)
    assert own["id"] != invoice["id"]
    assert "机密" not in str(own)
    assert own["repeats"] == 0


async def test_every_kind_of_the_demonstration_can_be_checked(client: Client, token: str) -> None:
    recent = clock.today() - timedelta(days=4 * 365)
    by_kind = {one.kind_code: one for one in demo_data.invoices().values() if one.issued_on > recent}
    for one in list(by_kind.values())[:9]:
        check_code = f"{'0' * 14}{one.check_code}" if one.check_code else ""
        facts = ("01", one.kind_code, one.code, one.number, one.amount, f"{one.issued_on:%Y%m%d}", check_code)
        text = ",".join(facts)
        assert (await check(client, token, text))["number"] == one.number
