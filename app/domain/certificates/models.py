"""The table of electronic certificates: one row a version, and whose it is by a keyed hash alone."""

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model


class HolderKind(StrEnum):
    """Whose a certificate is."""

    PERSON = "person"  # 自然人
    ENTERPRISE = "enterprise"  # 法人和其他组织


class Trust(StrEnum):
    """可信等级 (国办函〔2016〕108号)."""

    A = "A"  # 机构产生，可直接使用
    B = "B"  # 窗口核验过，可复用
    C = "C"  # 用户上传，须核原件
    D = "D"  # 自制并承诺


class Status(StrEnum):
    """What the issuer says of a version."""

    VALID = "valid"  # 有效
    LOCKED = "locked"  # 锁定
    REVOKED = "revoked"  # 撤销、吊销
    CANCELLED = "cancelled"  # 注销


class State(StrEnum):
    """证照状态 (SM-CERT): what the issuer says, the trust and the day make of a version."""

    INGESTED = "ingested"  # 已归集: of level C or D, nobody vouches for it
    VERIFIED = "verified"  # 已核验，尚未生效
    VALID = "valid"  # 有效
    EXPIRING = "expiring"  # 即将到期
    EXPIRED = "expired"  # 已过期
    REVOKED = "revoked"  # 已注销
    REPLACED = "replaced"  # 已换发
    LOCKED = "locked"  # 已锁定


class Certificate(Model):
    """电子证照: one version of a certificate as its issuer told it."""

    id = fields.UUIDField(primary_key=True)
    line_hash = fields.BinaryField(description="keyed hash of what all versions have in common")
    version = fields.SmallIntField(description="版本号, from 1")
    type_code = fields.CharField(21, description="证照类型代码")
    name = fields.CharField(100, description="证照名称, of the type")
    issuer = fields.CharField(18, description="颁发机构统一社会信用代码")
    issuer_name = fields.CharField(100, description="颁发机构")
    holder_kind = fields.CharEnumField(HolderKind, max_length=12)
    holder_hash = fields.BinaryField(description="keyed hash of 身份证号 or 统一社会信用代码, as of accounts")
    content_sealed = fields.TextField(description="identifier, number, holder's name and number, sealed")
    issued_on = fields.DateField()
    valid_from = fields.DateField()
    valid_until = fields.DateField(null=True, description="the last valid day; null: 长期")
    trust = fields.CharEnumField(Trust, max_length=1)
    status = fields.CharEnumField(Status, max_length=12)
    state = fields.CharEnumField(State, max_length=12)
    told_at = fields.DatetimeField(description="when it was so, by the issuer's clock")
    told_by = fields.CharField(80, description="the system that pushed it")
    taken_at = fields.DatetimeField(description="when it was pushed")

    class Meta:
        table = "certificate"
