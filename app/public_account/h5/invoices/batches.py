"""Pages of checking many invoices 批量查验: handed in as text or as a file, watched, stopped, saved."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sanic import HTTPResponse

from app.domain.invoices import batches, tables, texts
from app.domain.invoices.batches import AGAIN, Row
from app.domain.invoices.errors import InvoiceBatchNotFound, NotAnInvoice, TooManyBatches, UnreadableList
from app.domain.invoices.lines import Line
from app.domain.invoices.models import BatchState, Outcome
from app.domain.invoices.texts import InvoiceText
from app.kit.errors import Fault, InvalidInput
from app.kit.tables import TableRefused
from app.kit.web import H5_CITIZEN, Call, Limit, Routes, Schema, fields
from app.kit.web.pages import HTML, Nothing, PageQuery
from app.kit.web.pages.site import to
from app.public_account.h5.invoices.folder import LONGEST_TAGS, owner_of, tags_of
from app.public_account.h5.pages import PREFIX, site
from notifications import prompts
from notifications.prompts import Moment

routes = Routes(f"{PREFIX}/invoices/batches", tag="网页")

_LONGEST_TEXT: Final = 80_000  # Five hundred QR texts.
_SHOWN: Final = 50


class AskBatch(PageQuery):
    after = fields.whole(0, tables.MOST_LINES, load_default=0, metadata={"description": "从哪一行之后"})
    done = fields.Code(max=12, load_default="", metadata={"description": "刚刚做了什么"})
    count = fields.whole(0, tables.MOST_LINES, load_default=0, metadata={"description": "存入了几张"})


class Paste(Schema):
    text = fields.Text(
        required=True, min=1, max=_LONGEST_TEXT, lines=True, metadata={"description": "每行一张发票"}
    )


class Upload(Schema):
    file = fields.File(required=True, metadata={"description": "CSV、XLSX 或文本文件，最多 500 行、1 MB"})


class SaveAll(Schema):
    tags = fields.Text(max=LONGEST_TAGS, load_default="", metadata={"description": "标签，用空格或逗号分开"})


@dataclass(frozen=True, slots=True)
class _Shown:
    """A row of a batch and the invoice it speaks of, where it can be read as one."""

    row: Row
    invoice: InvoiceText | None


@routes.get("", caller=H5_CITIZEN, limit=Limit.READING, query=PageQuery, produces=HTML)
async def ask(call: Call) -> object:
    """批量查验：粘贴或上传，最近的批次"""
    return await _form(call, {})


@routes.post(
    "",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    body=Paste,
    produces=HTML,
    errors=(UnreadableList, TooManyBatches),
    shows_faults=True,
)
async def paste(call: Call) -> object:
    """粘贴一批发票查验"""
    try:
        if call.wrong is not None:
            raise call.wrong
        return await _submit(call, tables.read_text(call.body["text"]))
    except (InvalidInput, TooManyBatches) as refusal:
        return await _form(call, call.typed, refusal=_of_field(refusal, "text"))


@routes.post(
    "/file",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    body=Upload,
    largest_file=tables.MOST_BYTES,
    produces=HTML,
    errors=(UnreadableList, TableRefused, TooManyBatches),
    shows_faults=True,
)
async def upload(call: Call) -> object:
    """上传一批发票查验"""
    try:
        if call.wrong is not None:
            raise call.wrong
        return await _submit(call, await asyncio.to_thread(tables.read, call.body["file"].content))
    except (InvalidInput, TooManyBatches) as refusal:
        return await _form(call, {}, refusal=_of_field(refusal, "file"))


@routes.get(
    "/<id:uuid>",
    caller=H5_CITIZEN,
    limit=Limit.READING,
    query=AskBatch,
    produces=HTML,
    errors=(InvoiceBatchNotFound,),
)
async def show(call: Call) -> object:
    """一批发票的进度和逐行结果"""
    asked = call.query
    return await _batch_page(call, after=asked["after"], done=asked["done"], count=asked["count"])


@routes.post(
    "/<id:uuid>/cancel",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    body=Nothing,
    produces=HTML,
    errors=(InvoiceBatchNotFound,),
)
async def cancel(call: Call) -> object:
    """取消还没有查验的行"""
    await batches.cancel(owner_of(call), call.path["id"])
    return _to_batch(call.path["id"])


@routes.post(
    "/<id:uuid>/retry",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    body=Nothing,
    produces=HTML,
    errors=(InvoiceBatchNotFound, TooManyBatches),
)
async def retry(call: Call) -> object:
    """重新查验没有结果的行"""
    try:
        await batches.retry(owner_of(call), call.path["id"])
    except TooManyBatches as refusal:
        return await _batch_page(call, refusal=refusal)
    return _to_batch(call.path["id"])


@routes.post(
    "/<id:uuid>/save-all",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    body=SaveAll,
    produces=HTML,
    errors=(InvoiceBatchNotFound,),
    shows_faults=True,
)
async def save_all(call: Call) -> object:
    """把查验一致的发票都存入发票夹"""
    try:
        tags = tags_of(call)
    except InvalidInput as wrong:
        return await _batch_page(call, typed=call.typed, refusal=wrong)
    saved = await batches.save(owner_of(call), call.path["id"], tags)
    return _to_batch(call.path["id"], done="saved", count=str(saved))


async def _submit(call: Call, lines: Sequence[Line]) -> HTTPResponse:
    return _to_batch(await batches.submit(owner_of(call), lines))


def _to_batch(batch_id: UUID, **query: str) -> HTTPResponse:
    return to(f"{routes.prefix}/{batch_id}", query)


def _of_field(refusal: Fault, name: str) -> Fault:
    """A refusal of a list with its reasons at the field the list was given in."""
    if not isinstance(refusal, InvalidInput):
        return refusal
    reasons = [why for whys in refusal.fields.values() for why in whys] or [refusal.message]
    return InvalidInput(refusal.message, fields={name: reasons}, code=refusal.code)


async def _form(call: Call, typed: Mapping[str, str], *, refusal: Fault | None = None) -> HTTPResponse:
    return site.page(
        call.request,
        "invoice_batches.html",
        recent=await batches.recent(owner_of(call)),
        typed=typed,
        refusal=refusal,
        most=tables.MOST_LINES,
    )


async def _batch_page(
    call: Call,
    *,
    after: int = 0,
    done: str = "",
    count: int = 0,
    typed: Mapping[str, str] | None = None,
    refusal: Fault | None = None,
) -> HTTPResponse:
    owner, batch_id = owner_of(call), call.path["id"]
    batch = await batches.progress(owner, batch_id)
    is_left_for_tomorrow = batch.state is BatchState.DONE and Outcome.QUEUED.value in batch.outcomes
    rows, following = await batches.rows_of(owner, batch_id, after=after, limit=_SHOWN)
    return site.page(
        call.request,
        "invoice_batch.html",
        batch=batch,
        is_working=batch.state is BatchState.WORKING,
        rows=[_Shown(row, _read(row.text)) for row in rows],
        following=following,
        may_retry=batch.state is BatchState.DONE and any(batch.outcomes.get(one.value) for one in AGAIN),
        may_save=bool(batch.outcomes.get(Outcome.MATCH.value)),
        done=done,
        count=count,
        typed=typed or {},
        refusal=refusal,
        needs_way=is_left_for_tomorrow and await prompts.needs_way(owner.person_id, Moment.ANSWER),
    )


def _read(text: str) -> InvoiceText | None:
    try:
        return texts.read(text)
    except NotAnInvoice:
        return None
