"""Routes of batches of invoices."""

import asyncio

from app.domain.invoices import batches, tables
from app.domain.invoices.errors import InvoiceBatchNotFound, TooManyBatches, UnreadableList
from app.kit.tables import TableRefused
from app.kit.web import CITIZEN, Call, Limit, Routes
from miniprogram_api.invoices import batch_schemas as schemas
from miniprogram_api.invoices.routes import owner_of

routes = Routes("/api/v1", tag="发票")

_SUBMIT_ERRORS = (UnreadableList, TooManyBatches)


@routes.post(
    "/invoices/batches",
    caller=CITIZEN,
    limit=Limit.WRITING,
    body=schemas.SubmitInvoiceLines,
    answer=schemas.InvoiceBatchView,
    status=201,
    idempotent=True,
    errors=_SUBMIT_ERRORS,
)
async def submit_batch(call: Call) -> object:
    """粘贴一批发票查验"""
    owner = owner_of(call)
    lines = tables.read_text(call.body["text"])
    return await batches.progress(owner, await batches.submit(owner, lines))


@routes.post(
    "/invoices/batches/file",
    caller=CITIZEN,
    limit=Limit.WRITING,
    body=schemas.UploadInvoiceList,
    largest_file=tables.MOST_BYTES,
    answer=schemas.InvoiceBatchView,
    status=201,
    errors=(*_SUBMIT_ERRORS, TableRefused),
)
async def upload_batch(call: Call) -> object:
    """上传一批发票查验"""
    owner = owner_of(call)
    lines = await asyncio.to_thread(tables.read, call.body["file"].content)
    return await batches.progress(owner, await batches.submit(owner, lines))


@routes.get("/invoices/batches", caller=CITIZEN, limit=Limit.READING, answer=schemas.InvoiceBatchesView)
async def list_batches(call: Call) -> object:
    """最近的批次"""
    return {"items": await batches.recent(owner_of(call))}


@routes.get(
    "/invoices/batches/<id:uuid>",
    caller=CITIZEN,
    limit=Limit.READING,
    answer=schemas.InvoiceBatchView,
    errors=(InvoiceBatchNotFound,),
)
async def show_batch(call: Call) -> object:
    """一批发票的进度"""
    return await batches.progress(owner_of(call), call.path["id"])


@routes.get(
    "/invoices/batches/<id:uuid>/rows",
    caller=CITIZEN,
    limit=Limit.READING,
    query=schemas.ListBatchRows,
    answer=schemas.InvoiceBatchRowPage,
    errors=(InvoiceBatchNotFound,),
)
async def list_batch_rows(call: Call) -> object:
    """一批发票逐行的结果"""
    rows, following = await batches.rows_of(
        owner_of(call), call.path["id"], after=call.query["cursor"], limit=call.query["limit"]
    )
    return {"items": rows, "next": str(following) if following else None}


@routes.post(
    "/invoices/batches/<id:uuid>/cancel",
    caller=CITIZEN,
    limit=Limit.WRITING,
    answer=schemas.InvoiceBatchView,
    errors=(InvoiceBatchNotFound,),
)
async def cancel_batch(call: Call) -> object:
    """取消还没有查验的行"""
    return await batches.cancel(owner_of(call), call.path["id"])


@routes.post(
    "/invoices/batches/<id:uuid>/retry",
    caller=CITIZEN,
    limit=Limit.WRITING,
    answer=schemas.InvoiceBatchView,
    errors=(InvoiceBatchNotFound, TooManyBatches),
)
async def retry_batch(call: Call) -> object:
    """重新查验因次数限制或平台无答复而没有结果的行"""
    return await batches.retry(owner_of(call), call.path["id"])


@routes.post(
    "/invoices/batches/<id:uuid>/save-all",
    caller=CITIZEN,
    limit=Limit.WRITING,
    body=schemas.SaveBatch,
    answer=schemas.SavedView,
    errors=(InvoiceBatchNotFound,),
)
async def save_batch(call: Call) -> object:
    """把一批中查验一致的发票都存入发票夹"""
    return {"saved": await batches.save(owner_of(call), call.path["id"], call.body["tags"])}
