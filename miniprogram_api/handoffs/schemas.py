"""Shapes of hand-overs."""

from app.kit.web import Schema, fields

H5 = "h5"


class HandOver(Schema):
    to = fields.Choice(
        [H5], required=True, metadata={"description": "去哪个渠道：h5 公众号网页", "example": H5}
    )
    path = fields.Text(
        load_default="/h5/",
        min=1,
        max=300,
        metadata={"description": "到了之后打开的页面，/h5/ 下的路径", "example": "/h5/"},
    )


class HandoffView(Schema):
    url = fields.Text(required=True, metadata={"description": "在 web-view 中打开的链接，只能用一次"})
    expires_at = fields.Moment(required=True, metadata={"description": "失效时间"})
