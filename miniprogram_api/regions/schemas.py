"""Shapes of regions."""

from app.kit.web import Schema, fields


class ListRegions(Schema):
    """Which level to list."""

    parent = fields.Code(max=12, metadata={"description": "上级区划代码；不填为各省", "example": "4401"})


class RegionView(Schema):
    """行政区划。"""

    code = fields.Text(required=True, metadata={"description": "区划代码，2 到 12 位", "example": "440106"})
    name = fields.Text(required=True, metadata={"description": "名称", "example": "天河区"})
    level = fields.Integer(
        required=True, metadata={"description": "1 省 2 市 3 县 4 镇街 5 村社区", "example": 3}
    )
    is_government = fields.Boolean(
        required=True, metadata={"description": "林场、开发区等统计单位为 false", "example": True}
    )
    has_children = fields.Boolean(required=True, metadata={"description": "是否还有下级", "example": True})


class RegionList(Schema):
    """下一级区划，一次给全。"""

    items = fields.List(
        fields.Nested(RegionView), required=True, metadata={"description": "按代码排列的区划"}
    )
    next = fields.Text(
        required=True, allow_none=True, metadata={"description": "总为 null：一级最多数百个，一次给全"}
    )
