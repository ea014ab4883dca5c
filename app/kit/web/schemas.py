"""The base of every request and answer shape: unknown keys refused, faults told in Chinese."""

from typing import Any

import marshmallow as ma
from marshmallow import RAISE

from app.kit.web import fields as ours

_MESSAGES = {
    "required": "必填",
    "null": "不能为空",
    "invalid": "格式不正确",
    "type": "类型不正确",
    "validator_failed": "取值不合要求",
}

# marshmallow speaks English to the person; its own words are replaced once, for every field.
ma.fields.Field.default_error_messages.update(_MESSAGES)
for _field, _word in (
    (ma.fields.String, "应为文字"),
    (ma.fields.Integer, "应为整数"),
    (ma.fields.Float, "应为数字"),
    (ma.fields.Decimal, "应为数字"),
    (ma.fields.Boolean, "应为 true 或 false"),
    (ma.fields.UUID, "编号格式不正确"),
    (ma.fields.DateTime, "应为带时区的日期时间，如 2026-11-23T09:00:00+08:00"),
    (ma.fields.Date, "应为日期，如 2026-11-23"),
    (ma.fields.List, "应为列表"),
    (ma.fields.Dict, "应为对象"),
    (ma.fields.Mapping, "应为对象"),
    (ma.fields.Enum, "不在可选范围内"),
):
    _field.default_error_messages = {**_field.default_error_messages, "invalid": _word}
ma.fields.UUID.default_error_messages["invalid_uuid"] = "编号格式不正确"
ma.fields.Integer.default_error_messages["too_large"] = "数字过大"
ma.fields.Enum.default_error_messages["unknown"] = "应为 {choices} 之一"
ma.fields.Nested.default_error_messages = {**ma.fields.Nested.default_error_messages, "type": "应为对象"}


class Schema(ma.Schema):
    """A shape of ours."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "不认识的字段", "type": "应为对象", "invalid": "格式不正确"}


def page_of(item: type[ma.Schema], name: str) -> type[Schema]:
    """The shape of a list answer: ``{items, next}``."""
    members: dict[str, Any] = {
        "items": ma.fields.List(ma.fields.Nested(item), required=True, metadata={"description": "本页内容"}),
        "next": ours.Text(
            required=True,
            allow_none=True,
            metadata={"description": "下一页的游标；没有下一页时为 null"},
        ),
    }
    return type(name, (Schema,), members)
