"""Shapes of materials, of answers to corrections, and of documents."""

from marshmallow import validate

from app.domain.cases.paper_models import DocumentKind, MaterialState, Trust
from app.domain.cases.paper_rules import LONGEST_NAME, LONGEST_TEXT, MOST_FILES
from app.kit.web import Schema, fields, page_of

_NAME = "材料名称或文件名"


class UploadMaterial(Schema):
    file = fields.File(
        required=True,
        metadata={"description": "一个文件：PDF、Word（docx）、Excel（xlsx）、OFD、PNG 或 JPG，不超过 20 MB"},
    )
    replaces = fields.UUID(metadata={"description": "替换哪一份材料：承诺补齐的、不合格的或尚未提交的"})


class MaterialView(Schema):
    id = fields.UUID(required=True, metadata={"description": "材料编号"})
    name = fields.Text(required=True, metadata={"description": _NAME})
    state = fields.Enum(
        MaterialState,
        by_value=True,
        required=True,
        metadata={
            "description": "uploaded 已上传，declared 已承诺，checked 已核对，"
            "rejected 不合格，replaced 已替换"
        },
    )
    trust = fields.Enum(
        Trust,
        by_value=True,
        required=True,
        metadata={"description": "可信等级：B 已核对，C 本人上传，D 承诺"},
    )
    is_handed_in = fields.Boolean(required=True, metadata={"description": "是否已随补正提交"})
    media_type = fields.Text(required=True, allow_none=True, metadata={"description": "文件类型"})
    size = fields.Integer(required=True, allow_none=True, metadata={"description": "字节数"})
    promised_on = fields.Day(required=True, allow_none=True, metadata={"description": "承诺补齐的日期"})
    replaces = fields.UUID(
        required=True, allow_none=True, attribute="replaces_id", metadata={"description": "替换哪一份材料"}
    )
    reason = fields.Text(required=True, allow_none=True, metadata={"description": "不合格的原因"})
    uploaded_at = fields.Moment(required=True, metadata={"description": "上传或承诺的时间"})


MaterialPage = page_of(MaterialView, "MaterialPage")


class PromiseMaterial(Schema):
    name = fields.Text(required=True, min=1, max=LONGEST_NAME, metadata={"description": "承诺补齐的材料名称"})
    on = fields.Day(required=True, metadata={"description": "承诺补齐的日期，明天到 90 天之内"})


class AnswerCorrection(Schema):
    materials = fields.List(
        fields.UUID(),
        load_default=list,
        validate=validate.Length(max=MOST_FILES, error=f"不能超过 {MOST_FILES} 份"),
        metadata={"description": "已上传、随本次补正提交的材料编号"},
    )
    promises = fields.List(
        fields.Nested(PromiseMaterial),
        load_default=list,
        validate=validate.Length(max=MOST_FILES, error=f"不能超过 {MOST_FILES} 份"),
        metadata={"description": "暂缺、承诺补齐的材料（容缺受理）；是否同意由受理部门决定"},
    )
    text = fields.Text(
        max=LONGEST_TEXT,
        lines=True,
        load_default="",
        metadata={"description": "给受理部门的说明，可以不填"},
    )


class CorrectionView(Schema):
    case_number = fields.Text(required=True, metadata={"description": "办件编号"})
    answered_at = fields.Moment(required=True, attribute="at", metadata={"description": "提交补正的时间"})


class DocumentView(Schema):
    id = fields.UUID(required=True, metadata={"description": "文书编号"})
    kind = fields.Enum(
        DocumentKind,
        by_value=True,
        required=True,
        metadata={
            "description": "receipt 收件凭证，acceptance 受理通知书，non_acceptance 不予受理通知书，"
            "correction 一次性补正告知书，special_procedure 特别程序告知书，extension 延期告知书，"
            "promise 容缺受理承诺书，granting 准予决定书，denial 不予决定书，delivery 送达回证"
        },
    )
    title = fields.Text(required=True, metadata={"description": "文书名称"})
    office = fields.Text(required=True, metadata={"description": "出具部门"})
    dated_at = fields.Moment(required=True, metadata={"description": "落款时间"})
    code = fields.Text(required=True, metadata={"description": "核验码，任何人可凭它核验真伪"})
    digest = fields.Text(required=True, attribute="sha256", metadata={"description": "内容摘要（SHA-256）"})


DocumentPage = page_of(DocumentView, "DocumentPage")
