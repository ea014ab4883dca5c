"""Routes of invoice checks, of the queue for the next morning and of the folder."""

from datetime import date
from typing import Any

from sanic import HTTPResponse

from app.domain.invoices import checking, exports, folder, queued, texts
from app.domain.invoices.errors import (
    FolderTooLarge,
    InvoiceNotFound,
    NotAnInvoice,
    NothingToExport,
    QueuedCheckNotFound,
    QueueFull,
)
from app.domain.invoices.folder import Wanted
from app.domain.invoices.owners import Owner
from app.gateways.exchange import ExchangeDown, NotConnected
from app.kit import clock
from app.kit.errors import InvalidInput
from app.kit.web import ANYONE, CITIZEN, Call, Limit, Routes
from miniprogram_api.invoices import schemas, views

routes = Routes("/api/v1", tag="发票")

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PDF = "application/pdf"
_CHECK_ERRORS = (NotAnInvoice, QueueFull, ExchangeDown, NotConnected)


@routes.post(
    "/invoices/verify",
    caller=CITIZEN,
    limit=Limit.WRITING,
    body=schemas.VerifyInvoice,
    answer=schemas.VerdictView,
    errors=_CHECK_ERRORS,
)
async def verify(call: Call) -> object:
    """查验一张发票；当日开具的自动排队，次日查验后通知"""
    said = call.body
    code, number = texts.tidy(said["code"]), texts.tidy(said["number"])
    if said["amount"]:
        _check_amount(said["amount"])
    invoice = texts.of_inputs(
        said["kind"], code, number, said["amount"], said["issued_on"], texts.tidy(said["check_code"])
    )
    return views.verdict(await checking.check(owner_of(call), invoice))


@routes.post(
    "/invoices/scan",
    caller=CITIZEN,
    limit=Limit.WRITING,
    body=schemas.ScanInvoice,
    answer=schemas.VerdictView,
    errors=_CHECK_ERRORS,
)
async def scan(call: Call) -> object:
    """用发票二维码的文字查验"""
    return views.verdict(await checking.check(owner_of(call), texts.read(call.body["text"])))


@routes.get(
    "/invoices/kinds",
    caller=ANYONE,
    limit=Limit.READING,
    query=schemas.AskKinds,
    answer=schemas.InvoiceKindsView,
)
async def list_kinds(call: Call) -> object:
    """发票种类和各自需要填写的内容；给出代码或号码则只答它说明的种类"""
    return {"items": views.kinds(call.query.get("code", ""), call.query.get("number", ""))}


@routes.get(
    "/invoices",
    caller=CITIZEN,
    limit=Limit.READING,
    query=schemas.ListInvoices,
    answer=schemas.InvoicePage,
)
async def list_invoices(call: Call) -> object:
    """当前身份的发票夹"""
    found, following = await folder.find(
        owner_of(call), _wanted(call.query), before=call.query.get("cursor"), limit=call.query["limit"]
    )
    return {"items": [views.brief(one) for one in found], "next": str(following) if following else None}


@routes.get(
    "/invoices/<id:uuid>",
    caller=CITIZEN,
    limit=Limit.READING,
    answer=schemas.InvoiceView,
    errors=(InvoiceNotFound,),
)
async def show_invoice(call: Call) -> object:
    """一张发票和它的票面"""
    return views.whole(await folder.one(owner_of(call), call.path["id"]))


@routes.post(
    "/invoices/<id:uuid>/save",
    caller=CITIZEN,
    limit=Limit.WRITING,
    body=schemas.SaveInvoice,
    answer=schemas.InvoiceView,
    errors=(InvoiceNotFound,),
)
async def save_invoice(call: Call) -> object:
    """存入发票夹，或修改标签和备注"""
    given = call.body
    return views.whole(await folder.save(owner_of(call), call.path["id"], given["tags"], given["note"]))


@routes.delete(
    "/invoices/<id:uuid>", caller=CITIZEN, limit=Limit.WRITING, status=204, errors=(InvoiceNotFound,)
)
async def remove_invoice(call: Call) -> None:
    """从发票夹删除"""
    await folder.remove(owner_of(call), call.path["id"])


@routes.get(
    "/invoices/months",
    caller=CITIZEN,
    limit=Limit.READING,
    query=schemas.AskMonths,
    answer=schemas.InvoiceMonthsView,
)
async def list_months(call: Call) -> object:
    """已保存的发票按开票月份合计"""
    return {"items": await folder.months(owner_of(call), call.query.get("tag"))}


@routes.get(
    "/invoices/export.xlsx",
    caller=CITIZEN,
    limit=Limit.WRITING,
    query=schemas.ChooseInvoices,
    produces=_XLSX,
    errors=(FolderTooLarge, NothingToExport),
)
async def export_workbook(call: Call) -> object:
    """导出为 Excel 工作簿"""
    return _file(await exports.xlsx(owner_of(call), _wanted(call.query)), "xlsx", _XLSX)


@routes.get(
    "/invoices/export.pdf",
    caller=CITIZEN,
    limit=Limit.WRITING,
    query=schemas.ChooseInvoices,
    produces=_PDF,
    errors=(FolderTooLarge, NothingToExport),
)
async def export_sheets(call: Call) -> object:
    """导出为 PDF"""
    return _file(await exports.printed(owner_of(call), _wanted(call.query)), "pdf", _PDF)


@routes.get("/invoices/queue", caller=CITIZEN, limit=Limit.READING, answer=schemas.InvoiceQueueView)
async def list_queue(call: Call) -> object:
    """排队次日查验的发票"""
    return {
        "items": [
            {
                "id": one.id,
                "number": one.invoice.number,
                "issued_on": one.invoice.issued_on,
                "due_at": one.due_at,
                "created_at": one.created_at,
            }
            for one in await queued.own(owner_of(call))
        ]
    }


@routes.delete(
    "/invoices/queue/<id:uuid>",
    caller=CITIZEN,
    limit=Limit.WRITING,
    status=204,
    errors=(QueuedCheckNotFound,),
)
async def cancel_queued(call: Call) -> None:
    """取消一张排队的发票"""
    await queued.cancel(owner_of(call), call.path["id"])


def owner_of(call: Call) -> Owner:
    """Whose folder: that of whom the person acts for just now."""
    return Owner(call.caller.person_id, call.caller.enterprise_id)


def _wanted(query: dict[str, Any]) -> Wanted:
    month: str | None = query.get("month")
    return Wanted(
        is_saved=query.get("saved"),
        month=date.fromisoformat(f"{month}-01") if month else None,
        tag=query.get("tag"),
        number=query.get("number"),
        state=query.get("state"),
        is_repeated=query.get("repeated"),
    )


def _check_amount(text: str) -> None:
    """Say which of the inputs it is that cannot be read."""
    try:
        texts.amount_of(text)
    except NotAnInvoice:
        raise InvalidInput(fields={"amount": ["应为金额，如 1234.56，最多两位小数"]}) from None


def _file(content: bytes, ending: str, media_type: str) -> HTTPResponse:
    name = f"invoices-{clock.today():%Y%m%d}.{ending}"
    return HTTPResponse(
        content,
        content_type=media_type,
        headers={"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"},
    )
