"""Shapes of halls: what one may ask and what is answered."""

from app.kit.web import Schema, fields, page_of
from miniprogram_api.regions.schemas import RegionView


class FindHalls(Schema):
    """How to look for halls; all conditions hold together."""

    region = fields.Code(max=12, metadata={"description": "区划代码，含其下各级", "example": "4401"})
    near = fields.Place(
        metadata={"description": "从这里由近到远：纬度,经度（WGS-84）", "example": "23.1262,113.3412"},
    )
    q = fields.Text(max=60, metadata={"description": "名称、地址、拼音或首字母", "example": "tianhe"})
    business = fields.Code(max=24, metadata={"description": "只要能办这项业务的大厅", "example": "INVOICE"})
    limit = fields.whole(1, 100, load_default=20, metadata={"description": "每页多少个", "example": 20})
    cursor = fields.Code(max=200, metadata={"description": "上一页给出的 next", "example": "WzEyMCw1XQ"})


class BusinessView(Schema):
    """业务类别。"""

    code = fields.Text(required=True, metadata={"description": "业务代码，预约时使用", "example": "INVOICE"})
    name = fields.Text(required=True, metadata={"description": "业务名称", "example": "发票业务"})


class HallView(Schema):
    """大厅。"""

    id = fields.Integer(required=True, metadata={"description": "大厅编号", "example": 3})
    code = fields.Text(required=True, metadata={"description": "大厅编码", "example": "GZ-TIANHE"})
    name = fields.Text(required=True, metadata={"description": "名称", "example": "天河区税务局办税服务厅"})
    region_code = fields.Text(required=True, metadata={"description": "所在区划代码", "example": "440106"})
    address = fields.Text(
        required=True, metadata={"description": "地址", "example": "广州市天河区黄埔大道西 120 号一楼"}
    )
    phone = fields.Text(required=True, metadata={"description": "电话", "example": "020-01230301"})
    latitude = fields.Float(required=True, metadata={"description": "纬度（WGS-84）", "example": 23.1262})
    longitude = fields.Float(required=True, metadata={"description": "经度（WGS-84）", "example": 113.3412})
    distance_m = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "离所给位置的直线距离，米；未给位置时为 null", "example": 820},
    )
    businesses = fields.List(fields.Nested(BusinessView), required=True, metadata={"description": "可办业务"})


HallPage = page_of(HallView, "HallPage")


class OpenSpanView(Schema):
    """一段开放时间。"""

    opens_at = fields.Text(required=True, metadata={"description": "开始，北京时间", "example": "09:00"})
    closes_at = fields.Text(required=True, metadata={"description": "结束，北京时间", "example": "12:00"})


class BookingRulesView(Schema):
    """预约须知。"""

    slot_minutes = fields.Integer(required=True, metadata={"description": "每个时段多少分钟", "example": 30})
    earliest_workdays = fields.Integer(
        required=True, metadata={"description": "最早可约几个工作日后；0 为当天", "example": 0}
    )
    window_workdays = fields.Integer(
        required=True, metadata={"description": "最远可约几个工作日后，当天不算", "example": 5}
    )
    lead_minutes = fields.Integer(
        required=True, metadata={"description": "时段开始前多少分钟停止预约", "example": 15}
    )
    cancel_minutes = fields.Integer(
        required=True, metadata={"description": "时段开始前多少分钟内不能取消", "example": 120}
    )
    active_limit = fields.Integer(
        required=True, metadata={"description": "每人最多同时有几个有效预约", "example": 3}
    )
    required_level = fields.Text(
        required=True, metadata={"description": "须达到的身份等级", "example": "wx_bound"}
    )


class HallDetailView(HallView):
    """大厅，连同今天的开放时间和预约须知。"""

    region_path = fields.List(
        fields.Nested(RegionView), required=True, metadata={"description": "从省到所在区划"}
    )
    today = fields.Day(required=True, metadata={"description": "今天，北京时间", "example": "2026-11-23"})
    hours_today = fields.List(
        fields.Nested(OpenSpanView), required=True, metadata={"description": "今天的开放时间；空为不开放"}
    )
    is_open_now = fields.Boolean(required=True, metadata={"description": "现在是否开放", "example": True})
    counters = fields.Integer(required=True, metadata={"description": "开放的窗口数", "example": 11})
    booking = fields.Nested(
        BookingRulesView,
        required=True,
        allow_none=True,
        metadata={"description": "预约须知；不接受预约时为 null"},
    )
