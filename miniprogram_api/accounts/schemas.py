"""Shapes of what people say and hear about themselves."""

from app.domain.accounts.models import AgentRole, IdentityLevel
from app.kit.web import Schema, fields, page_of

_ROLES = (
    "法定代表人 legal_representative、财务负责人 finance_officer、办税员 tax_agent、领票人 invoice_collector"
)


class LogIn(Schema):
    """A wx.login code."""

    code = fields.Text(
        required=True,
        min=1,
        max=128,
        metadata={"description": "wx.login 得到的 code", "example": "sandbox-zhangsan"},
    )


class SharePhone(Schema):
    """A getPhoneNumber code."""

    code = fields.Text(
        required=True,
        min=1,
        max=128,
        metadata={"description": "getPhoneNumber 得到的 code", "example": "phone-zhangsan"},
    )


class ProveRealName(Schema):
    """Name and ID number as on the ID card."""

    name = fields.Text(
        required=True, min=1, max=60, metadata={"description": "身份证上的姓名", "example": "张三"}
    )
    id_number = fields.Text(
        required=True,
        min=1,
        max=40,
        metadata={"description": "18 位身份证号", "example": "440106199003071231"},
    )


class BindEnterprise(Schema):
    """An enterprise and what one is to it."""

    uscc = fields.Text(
        required=True,
        min=1,
        max=40,
        metadata={"description": "18 位统一社会信用代码", "example": "91440101MA5DEMQ01M"},
    )
    role = fields.Enum(
        AgentRole, by_value=True, required=True, metadata={"description": _ROLES, "example": "tax_agent"}
    )


class ChooseIdentity(Schema):
    """Whom to act for."""

    enterprise_id = fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "要代表的企业；null 为本人", "example": None},
    )


class AnswerConsent(Schema):
    """Yes or no to the words of one purpose."""

    purpose = fields.Text(
        required=True, min=1, max=40, metadata={"description": "授权事项", "example": "privacy_policy"}
    )
    granted = fields.Boolean(
        required=True,
        truthy={True},
        falsy={False},
        metadata={"description": "true 同意，false 不同意或撤回", "example": True},
    )
    text_version = fields.Text(
        required=True, min=1, max=20, metadata={"description": "所阅条款的版本", "example": "1"}
    )


class BoundEnterpriseView(Schema):
    """An enterprise one is bound to."""

    binding_id = fields.UUID(
        required=True, metadata={"description": "绑定编号", "example": "0193a5c0-0000-7000-8000-000000000001"}
    )
    enterprise_id = fields.UUID(
        required=True, metadata={"description": "企业编号", "example": "0193a5c0-0000-7000-8000-000000000002"}
    )
    name = fields.Text(
        required=True, metadata={"description": "企业名称", "example": "广州珠江晨光贸易有限公司"}
    )
    uscc = fields.Text(
        required=True,
        metadata={"description": "统一社会信用代码；个人证号形式的已脱敏", "example": "91440101MA5DEMQ01M"},
    )
    role = fields.Enum(
        AgentRole, by_value=True, required=True, metadata={"description": _ROLES, "example": "tax_agent"}
    )
    expires_on = fields.Day(
        required=True, metadata={"description": "有效期的最后一天", "example": "2027-11-23"}
    )
    is_expired = fields.Boolean(required=True, metadata={"description": "是否已到期", "example": False})


class PersonView(Schema):
    """A person as they see themselves; personal data are masked."""

    id = fields.UUID(
        required=True, metadata={"description": "用户编号", "example": "0193a5c0-0000-7000-8000-000000000003"}
    )
    level = fields.Enum(
        IdentityLevel,
        by_value=True,
        required=True,
        metadata={
            "description": "身份等级：微信 wx_bound、手机 phone_verified、"
            "实名 realname_l1、强实名 realname_l2",
            "example": "realname_l1",
        },
    )
    name = fields.Text(
        required=True, allow_none=True, metadata={"description": "姓名（脱敏）", "example": "*三"}
    )
    id_number = fields.Text(
        required=True,
        allow_none=True,
        metadata={"description": "身份证号（脱敏）", "example": "440***********1231"},
    )
    phone = fields.Text(
        required=True, allow_none=True, metadata={"description": "手机号（脱敏）", "example": "138****5678"}
    )
    enterprise_id = fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "当前代表的企业；null 为本人", "example": None},
    )
    enterprises = fields.List(
        fields.Nested(BoundEnterpriseView),
        required=True,
        metadata={"description": "已绑定的企业", "example": []},
    )
    created_at = fields.Moment(
        required=True, metadata={"description": "首次登录时间", "example": "2026-11-23T09:00:00+08:00"}
    )


class SessionView(Schema):
    """A session just begun."""

    token = fields.Text(
        required=True, metadata={"description": "登录凭证，放在 Authorization: Bearer 里", "example": "q3v…"}
    )
    expires_at = fields.Moment(
        required=True,
        metadata={"description": "到期时间，使用中自动顺延", "example": "2026-12-23T09:00:00+08:00"},
    )
    person = fields.Nested(PersonView, required=True, metadata={"description": "登录的人"})


class ConsentView(Schema):
    """A purpose, its words in force, and one's last answer to them."""

    purpose = fields.Text(required=True, metadata={"description": "授权事项", "example": "privacy_policy"})
    title = fields.Text(required=True, metadata={"description": "名称", "example": "隐私政策"})
    text = fields.Text(required=True, metadata={"description": "条款全文", "example": "我们仅为办理……"})
    text_version = fields.Text(required=True, metadata={"description": "条款版本", "example": "1"})
    granted = fields.Boolean(
        attribute="is_granted",
        required=True,
        allow_none=True,
        metadata={"description": "是否同意；null 为尚未答复", "example": True},
    )
    at = fields.Moment(
        required=True,
        allow_none=True,
        metadata={"description": "答复时间", "example": "2026-11-23T09:00:00+08:00"},
    )


ConsentPage = page_of(ConsentView, "ConsentPage")


class ExportView(Schema):
    """Everything we hold about a person, in clear."""

    exported_at = fields.Moment(
        required=True, metadata={"description": "导出时间", "example": "2026-11-23T09:00:00+08:00"}
    )
    sections = fields.Dict(
        keys=fields.Text(),
        required=True,
        metadata={"description": "按类别列出的全部个人数据", "example": {"person": {}, "appointments": []}},
    )
