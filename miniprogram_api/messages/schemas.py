"""Shapes of consents to subscribe messages."""

from marshmallow import validate

from app.kit.web import Schema, fields

ANSWERS = ["accept", "reject", "ban", "filter"]


class ReportConsents(Schema):
    """What ``wx.requestSubscribeMessage`` answered."""

    results = fields.Dict(
        keys=fields.Code(max=64),
        values=fields.Choice(ANSWERS),
        required=True,
        validate=validate.Length(min=1, max=20, error="应有 1 到 20 个模板"),
        metadata={
            "description": "每个模板 id 的选择：accept 允许一次、reject 拒绝、ban 被封禁、filter 被过滤",
            "example": {"mpAppointmentBooked-sandbox": "accept"},
        },
    )


class TemplateView(Schema):
    """A subscribe template and how many messages of it the person still allows."""

    message = fields.Text(
        required=True, metadata={"description": "消息种类", "example": "appointment_booked"}
    )
    title = fields.Text(required=True, metadata={"description": "消息标题", "example": "预约成功通知"})
    template_id = fields.Text(
        required=True,
        metadata={"description": "模板 id，一次最多请求三个", "example": "mpAppointmentBooked-sandbox"},
    )
    left = fields.Integer(required=True, metadata={"description": "还可以发送几条", "example": 1})


class TemplateList(Schema):
    """Every template the mini-program may ask consent for."""

    items = fields.List(
        fields.Nested(TemplateView), required=True, metadata={"description": "模板，按建议请求的先后"}
    )
    next = fields.Text(required=True, allow_none=True, metadata={"description": "没有下一页，总是 null"})
