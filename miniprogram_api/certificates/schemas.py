"""Shapes of certificates."""

from app.domain.certificates.models import State, Trust
from app.kit.web import Schema, fields, page_of


class ListCertificates(Schema):
    cursor = fields.UUID(metadata={"description": "上一页的 next"})
    limit = fields.whole(1, 100, load_default=20, metadata={"description": "每页条数"})


class CertificateBriefView(Schema):
    id = fields.UUID(required=True, metadata={"description": "证照编号（本系统）"})
    name = fields.Text(required=True, metadata={"description": "证照名称", "example": "食品经营许可证"})
    number = fields.Text(required=True, metadata={"description": "证照编号，列表中只显示首尾"})
    issuer_name = fields.Text(required=True, metadata={"description": "颁发机构"})
    issued_on = fields.Day(required=True, metadata={"description": "颁发日期"})
    valid_from = fields.Day(required=True, metadata={"description": "有效期起"})
    valid_until = fields.Day(
        required=True, allow_none=True, metadata={"description": "有效期止，含当天；长期有效为 null"}
    )
    state = fields.Enum(State, by_value=True, required=True, metadata={"description": "状态"})
    state_text = fields.Text(required=True, metadata={"description": "状态", "example": "有效"})


class CertificateView(CertificateBriefView):
    type_code = fields.Text(required=True, metadata={"description": "证照类型代码"})
    version = fields.Integer(required=True, metadata={"description": "版本号，从 1 起"})
    holder_name = fields.Text(required=True, metadata={"description": "持证主体；个人姓名只显示一部分"})
    holder_number = fields.Text(required=True, metadata={"description": "持证主体号码；身份证号只显示首尾"})
    trust = fields.Enum(Trust, by_value=True, required=True, metadata={"description": "可信等级"})
    trust_text = fields.Text(required=True, metadata={"description": "可信等级的含义"})
    watermark = fields.Text(required=True, metadata={"description": "展示或复制时须加的水印文字"})
    as_of = fields.Moment(required=True, metadata={"description": "颁发机构告知的时间"})


CertificatePage = page_of(CertificateBriefView, "CertificatePage")
