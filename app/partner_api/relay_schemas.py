"""Shapes of relayed questions; they are those of ``docs/exchange.md``."""

from marshmallow import validate

from app.domain.partners.relaying import PURPOSES
from app.gateways.exchange import Library
from app.kit.web import Schema, fields

_MOST_FIELDS = 20


class AskRecords(Schema):
    """A question to a base library."""

    library = fields.Choice([one.value for one in Library], required=True, metadata={"description": "基础库"})
    subject = fields.Text(
        required=True, min=1, max=40, metadata={"description": "查询对象：公民身份号码或统一社会信用代码"}
    )
    fields_ = fields.List(
        fields.Text(min=1, max=40),
        required=True,
        data_key="fields",
        attribute="fields",
        validate=validate.Length(1, _MOST_FIELDS, error="查询 1 到 {max} 项"),
        metadata={"description": "要查的数据项", "example": ["name", "status"]},
    )
    purpose = fields.Choice(list(PURPOSES), required=True, metadata={"description": "用途"})


class RecordsAnswer(Schema):
    """基础库的答复。"""

    library = fields.Text(required=True, metadata={"description": "基础库"})
    subject = fields.Text(required=True, metadata={"description": "查询对象"})
    records = fields.List(
        fields.Dict(keys=fields.Text(), values=fields.Text()),
        required=True,
        metadata={"description": "记录，只有查询的数据项"},
    )
