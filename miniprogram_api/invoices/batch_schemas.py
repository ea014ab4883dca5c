"""Shapes of batches of invoices."""

from app.domain.invoices.models import BatchState, Outcome, WaitingState
from app.gateways.exchange import InvoiceState
from app.kit.web import Schema, fields, page_of
from miniprogram_api.invoices.schemas import tags

_LONGEST_TEXT = 80_000  # Five hundred QR texts; in JSON at its widest still less than a body may hold.


class SubmitInvoiceLines(Schema):
    text = fields.Text(
        required=True,
        min=1,
        max=_LONGEST_TEXT,
        lines=True,
        metadata={
            "description": "每行一张，最多 500 行：二维码文字，或代码、号码、日期、金额（校验码）",
            "example": "26427000000316294884,2026-03-30,100.76",
        },
    )


class UploadInvoiceList(Schema):
    file = fields.File(required=True, metadata={"description": "CSV、XLSX 或文本文件，最多 500 行、1 MB"})


class InvoiceBatchView(Schema):
    """一批发票和它的进度。"""

    id = fields.UUID(required=True, metadata={"description": "批次编号"})
    state = fields.Enum(BatchState, by_value=True, required=True, metadata={"description": "状态"})
    total = fields.Integer(required=True, metadata={"description": "总行数"})
    settled = fields.Integer(required=True, metadata={"description": "已有结果的行数"})
    known = fields.Integer(required=True, metadata={"description": "早已存在发票夹的行数，当心重复报销"})
    outcomes = fields.Dict(
        keys=fields.Text(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "各种结果的行数", "example": {"match": 12, "duplicate": 1}},
    )
    created_at = fields.Moment(required=True, metadata={"description": "提交时间"})
    finished_at = fields.Moment(required=True, allow_none=True, metadata={"description": "完成或取消的时间"})


class InvoiceBatchesView(Schema):
    items = fields.List(
        fields.Nested(InvoiceBatchView), required=True, metadata={"description": "最近的批次"}
    )


class InvoiceBatchRowView(Schema):
    """批次的一行。"""

    place = fields.Integer(required=True, metadata={"description": "第几行"})
    text = fields.Text(required=True, metadata={"description": "这一行的内容，发票一律写成二维码文字的样子"})
    state = fields.Enum(WaitingState, by_value=True, required=True, metadata={"description": "状态"})
    outcome = fields.Enum(
        Outcome,
        by_value=True,
        required=True,
        allow_none=True,
        metadata={"description": "结果；还没有的为 null"},
    )
    invoice_state = fields.Enum(
        InvoiceState,
        by_value=True,
        required=True,
        allow_none=True,
        attribute="found",
        metadata={"description": "查验一致的发票状态"},
    )
    told = fields.Text(required=True, metadata={"description": "结果的说明"})
    duplicate_of = fields.Integer(
        required=True, allow_none=True, metadata={"description": "与第几行是同一张发票"}
    )
    is_known = fields.Boolean(required=True, metadata={"description": "是否早已存在发票夹"})
    invoice_id = fields.UUID(
        required=True, allow_none=True, attribute="snapshot_id", metadata={"description": "在发票夹中的编号"}
    )


InvoiceBatchRowPage = page_of(InvoiceBatchRowView, "InvoiceBatchRowPage")


class ListBatchRows(Schema):
    cursor = fields.whole(0, 500, load_default=0, metadata={"description": "上一页的 next"})
    limit = fields.whole(1, 500, load_default=100, metadata={"description": "每页条数"})


class SaveBatch(Schema):
    tags = tags(load_default=list)


class SavedView(Schema):
    saved = fields.Integer(required=True, metadata={"description": "新存入发票夹的张数"})
