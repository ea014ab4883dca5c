"""Pages of the folder of invoices 发票夹: of whom the person acts for now, one of them, and both files."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from sanic import HTTPResponse

from app.domain.invoices import exports, folder
from app.domain.invoices.errors import FolderTooLarge, InvoiceNotFound, NothingToExport
from app.domain.invoices.folder import LONGEST_TAG, MOST_TAGS, Wanted
from app.domain.invoices.owners import Owner
from app.gateways.exchange import InvoiceState
from app.kit import clock
from app.kit.errors import Fault, InvalidInput
from app.kit.web import H5_CITIZEN, Call, Limit, Routes, Schema, fields
from app.kit.web.pages import HTML, Nothing, PageQuery
from app.kit.web.pages.site import to
from app.public_account.h5 import downloads
from app.public_account.h5.pages import PREFIX, site

routes = Routes(f"{PREFIX}/invoices", tag="网页")

FOLDER: Final = f"{routes.prefix}/folder"
LONGEST_TAGS: Final = MOST_TAGS * (LONGEST_TAG + 1)

_SHOWN: Final = 20
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MONTH: Final = r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$"
_CHOICES: Final = ("saved", "month", "tag", "number", "state", "repeated")
_BETWEEN_TAGS: Final = re.compile(r"[\s,，、;；]+")


class Choose(PageQuery):
    """Which invoices; all that is said must hold."""

    saved = fields.Boolean(metadata={"description": "只看已保存的（true）或没有保存的（false）"})
    month = fields.Text(
        validate=fields.Matching(_MONTH, error="应为月份，如 2026-03"), metadata={"description": "开票月份"}
    )
    tag = fields.Text(max=LONGEST_TAG, metadata={"description": "标签"})
    number = fields.Text(max=40, metadata={"description": "发票号码，须完整"})
    state = fields.Enum(InvoiceState, by_value=True, metadata={"description": "发票状态"})
    repeated = fields.Boolean(metadata={"description": "只看存入后又被提交过的（true）"})


class Leaf(Choose):
    """The same, and from where to go on."""

    cursor = fields.UUID(metadata={"description": "从哪一张之后"})
    done = fields.Code(max=12, load_default="", metadata={"description": "刚刚做了什么"})


class AskInvoice(PageQuery):
    done = fields.Code(max=12, load_default="", metadata={"description": "刚刚做了什么"})
    left = fields.whole(0, 5, load_default=None, metadata={"description": "这张发票今天还可查验几次"})


class Save(Schema):
    tags = fields.Text(max=LONGEST_TAGS, load_default="", metadata={"description": "标签，用空格或逗号分开"})
    note = fields.Text(max=200, lines=True, load_default="", metadata={"description": "备注"})


@routes.get("/folder", caller=H5_CITIZEN, limit=Limit.READING, query=Leaf, produces=HTML, shows_faults=True)
async def show_folder(call: Call) -> object:
    """发票夹：按月份、标签、状态查找，逐月合计"""
    owner, asked = owner_of(call), call.query
    found, following = await folder.find(owner, _wanted(asked), before=asked.get("cursor"), limit=_SHOWN)
    kept = _kept(asked)
    return site.page(
        call.request,
        "invoice_folder.html",
        found=found,
        older=urlencode({**kept, "cursor": following}) if following else None,
        kept=urlencode(kept),
        months=await folder.months(owner, asked.get("tag")),
        states=list(InvoiceState),
        typed=call.typed,
        refusal=call.wrong,
        done=asked.get("done", ""),
        is_for_enterprise=owner.enterprise_id is not None,
    )


@routes.get(
    "/<id:uuid>",
    caller=H5_CITIZEN,
    limit=Limit.READING,
    query=AskInvoice,
    produces=HTML,
    errors=(InvoiceNotFound,),
)
async def show_invoice(call: Call) -> object:
    """一张发票：状态、票面、标签和备注"""
    return await _invoice_page(call, done=call.query["done"], left=call.query["left"])


@routes.post(
    "/<id:uuid>/save",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    body=Save,
    produces=HTML,
    errors=(InvoiceNotFound,),
    shows_faults=True,
)
async def save(call: Call) -> object:
    """存入发票夹，或修改标签和备注"""
    try:
        tags = tags_of(call)
    except InvalidInput as wrong:
        return await _invoice_page(call, typed=call.typed, refusal=wrong)
    await folder.save(owner_of(call), call.path["id"], tags, call.body.get("note", ""))
    return to(f"{routes.prefix}/{call.path['id']}", {"done": "saved"})


@routes.post(
    "/<id:uuid>/remove",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    body=Nothing,
    produces=HTML,
    errors=(InvoiceNotFound,),
)
async def remove(call: Call) -> object:
    """从发票夹删除"""
    await folder.remove(owner_of(call), call.path["id"])
    return to(FOLDER, {"done": "removed"})


@routes.get(
    "/export.xlsx",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    query=Choose,
    produces=_XLSX,
    errors=(FolderTooLarge, NothingToExport),
)
async def export_workbook(call: Call) -> object:
    """发票夹导出为 Excel 工作簿"""
    return _file(await exports.xlsx(owner_of(call), _wanted(call.query)), "xlsx", _XLSX)


@routes.get(
    "/export.pdf",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    query=Choose,
    produces=downloads.PDF,
    errors=(FolderTooLarge, NothingToExport),
)
async def export_sheets(call: Call) -> object:
    """发票夹导出为 PDF"""
    return _file(await exports.printed(owner_of(call), _wanted(call.query)), "pdf", downloads.PDF)


def owner_of(call: Call) -> Owner:
    """Whose folder: that of whom the person acts for just now."""
    return Owner(call.caller.person_id, call.caller.enterprise_id)


def tags_of(call: Call) -> list[str]:
    """The tags of a form, written side by side. Raises InvalidInput."""
    if call.wrong is not None:
        raise call.wrong
    tags = [tag for tag in _BETWEEN_TAGS.split(call.body["tags"]) if tag]
    if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in tags):
        why = site.said(call.request, "tags.why", count=MOST_TAGS, length=LONGEST_TAG)
        raise InvalidInput(fields={"tags": [why]})
    return tags


async def _invoice_page(
    call: Call,
    *,
    done: str = "",
    left: int | None = None,
    typed: Mapping[str, str] | None = None,
    refusal: Fault | None = None,
) -> HTTPResponse:
    found = await folder.one(owner_of(call), call.path["id"])
    return site.page(
        call.request,
        "invoice.html",
        invoice=found,
        typed=typed or {"tags": " ".join(found.tags), "note": found.note},
        refusal=refusal,
        done=done,
        left=left,
    )


def _wanted(asked: Mapping[str, Any]) -> Wanted:
    month: str | None = asked.get("month")
    return Wanted(
        is_saved=asked.get("saved"),
        month=date.fromisoformat(f"{month}-01") if month else None,
        tag=asked.get("tag"),
        number=asked.get("number"),
        state=asked.get("state"),
        is_repeated=asked.get("repeated"),
    )


def _kept(asked: Mapping[str, Any]) -> dict[str, str]:
    """The choice as an address has it; what could not be understood is not carried on."""
    kept = {name: asked[name] for name in _CHOICES if asked.get(name) is not None}
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in kept.items()
    }


def _file(content: bytes, ending: str, media_type: str) -> HTTPResponse:
    return downloads.saved(content, media_type, f"invoices-{clock.today():%Y%m%d}.{ending}")
