"""Shapes of a push and of its answers."""

from typing import Any

from marshmallow import validate

from app.domain.partners.kinds import MessageKind, MessageState, Outcome
from app.kit.web import Schema, fields
from app.partner_api.shapes import SHAPES

MOST_ROWS = 5000


class AnyMessage(fields.Dict):
    """One message of any kind. It is checked row by row, so that a bad one does not stop the others."""

    def __init__(self, **kwargs: Any) -> None:
        shapes = [{"$ref": f"#/components/schemas/{type(shape).__name__}"} for shape in SHAPES.values()]
        super().__init__(metadata={"description": "一条消息，按 kind 取其一", "anyOf": shapes}, **kwargs)


class PushMessages(Schema):
    """A push."""

    messages = fields.List(
        AnyMessage(),
        required=True,
        validate=validate.Length(1, MOST_ROWS, error="一次推送 1 到 {max} 条"),
        metadata={"description": "消息；条数上限由平台设定，默认 500"},
    )


class RowAnswer(Schema):
    """一条消息的结果。"""

    sequence = fields.Integer(
        required=True, allow_none=True, metadata={"description": "消息序号；读不出时为 null"}
    )
    outcome = fields.Enum(
        Outcome,
        by_value=True,
        required=True,
        metadata={
            "description": "applied 已入库；parked 等待前序；refused 拒绝；duplicate 重复；dead 转人工"
        },
    )
    state = fields.Enum(
        MessageState,
        by_value=True,
        required=True,
        allow_none=True,
        metadata={"description": "留存的状态；为 null 表示没有留存，改正后可用同一序号重发"},
    )
    code = fields.Text(required=True, allow_none=True, metadata={"description": "拒绝的错误代码"})
    detail = fields.Text(required=True, allow_none=True, metadata={"description": "说明和办法"})


class PushAnswer(Schema):
    """一次推送的结果，与消息同序。"""

    results = fields.List(fields.Nested(RowAnswer), required=True, metadata={"description": "逐条结果"})


class MessageAnswer(Schema):
    """一条消息现在的状态。"""

    sequence = fields.Integer(required=True, metadata={"description": "消息序号"})
    kind = fields.Enum(MessageKind, by_value=True, required=True, metadata={"description": "消息类别"})
    case_number = fields.Text(required=True, allow_none=True, metadata={"description": "办件编号"})
    step = fields.Integer(required=True, allow_none=True, metadata={"description": "该办件的第几条消息"})
    state = fields.Enum(MessageState, by_value=True, required=True, metadata={"description": "状态"})
    code = fields.Text(required=True, allow_none=True, metadata={"description": "拒绝的错误代码"})
    detail = fields.Text(required=True, allow_none=True, metadata={"description": "说明和办法"})
    received_at = fields.Moment(required=True, metadata={"description": "收到时间"})
    settled_at = fields.Moment(
        required=True, allow_none=True, metadata={"description": "处理时间；等待中为 null"}
    )


class GapView(Schema):
    """一段没有收到的序号，含两端。"""

    first = fields.Integer(required=True, metadata={"description": "第一个"})
    last = fields.Integer(required=True, metadata={"description": "最后一个"})


class StatusAnswer(Schema):
    """本系统推送的总体情况。"""

    last_sequence = fields.Integer(required=True, metadata={"description": "收到的最大序号；没有为 0"})
    whole_to = fields.Integer(required=True, metadata={"description": "到这个序号为止没有缺失"})
    gaps = fields.List(
        fields.Nested(GapView), required=True, metadata={"description": "缺失的序号段，最多 100 段，请补发"}
    )
    parked = fields.Integer(required=True, metadata={"description": "等待前序的条数"})
    dead = fields.Integer(required=True, metadata={"description": "转人工处理的条数"})
