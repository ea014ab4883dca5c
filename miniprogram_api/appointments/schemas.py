"""Shapes of availability, holds and appointments."""

from marshmallow import validate

from app.domain.appointments.models import AppointmentStatus
from app.kit.web import Schema, fields, page_of

_ITEMS = {"description": "办理事项名称，最多 10 项", "example": ["领用发票"]}


class AskAvailability(Schema):
    business = fields.Code(
        required=True, max=24, metadata={"description": "业务类别代码", "example": "INVOICE"}
    )
    first = fields.Day(
        data_key="from", metadata={"description": "从哪一天起，默认今天", "example": "2026-11-23"}
    )
    days = fields.whole(1, 31, load_default=7, metadata={"description": "天数，默认 7"})


class SlotView(Schema):
    id = fields.BigId(required=True, metadata={"description": "时段编号"})
    starts_at = fields.Moment(required=True, metadata={"description": "开始"})
    ends_at = fields.Moment(required=True, metadata={"description": "结束"})
    capacity = fields.Integer(required=True, metadata={"description": "网上号源总数"})
    remaining = fields.Integer(required=True, metadata={"description": "剩余"})


class DayView(Schema):
    date = fields.Day(required=True, metadata={"description": "日期"})
    open = fields.Boolean(required=True, metadata={"description": "当天是否还有可约名额"})
    slots = fields.List(fields.Nested(SlotView), required=True, metadata={"description": "可约时段"})


class AvailabilityView(Schema):
    days = fields.List(fields.Nested(DayView), required=True, metadata={"description": "逐日号源"})


class HoldSeat(Schema):
    slot_id = fields.BigId(required=True, metadata={"description": "时段编号"})
    business = fields.Code(required=True, max=24, metadata={"description": "业务类别代码"})


class HoldView(Schema):
    id = fields.UUID(required=True, metadata={"description": "保留编号，预约时作为 hold_id 提交"})
    slot_id = fields.BigId(required=True, metadata={"description": "时段编号"})
    expires_at = fields.Moment(required=True, metadata={"description": "保留到何时"})


class BookAppointment(Schema):
    slot_id = fields.BigId(required=True, metadata={"description": "时段编号"})
    business = fields.Code(
        required=True, max=24, metadata={"description": "业务类别代码", "example": "INVOICE"}
    )
    items = fields.List(
        fields.Text(min=1, max=60),
        load_default=list,
        validate=validate.Length(max=10, error="最多 10 项"),
        metadata=_ITEMS,
    )
    enterprise_id = fields.UUID(
        allow_none=True, metadata={"description": "为哪个企业预约；不填用当前身份，null 表示为自己"}
    )
    hold_id = fields.UUID(allow_none=True, metadata={"description": "先前保留的名额"})


class RescheduleAppointment(Schema):
    slot_id = fields.BigId(required=True, metadata={"description": "新的时段编号"})


class CheckIn(Schema):
    token = fields.Text(required=True, min=1, max=200, metadata={"description": "签到码，取自 GET …/pass"})


class HallBrief(Schema):
    id = fields.BigId(required=True, metadata={"description": "大厅编号"})
    name = fields.Text(required=True, metadata={"description": "名称"})
    address = fields.Text(required=True, metadata={"description": "地址"})
    phone = fields.Text(required=True, metadata={"description": "电话"})


class BusinessBrief(Schema):
    code = fields.Text(required=True, metadata={"description": "代码"})
    name = fields.Text(required=True, metadata={"description": "名称"})


class AppointmentView(Schema):
    id = fields.UUID(required=True, metadata={"description": "预约编号（系统）"})
    number = fields.Text(required=True, metadata={"description": "预约号，8 位数字", "example": "40718236"})
    status = fields.Enum(AppointmentStatus, by_value=True, required=True, metadata={"description": "状态"})
    hall = fields.Nested(HallBrief, required=True, metadata={"description": "大厅"})
    business = fields.Nested(BusinessBrief, required=True, metadata={"description": "业务"})
    enterprise_id = fields.UUID(
        required=True, allow_none=True, metadata={"description": "为哪个企业；为自己则为 null"}
    )
    items = fields.List(fields.Text(), required=True, metadata=_ITEMS)
    starts_at = fields.Moment(required=True, metadata={"description": "开始"})
    ends_at = fields.Moment(required=True, metadata={"description": "结束"})
    cancel_until = fields.Moment(required=True, metadata={"description": "此前可取消或改约"})
    check_in_from = fields.Moment(required=True, metadata={"description": "此时起可签到"})
    created_at = fields.Moment(required=True, metadata={"description": "预约时间"})


AppointmentPage = page_of(AppointmentView, "AppointmentPage")


class ListAppointments(Schema):
    active = fields.Boolean(metadata={"description": "只看未办理的（true）或已结束的（false）"})
    cursor = fields.UUID(metadata={"description": "上一页的 next"})
    limit = fields.whole(1, 100, load_default=20, metadata={"description": "每页条数"})


class PassView(Schema):
    token = fields.Text(required=True, metadata={"description": "签到码"})
    expires_at = fields.Moment(required=True, metadata={"description": "失效时间，过期请重新获取"})


class AppealBan(Schema):
    text = fields.Text(required=True, min=5, max=500, lines=True, metadata={"description": "申诉理由"})


class AppealView(Schema):
    id = fields.UUID(required=True, metadata={"description": "申诉编号"})
    status = fields.Text(required=True, metadata={"description": "open 处理中，upheld 成立，refused 不成立"})


class StrikeView(Schema):
    kind = fields.Text(required=True, metadata={"description": "no_show 爽约，cancel 取消"})
    at = fields.Moment(required=True, metadata={"description": "发生时间"})


class BanView(Schema):
    reason = fields.Text(required=True, metadata={"description": "no_show 爽约，cancel 频繁取消"})
    ends_at = fields.Moment(required=True, metadata={"description": "限制到何时"})


class StandingView(Schema):
    ban = fields.Nested(BanView, required=True, allow_none=True, metadata={"description": "当前限制"})
    strikes = fields.List(
        fields.Nested(StrikeView), required=True, metadata={"description": "近 90 天的记录"}
    )
