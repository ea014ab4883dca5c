"""Shapes of scenes."""

from app.domain.accounts.scene_models import SceneKind, SceneMedium
from app.kit.web import Schema, fields


class AskScene(Schema):
    scene = fields.Code(
        required=True, max=32, metadata={"description": "小程序码带来的 scene", "example": "8fK2mQx0Za"}
    )


class SceneView(Schema):
    kind = fields.Enum(
        SceneKind,
        by_value=True,
        required=True,
        metadata={"description": "hall_poster 大厅海报，check_in 预约签到，guide 办事指南"},
    )
    hall_id = fields.BigId(required=True, allow_none=True, metadata={"description": "大厅编号"})
    appointment_id = fields.UUID(required=True, allow_none=True, metadata={"description": "预约编号"})
    guide_id = fields.BigId(required=True, allow_none=True, metadata={"description": "指南编号"})


class AskPoster(Schema):
    medium = fields.Choice(
        [one.value for one in SceneMedium],
        load_default=SceneMedium.MINI_PROGRAM.value,
        metadata={"description": "oa 公众号二维码，mp 小程序码"},
    )
