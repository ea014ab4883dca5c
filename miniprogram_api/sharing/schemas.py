"""Shapes of prefills: what is asked for, what was found, what is said to be wrong."""

from marshmallow import validate

from app.domain.sharing.models import ObjectionState, Occasion, ShareState
from app.domain.sharing.offers import FIELD_NAMES, LONGEST_REASON, LONGEST_VALUE, MOST_CORRECTIONS
from app.gateways.exchange import Library
from app.kit.web import Schema, fields, page_of

_MOST_RECORDS = 200


class AskPrefill(Schema):
    library = fields.Enum(
        Library,
        by_value=True,
        required=True,
        metadata={"description": "population 人口；legal_persons 法人；credit 信用；certificates 电子证照"},
    )
    occasion = fields.Enum(
        Occasion,
        by_value=True,
        required=True,
        metadata={"description": "用于：booking 预约；application 提交申请材料；supplement 补正"},
    )


class ListPrefills(Schema):
    cursor = fields.UUID(metadata={"description": "上一页的 next"})
    limit = fields.whole(1, 50, load_default=20, metadata={"description": "每页条数"})


class WrongFact(Schema):
    """一项有误的内容。"""

    record = fields.whole(
        1, _MOST_RECORDS, load_default=1, metadata={"description": "第几条记录，从 1 起，默认 1"}
    )
    field = fields.Choice(list(FIELD_NAMES), required=True, metadata={"description": "字段"})
    value = fields.Text(min=1, max=LONGEST_VALUE, required=True, metadata={"description": "应为什么"})


class CorrectPrefill(Schema):
    corrections = fields.List(
        fields.Nested(WrongFact),
        required=True,
        validate=validate.Length(1, MOST_CORRECTIONS, error="请指出 1 到 {max} 项"),
        metadata={"description": "有误的内容"},
    )
    reason = fields.Text(
        min=1, max=LONGEST_REASON, required=True, lines=True, metadata={"description": "理由"}
    )


class FactView(Schema):
    field = fields.Text(required=True, metadata={"description": "字段", "example": "residence"})
    label = fields.Text(required=True, metadata={"description": "字段的中文名", "example": "住址"})
    value = fields.Text(required=True, metadata={"description": "内容"})


class RecordView(Schema):
    facts = fields.List(fields.Nested(FactView), required=True, metadata={"description": "查到的字段"})


class ObjectedView(Schema):
    department = fields.Text(required=True, metadata={"description": "核实的数源部门"})
    fields_disputed = fields.List(fields.Text(), required=True, metadata={"description": "认为有误的字段"})
    due_on = fields.Day(required=True, metadata={"description": "答复期限"})
    state = fields.Enum(
        ObjectionState,
        by_value=True,
        required=True,
        metadata={"description": "open 核实中；mended 已更正；kept 核实无误"},
    )
    answer = fields.Text(required=True, allow_none=True, metadata={"description": "答复；没有为 null"})


class PrefillView(Schema):
    id = fields.UUID(required=True, metadata={"description": "预填编号"})
    library = fields.Enum(Library, by_value=True, required=True, metadata={"description": "数据库"})
    library_name = fields.Text(required=True, metadata={"description": "数据库名称", "example": "人口库"})
    occasion = fields.Enum(Occasion, by_value=True, required=True, metadata={"description": "用于"})
    state = fields.Enum(ShareState, by_value=True, required=True, metadata={"description": "状态"})
    state_text = fields.Text(required=True, metadata={"description": "状态", "example": "待您确认"})
    department = fields.Text(
        required=True, allow_none=True, metadata={"description": "数源部门；没有查到为 null"}
    )
    as_of = fields.Moment(
        required=True, allow_none=True, metadata={"description": "数据时间；没有查到为 null"}
    )
    is_stale = fields.Boolean(required=True, metadata={"description": "对方暂时没有更新的数据"})
    asked_at = fields.Moment(required=True, metadata={"description": "发起时间"})
    lapses_at = fields.Moment(
        required=True, allow_none=True, metadata={"description": "内容保留到何时；没有查到为 null"}
    )
    records = fields.List(
        fields.Nested(RecordView),
        required=True,
        metadata={"description": "查到的内容；没有查到、已过期或已撤回同意时为空"},
    )
    advice = fields.Text(
        required=True, allow_none=True, metadata={"description": "查不到时请做什么；查到为 null"}
    )
    objection = fields.Nested(
        ObjectedView, required=True, allow_none=True, metadata={"description": "异议；没有为 null"}
    )


PrefillPage = page_of(PrefillView, "PrefillPage")
