"""Shapes of the inbox, of wishes, and of consents to subscribe messages."""

from marshmallow import validate

from app.kit.web import Schema, fields
from notifications.models import Channel
from notifications.prompts import Moment

ANSWERS = ["accept", "reject", "ban", "filter"]
_CHANNELS = [channel.value for channel in Channel]
_CHANNEL = {"description": "渠道：template 公众号、subscribe 小程序、custom 客服消息、sms 短信"}


class AskTemplates(Schema):
    moment = fields.Choice(
        [moment.value for moment in Moment],
        load_default=None,
        metadata={
            "description": "刚做了什么：booking 预约、case 补正、following 关注办件、answer 等发票次日结果。"
            "只列出此时该请求的模板，最多三个，已长期订阅的不列。不填则列出全部"
        },
    )


class ReportConsents(Schema):
    """What ``wx.requestSubscribeMessage`` answered."""

    results = fields.Dict(
        keys=fields.Code(max=64),
        values=fields.Choice(ANSWERS),
        required=True,
        validate=validate.Length(min=1, max=20, error="应有 1 到 20 个模板"),
        metadata={
            "description": "每个模板 id 的选择：accept 允许、reject 拒绝、ban 被封禁、filter 被过滤",
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
    is_long_term = fields.Boolean(
        required=True, metadata={"description": "是否已长期订阅：为 true 时不必再请求，也不计条数"}
    )


class TemplateList(Schema):
    """Every template the mini-program may ask consent for."""

    items = fields.List(
        fields.Nested(TemplateView), required=True, metadata={"description": "模板，按建议请求的先后"}
    )
    next = fields.Text(required=True, allow_none=True, metadata={"description": "没有下一页，总是 null"})


class ListInbox(Schema):
    unread = fields.Boolean(load_default=False, metadata={"description": "只看未读的"})
    cursor = fields.UUID(metadata={"description": "上一页的 next"})
    limit = fields.whole(1, 50, load_default=20, metadata={"description": "每页条数"})


class LineView(Schema):
    label = fields.Text(required=True, metadata={"description": "名称", "example": "预约号"})
    value = fields.Text(required=True, metadata={"description": "内容", "example": "48210957"})


class ItemView(Schema):
    id = fields.UUID(required=True, metadata={"description": "消息编号"})
    message = fields.Text(
        required=True, metadata={"description": "消息种类", "example": "appointment_booked"}
    )
    title = fields.Text(required=True, attribute="card.title", metadata={"description": "标题"})
    summary = fields.Text(required=True, attribute="card.summary", metadata={"description": "一句话内容"})
    lines = fields.List(
        fields.Nested(LineView), required=True, attribute="card.lines", metadata={"description": "逐行内容"}
    )
    page = fields.Text(
        required=True,
        allow_none=True,
        attribute="card.page",
        metadata={"description": "小程序里的相关页面；没有则为 null"},
    )
    is_statutory = fields.Boolean(required=True, metadata={"description": "是否送达的法定文书"})
    arrived_at = fields.Moment(
        required=True, metadata={"description": "到达时间；法定文书以此日期为送达日期"}
    )
    shown_at = fields.Moment(required=True, allow_none=True, metadata={"description": "首次显示"})
    read_at = fields.Moment(required=True, allow_none=True, metadata={"description": "查阅时间"})
    acknowledged_at = fields.Moment(required=True, allow_none=True, metadata={"description": "签收时间"})


class InboxPage(Schema):
    items = fields.List(fields.Nested(ItemView), required=True, metadata={"description": "消息，新的在前"})
    next = fields.Text(
        required=True, allow_none=True, metadata={"description": "下一页的游标；没有下一页时为 null"}
    )
    unread = fields.Integer(
        required=True, metadata={"description": "未读条数，最多数到 100，满 100 请显示 99+"}
    )


class ReadAllView(Schema):
    read = fields.Integer(required=True, metadata={"description": "标记为已读的条数；法定文书须逐份打开"})


class StepView(Schema):
    step = fields.Text(
        required=True,
        metadata={"description": "arrived 到达、shown 显示、read 查阅、acknowledged 签收"},
    )
    at = fields.Moment(required=True, metadata={"description": "时间"})


class ProofView(Schema):
    """送达回证."""

    id = fields.UUID(required=True, attribute="item.id", metadata={"description": "消息编号"})
    title = fields.Text(required=True, attribute="item.card.title", metadata={"description": "标题"})
    summary = fields.Text(required=True, attribute="item.card.summary", metadata={"description": "内容"})
    served_at = fields.Moment(
        required=True,
        attribute="item.arrived_at",
        metadata={"description": "送达时间：文书到达您的消息的时间，其日期为送达日期"},
    )
    steps = fields.List(fields.Nested(StepView), required=True, metadata={"description": "逐步记录"})
    basis = fields.Text(required=True, metadata={"description": "依据"})
    seal = fields.Text(required=True, metadata={"description": "末步校验值（SHA-256），用于核对记录"})
    is_intact = fields.Boolean(required=True, metadata={"description": "记录与内容核对一致"})


class ChannelView(Schema):
    channel = fields.Text(required=True, metadata=_CHANNEL)
    label = fields.Text(required=True, metadata={"description": "渠道名称", "example": "短信"})
    is_on = fields.Boolean(required=True, metadata={"description": "是否使用"})


class PreferenceView(Schema):
    message = fields.Text(
        required=True, metadata={"description": "消息种类", "example": "appointment_booked"}
    )
    title = fields.Text(required=True, metadata={"description": "消息标题", "example": "预约成功通知"})
    may_be_muted = fields.Boolean(required=True, metadata={"description": "能否关闭"})
    why_not = fields.Text(
        required=True, allow_none=True, metadata={"description": "不能关闭的原因；能关闭则为 null"}
    )
    is_muted = fields.Boolean(required=True, metadata={"description": "已关闭：只留在消息里，不再提醒"})
    channels = fields.List(
        fields.Nested(ChannelView), required=True, metadata={"description": "这种消息可走的渠道"}
    )


class PreferenceList(Schema):
    items = fields.List(
        fields.Nested(PreferenceView), required=True, metadata={"description": "各种消息的设置"}
    )
    next = fields.Text(required=True, allow_none=True, metadata={"description": "没有下一页，总是 null"})


class WishSchema(Schema):
    message = fields.Code(required=True, max=40, metadata={"description": "消息种类"})
    is_muted = fields.Boolean(load_default=False, metadata={"description": "关闭提醒，只留在消息里"})
    switched_off = fields.List(
        fields.Choice(_CHANNELS, metadata=_CHANNEL),
        load_default=list,
        validate=validate.Length(max=len(_CHANNELS), error="渠道重复"),
        metadata={"description": "不使用的渠道", "example": ["sms"]},
    )


class SetPreferences(Schema):
    items = fields.List(
        fields.Nested(WishSchema),
        required=True,
        validate=validate.Length(min=1, max=50, error="应有 1 到 50 项"),
        metadata={"description": "要修改的设置；没有提到的保持不变"},
    )
