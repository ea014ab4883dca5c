"""Tables of people, their WeChat identities, sessions, enterprises, consents and of staff."""

from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.fields.db_defaults import Now
from tortoise.indexes import Index
from tortoise.models import Model


class IdentityLevel(StrEnum):
    """How well we know a person (身份等级, state machine SM-IDV)."""

    WX_BOUND = "wx_bound"
    PHONE_VERIFIED = "phone_verified"
    REALNAME_L1 = "realname_l1"
    REALNAME_L2 = "realname_l2"

    @property
    def rank(self) -> int:
        return list(IdentityLevel).index(self)


class PersonStatus(StrEnum):
    ACTIVE = "active"
    FROZEN = "frozen"
    DELETED = "deleted"


class AgentRole(StrEnum):
    """What a person is to an enterprise (办税人员身份)."""

    LEGAL_REPRESENTATIVE = "legal_representative"  # 法定代表人
    FINANCE_OFFICER = "finance_officer"  # 财务负责人
    TAX_AGENT = "tax_agent"  # 办税员
    INVOICE_COLLECTOR = "invoice_collector"  # 领票人


class BindingStatus(StrEnum):
    ACTIVE = "active"
    UNBOUND = "unbound"


class StaffRole(StrEnum):
    """岗位角色; system, security and audit administration are three people (GB/T 22239-2019)."""

    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDITOR = "auditor"
    HALL_MANAGER = "hall_manager"
    CLERK = "clerk"
    PUBLISHER = "publisher"
    REVIEWER = "reviewer"
    SUPERVISOR = "supervisor"
    EXCHANGE_OPERATOR = "exchange_operator"


class Person(Model):
    """自然人: one human being across public account and mini-program."""

    id = fields.UUIDField(primary_key=True)
    level = fields.CharEnumField(IdentityLevel, max_length=20, default=IdentityLevel.WX_BOUND)
    status = fields.CharEnumField(PersonStatus, max_length=12, default=PersonStatus.ACTIVE)
    name_sealed = fields.TextField(null=True, description="姓名, sealed")
    id_number_sealed = fields.TextField(null=True, description="身份证号, sealed")
    id_number_hash = fields.BinaryField(null=True, description="keyed hash of 身份证号")
    phone_sealed = fields.TextField(null=True, description="手机号, sealed")
    phone_hash = fields.BinaryField(null=True, description="keyed hash of 手机号")
    real_name_at = fields.DatetimeField(null=True)
    phone_verified_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(db_default=Now())
    deleted_at = fields.DatetimeField(null=True)

    class Meta:
        table = "person"


class PersonMerge(Model):
    """合并: that two persons became one, with all that is needed to part them again (A13)."""

    id = fields.UUIDField(primary_key=True)
    kept_id = fields.UUIDField()
    absorbed_id = fields.UUIDField()
    actor = fields.CharField(80)
    reason = fields.CharField(120)
    moved = fields.JSONField[dict[str, object]](description="keys of the rows that changed hands, by section")
    kept_before = fields.JSONField[dict[str, object]](description="what was proved of each, sealed")
    absorbed_before = fields.JSONField[dict[str, object]](description="the same of the other")
    merged_at = fields.DatetimeField(db_default=Now())
    undone_at = fields.DatetimeField(null=True)

    class Meta:
        table = "person_merge"
        indexes = (Index(fields=("kept_id",)), Index(fields=("absorbed_id",)))


class WeChatIdentity(Model):
    """微信身份: one openid of one of our accounts; people are joined by unionid."""

    id = fields.BigIntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "weiban.Person", related_name="wechat_identities", on_delete=fields.RESTRICT
    )
    person_id: UUID
    appid = fields.CharField(32)
    openid = fields.CharField(64)
    unionid = fields.CharField(64, null=True)
    session_key_sealed = fields.TextField(null=True, description="of the mini-program, sealed; never leaves")
    is_follower = fields.BooleanField(default=False, description="关注公众号")
    followed_at = fields.DatetimeField(null=True)
    unfollowed_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(db_default=Now())

    class Meta:
        table = "wechat_identity"
        unique_together = (("appid", "openid"),)
        indexes = (Index(fields=("unionid",)), Index(fields=("person_id", "appid")))


class Enterprise(Model):
    """企业（纳税人）: known by its 统一社会信用代码."""

    id = fields.UUIDField(primary_key=True)
    uscc_sealed = fields.TextField(
        description="统一社会信用代码, sealed: an individual business's is personal"
    )
    uscc_hash = fields.BinaryField(description="keyed hash, unique")
    name = fields.CharField(200)
    created_at = fields.DatetimeField(db_default=Now())

    class Meta:
        table = "enterprise"


class EnterpriseBinding(Model):
    """企业绑定: a person acts for an enterprise in a role until a day."""

    id = fields.UUIDField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "weiban.Person", related_name="bindings", on_delete=fields.RESTRICT
    )
    enterprise: fields.ForeignKeyRelation[Enterprise] = fields.ForeignKeyField(
        "weiban.Enterprise", related_name="bindings", on_delete=fields.RESTRICT
    )
    role = fields.CharEnumField(AgentRole, max_length=24)
    status = fields.CharEnumField(BindingStatus, max_length=12, default=BindingStatus.ACTIVE)
    bound_at = fields.DatetimeField(db_default=Now())
    expires_on = fields.DateField(description="the last day the binding is valid")
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "enterprise_binding"
        indexes = (Index(fields=("person_id",)), Index(fields=("enterprise_id",)))


class Session(Model):
    """会话: an opaque token of a citizen, of which only the hash is kept."""

    id = fields.UUIDField(primary_key=True)
    token_hash = fields.BinaryField(description="SHA-256, unique")
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "weiban.Person", related_name="sessions", on_delete=fields.CASCADE
    )
    enterprise: fields.ForeignKeyNullableRelation[Enterprise] = fields.ForeignKeyField(
        "weiban.Enterprise", related_name=False, null=True, on_delete=fields.SET_NULL
    )
    created_at = fields.DatetimeField(db_default=Now())
    expires_at = fields.DatetimeField(description="slides forward while the session is used")
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "session"
        indexes = (Index(fields=("person_id",)), Index(fields=("expires_at",)))


class SubscriptionCredit(Model):
    """订阅授权: one "accept" is one message, a row spent once; 长期订阅: any number until taken back."""

    id = fields.BigIntField(primary_key=True)
    person_id = fields.UUIDField()
    appid = fields.CharField(32)
    template_id = fields.CharField(64)
    is_long_term = fields.BooleanField(db_default=False, description="长期订阅: spent_at is when it ended")
    reported_by = fields.CharField(
        8, description="client, callback or both: WeChat tells of one accept twice"
    )
    grant_key = fields.CharField(64, null=True, unique=True, description="of the callback; it may come again")
    granted_at = fields.DatetimeField()
    spent_at = fields.DatetimeField(null=True)
    notification_id = fields.BigIntField(null=True, description="the message it was spent on")

    class Meta:
        table = "subscription_credit"
        indexes = (Index(fields=("notification_id",)),)


class ConsentEntry(Model):
    """同意台账: one row each time a person agrees or withdraws (个人信息保护法 14-16)."""

    id = fields.BigIntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "weiban.Person", related_name="consents", on_delete=fields.RESTRICT
    )
    purpose = fields.CharField(40)
    is_granted = fields.BooleanField()
    text_version = fields.CharField(20)
    text_hash = fields.BinaryField(description="SHA-256 of the words agreed to")
    channel = fields.CharField(20)
    at = fields.DatetimeField(db_default=Now())

    class Meta:
        table = "consent_entry"
        indexes = (Index(fields=("person_id", "purpose", "id")),)


class Staff(Model):
    """工作人员: signs in with a password and a one-time code."""

    id = fields.UUIDField(primary_key=True)
    username = fields.CharField(40, unique=True)
    display_name = fields.CharField(40)
    employee_number = fields.CharField(20, null=True, description="工号")
    password_hash = fields.TextField(description="Argon2id")
    totp_secret_sealed = fields.TextField(null=True)
    totp_last_step = fields.BigIntField(null=True, description="the last step used: a code works once")
    failed_count = fields.SmallIntField(default=0)
    locked_until = fields.DatetimeField(null=True)
    is_active = fields.BooleanField(default=True)
    created_at = fields.DatetimeField(db_default=Now())
    password_changed_at = fields.DatetimeField(db_default=Now())
    must_change_password = fields.BooleanField(default=False, description="given out, not chosen")

    class Meta:
        table = "staff"


class StaffPost(Model):
    """任岗: a member of staff holds a role, everywhere or within a hall or a region."""

    id = fields.BigIntField(primary_key=True)
    staff: fields.ForeignKeyRelation[Staff] = fields.ForeignKeyField(
        "weiban.Staff", related_name="roles", on_delete=fields.CASCADE
    )
    role = fields.CharEnumField(StaffRole, max_length=24)
    hall_id = fields.BigIntField(null=True, description="only in this hall")
    region_code = fields.CharField(12, null=True, description="only in this region and below")

    class Meta:
        table = "staff_role"


class StaffSession(Model):
    """工作人员会话: short-lived, ends when idle."""

    id = fields.UUIDField(primary_key=True)
    token_hash = fields.BinaryField(description="SHA-256, unique")
    staff: fields.ForeignKeyRelation[Staff] = fields.ForeignKeyField(
        "weiban.Staff", related_name="sessions", on_delete=fields.CASCADE
    )
    address = fields.CharField(45)
    created_at = fields.DatetimeField(db_default=Now())
    seen_at = fields.DatetimeField(db_default=Now())
    expires_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "staff_session"
        indexes = (Index(fields=("staff_id",)),)


class ServiceChannel(StrEnum):
    """办事渠道: where a person is served; each shows the same appointments and cases (A07)."""

    MP = "MP"  # 小程序
    WX_OA = "WX_OA"  # 公众号及其网页
    WEB = "WEB"  # 网站、电子税务局
    KIOSK = "KIOSK"  # 自助终端
    WINDOW = "WINDOW"  # 大厅窗口
    PHONE = "PHONE"  # 电话
    SMS = "SMS"  # 短信


class HandoffState(StrEnum):
    """States of a hand-over; the last two are final."""

    ISSUED = "issued"
    USED = "used"
    EXPIRED = "expired"


class Handoff(Model):
    """渠道衔接: a person goes on in another channel, signed in there by a token that works once."""

    id = fields.UUIDField(primary_key=True)
    token_hash = fields.BinaryField(description="SHA-256, unique")
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "weiban.Person", related_name=False, on_delete=fields.CASCADE
    )
    person_id: UUID
    enterprise_id = fields.UUIDField(null=True, description="whom the person acts for")
    from_channel = fields.CharEnumField(ServiceChannel, max_length=12)
    to_channel = fields.CharEnumField(ServiceChannel, max_length=12)
    path = fields.CharField(300, description="where they go on")
    state = fields.CharEnumField(HandoffState, max_length=12, default=HandoffState.ISSUED)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "handoff"
        indexes = (Index(fields=("person_id",)),)


class TaxpayerGroup(StrEnum):
    """纳税人分组: what the public account shows somebody first (A02); see ``groups``."""

    VISITOR = "visitor"  # 访客
    NATURAL_PERSON = "natural_person"  # 自然人
    ENTERPRISE_AGENT = "enterprise_agent"  # 办税人员
    LEGAL_REPRESENTATIVE = "legal_representative"  # 法定代表人


class FollowerGroup(Model):
    """粉丝分组: the group of one follower, why, and which group's tag WeChat has put on them.

    The database adds ``is_due``: whether the tag is not that of the group.
    """

    identity_id = fields.BigIntField(primary_key=True, generated=False, description="of a WeChatIdentity")
    taxpayer_group = fields.CharEnumField(TaxpayerGroup, max_length=24)
    because = fields.CharField(80, description="the fact that decided, in words")
    rules_version = fields.SmallIntField()
    changed_at = fields.DatetimeField()
    tagged_as = fields.CharEnumField(TaxpayerGroup, max_length=24, null=True, description="the tag at WeChat")
    tagging_since = fields.DatetimeField(null=True, description="a call is under way, or its fate unknown")

    class Meta:
        table = "follower_group"


class SmsSuppression(Model):
    """短信停发: a phone that takes no text messages until its owner proves it anew."""

    id = fields.BigIntField(primary_key=True)
    phone_hash = fields.BinaryField(description="as of a person, unique")
    because = fields.CharField(16, description="empty_number or blacklisted")
    since = fields.DatetimeField(description="when the refused message was sent")

    class Meta:
        table = "sms_suppression"
