"""Shapes of invoice checks and of the folder."""

from typing import Any

from marshmallow import validate

from app.domain.invoices.folder import LONGEST_TAG, MOST_TAGS
from app.domain.invoices.models import Outcome
from app.domain.invoices.texts import LONGEST
from app.gateways.exchange import InvoiceState
from app.kit.web import Schema, fields, page_of

_MONTH = r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$"


def month(**kwargs: Any) -> fields.Text:
    """A month as 2026-03."""
    words = {"description": "开票月份", "example": "2026-03"}
    return fields.Text(
        validate=fields.Matching(_MONTH, error="应为月份，如 2026-03"), metadata=words, **kwargs
    )


def tags(**kwargs: Any) -> Any:
    """A few words of the owner's."""
    return fields.List(
        fields.Text(min=1, max=LONGEST_TAG),
        validate=validate.Length(max=MOST_TAGS, error=f"最多 {MOST_TAGS} 个标签"),
        metadata={"description": f"标签，最多 {MOST_TAGS} 个", "example": ["差旅"]},
        **kwargs,
    )


class VerifyInvoice(Schema):
    code = fields.Text(
        load_default="", max=20, metadata={"description": "发票代码，10 或 12 位；数电发票没有"}
    )
    number = fields.Text(
        required=True,
        min=1,
        max=40,
        metadata={"description": "发票号码，8 或 20 位", "example": "26427000000316294884"},
    )
    issued_on = fields.Day(required=True, metadata={"description": "开票日期", "example": "2026-03-30"})
    amount = fields.Text(
        load_default="",
        max=30,
        metadata={"description": "金额：按发票种类为不含税金额、价税合计等", "example": "100.76"},
    )
    check_code = fields.Text(load_default="", max=30, metadata={"description": "校验码后六位或全部二十位"})
    kind = fields.Text(
        load_default="",
        max=2,
        metadata={"description": "发票种类代码，见 GET /invoices/kinds；代码、号码能说明种类时不填"},
    )


class ScanInvoice(Schema):
    text = fields.Text(
        required=True, min=1, max=LONGEST, lines=True, metadata={"description": "发票二维码扫出的整段文字"}
    )


class InvoiceKindView(Schema):
    """发票种类。"""

    code = fields.Text(required=True, metadata={"description": "种类代码", "example": "32"})
    name = fields.Text(required=True, metadata={"description": "名称"})
    numbering = fields.Text(
        required=True, metadata={"description": "coded 代码和八位号码，digital 二十位号码，either 两种都有"}
    )
    proof = fields.Text(required=True, metadata={"description": "第四项：check_code 校验码，其余为金额"})
    proof_name = fields.Text(required=True, metadata={"description": "第四项的名称", "example": "价税合计"})


class InvoiceKindsView(Schema):
    items = fields.List(
        fields.Nested(InvoiceKindView),
        required=True,
        metadata={"description": "代码或号码说明的种类；不能说明的为全部"},
    )


class AskKinds(Schema):
    code = fields.Text(max=20, metadata={"description": "发票代码", "example": "4400161350"})
    number = fields.Text(max=40, metadata={"description": "发票号码"})


class InvoicePartyView(Schema):
    """购方或销方。"""

    name = fields.Text(required=True, metadata={"description": "名称"})
    tax_number = fields.Text(required=True, allow_none=True, metadata={"description": "税号"})
    address_and_phone = fields.Text(required=True, allow_none=True, metadata={"description": "地址、电话"})
    bank_account = fields.Text(required=True, allow_none=True, metadata={"description": "开户行及账号"})


class InvoiceLineView(Schema):
    """明细的一行。"""

    name = fields.Text(required=True, metadata={"description": "名称"})
    specification = fields.Text(required=True, allow_none=True, metadata={"description": "规格型号"})
    unit = fields.Text(required=True, allow_none=True, metadata={"description": "单位"})
    quantity = fields.Text(required=True, allow_none=True, metadata={"description": "数量"})
    unit_price = fields.Text(required=True, allow_none=True, metadata={"description": "单价"})
    amount = fields.Money(required=True, allow_none=True, metadata={"description": "金额"})
    tax_rate = fields.Text(required=True, allow_none=True, metadata={"description": "税率"})
    tax = fields.Money(required=True, allow_none=True, metadata={"description": "税额"})


class InvoiceFactView(Schema):
    """特定票种的其他项目，如车架号。"""

    label = fields.Text(required=True, metadata={"description": "名称"})
    value = fields.Text(required=True, metadata={"description": "内容"})


class InvoiceDetailView(Schema):
    """票面信息。"""

    buyer = fields.Nested(InvoicePartyView, required=True, allow_none=True, metadata={"description": "购方"})
    seller = fields.Nested(InvoicePartyView, required=True, allow_none=True, metadata={"description": "销方"})
    lines = fields.List(fields.Nested(InvoiceLineView), required=True, metadata={"description": "明细"})
    amount = fields.Money(required=True, allow_none=True, metadata={"description": "合计金额"})
    tax = fields.Money(required=True, allow_none=True, metadata={"description": "合计税额"})
    total = fields.Money(required=True, allow_none=True, metadata={"description": "价税合计"})
    total_in_words = fields.Text(required=True, allow_none=True, metadata={"description": "价税合计大写"})
    check_code = fields.Text(required=True, allow_none=True, metadata={"description": "校验码"})
    machine_number = fields.Text(required=True, allow_none=True, metadata={"description": "机器编号"})
    remark = fields.Text(required=True, allow_none=True, metadata={"description": "票面备注"})
    times_checked = fields.Integer(required=True, allow_none=True, metadata={"description": "累计查验次数"})
    further = fields.List(fields.Nested(InvoiceFactView), required=True, metadata={"description": "其他项目"})


class InvoiceBriefView(Schema):
    """发票夹里的一张发票。"""

    id = fields.UUID(required=True, metadata={"description": "在发票夹中的编号"})
    kind = fields.Text(required=True, metadata={"description": "种类代码", "example": "32"})
    kind_name = fields.Text(required=True, metadata={"description": "种类名称"})
    code = fields.Text(required=True, metadata={"description": "发票代码；数电发票为空"})
    number = fields.Text(required=True, metadata={"description": "发票号码"})
    region = fields.Text(
        required=True,
        allow_none=True,
        metadata={"description": "开票地区的四位行政区划代码", "example": "4400"},
    )
    issued_on = fields.Day(required=True, metadata={"description": "开票日期"})
    amount = fields.Money(
        required=True, allow_none=True, metadata={"description": "价税合计；查验平台没有告知的为查验时的金额"}
    )
    state = fields.Enum(InvoiceState, by_value=True, required=True, metadata={"description": "发票状态"})
    state_name = fields.Text(required=True, metadata={"description": "状态名称", "example": "正常"})
    previous_state = fields.Enum(
        InvoiceState, by_value=True, required=True, allow_none=True, metadata={"description": "变动前的状态"}
    )
    changed_at = fields.Moment(required=True, allow_none=True, metadata={"description": "发现状态变动的时间"})
    checked_at = fields.Moment(required=True, metadata={"description": "最近一次查验"})
    saved_at = fields.Moment(
        required=True, allow_none=True, metadata={"description": "存入时间；没有保存的为 null"}
    )
    expires_at = fields.Moment(
        required=True, allow_none=True, metadata={"description": "没有保存的，何时删除"}
    )
    tags = tags(required=True)
    note = fields.Text(required=True, metadata={"description": "备注"})
    repeats = fields.Integer(
        required=True, metadata={"description": "存入后又被提交的次数；大于 0 请当心重复报销"}
    )


class InvoiceView(InvoiceBriefView):
    """一张发票和它的票面。"""

    detail = fields.Nested(
        InvoiceDetailView,
        required=True,
        allow_none=True,
        metadata={"description": "票面；平台没有告知的为 null"},
    )


class VerdictView(Schema):
    """查验结果。"""

    outcome = fields.Enum(Outcome, by_value=True, required=True, metadata={"description": "结果"})
    text = fields.Text(required=True, metadata={"description": "给人看的说明"})
    missing = fields.List(
        fields.Text(), required=True, metadata={"description": "还缺哪些内容", "example": ["价税合计"]}
    )
    remaining_today = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "这张发票今天还可查验几次；没有查验的为 null"},
    )
    is_repeat = fields.Boolean(required=True, metadata={"description": "是否早已存在发票夹，当心重复报销"})
    invoice = fields.Nested(
        InvoiceView, required=True, allow_none=True, metadata={"description": "查验一致的发票，只给本人"}
    )
    queued_id = fields.UUID(required=True, allow_none=True, metadata={"description": "排队次日查验的编号"})


InvoicePage = page_of(InvoiceBriefView, "InvoicePage")


class ChooseInvoices(Schema):
    """Which invoices of the folder; all conditions hold together."""

    saved = fields.Boolean(metadata={"description": "只看已保存的（true）或没有保存的（false）"})
    month = month()
    tag = fields.Text(min=1, max=LONGEST_TAG, metadata={"description": "标签"})
    number = fields.Text(min=1, max=40, metadata={"description": "发票号码，须完整"})
    state = fields.Enum(InvoiceState, by_value=True, metadata={"description": "发票状态"})
    repeated = fields.Boolean(metadata={"description": "只看存入后又被提交过的（true）"})


class ListInvoices(ChooseInvoices):
    cursor = fields.UUID(metadata={"description": "上一页的 next"})
    limit = fields.whole(1, 100, load_default=20, metadata={"description": "每页条数"})


class SaveInvoice(Schema):
    tags = tags(load_default=list)
    note = fields.Text(load_default="", max=200, lines=True, metadata={"description": "备注"})


class AskMonths(Schema):
    tag = fields.Text(min=1, max=LONGEST_TAG, metadata={"description": "只算有此标签的"})


class InvoiceMonthView(Schema):
    """一个月开具的已保存发票。"""

    month = month(required=True)
    invoices = fields.Integer(required=True, metadata={"description": "张数"})
    amount = fields.Money(required=True, metadata={"description": "金额合计，不含作废、红冲"})
    without_amount = fields.Integer(required=True, metadata={"description": "不知金额、没有计入合计的张数"})
    no_voucher = fields.Integer(required=True, metadata={"description": "作废、红冲的张数"})


class InvoiceMonthsView(Schema):
    items = fields.List(fields.Nested(InvoiceMonthView), required=True, metadata={"description": "逐月合计"})


class QueuedInvoiceView(Schema):
    """排队次日查验的发票。"""

    id = fields.UUID(required=True, metadata={"description": "排队编号"})
    number = fields.Text(required=True, metadata={"description": "发票号码"})
    issued_on = fields.Day(required=True, metadata={"description": "开票日期"})
    due_at = fields.Moment(required=True, metadata={"description": "何时查验"})
    created_at = fields.Moment(required=True, metadata={"description": "何时排队"})


class InvoiceQueueView(Schema):
    items = fields.List(
        fields.Nested(QueuedInvoiceView), required=True, metadata={"description": "排队的发票"}
    )
