"""Tables of department systems: keys, the ledger of their messages, what these said, and their order."""

from datetime import datetime

from tortoise import fields
from tortoise.fields.db_defaults import Now
from tortoise.indexes import Index
from tortoise.models import Model

from app.domain.partners.kinds import MessageKind, MessageState
from app.kit.signing import Algorithm


class PartnerSystem(Model):
    """对接系统: a department's system that pushes, and its scope. Its row is the lock of its pushes."""

    id = fields.BigIntField(primary_key=True)
    code = fields.CharField(40, unique=True, description="系统代码")
    name = fields.CharField(80, description="系统名称")
    department = fields.CharField(80, description="部门")
    kinds = fields.JSONField[list[str]](description="kinds of messages it may push")
    authorities = fields.JSONField[list[str]](
        description="prefixes of 实施主体统一社会信用代码 it may speak for; none: any"
    )
    regions = fields.JSONField[list[str]](description="prefixes of region codes it may speak for; none: any")
    field_map = fields.JSONField[dict[str, object] | None](
        null=True, description="how its own names and step codes read in ours"
    )
    relays = fields.JSONField[list[str] | None](
        null=True, description="purposes it may relay questions for; null: none"
    )
    is_active = fields.BooleanField(default=True)
    parked = fields.IntField(default=0, description="messages waiting for earlier ones")
    spent_until = fields.DatetimeField(null=True, description="its allowance is spent until then (GCRA)")
    last_sequence = fields.BigIntField(default=0, description="the highest received")
    whole_to = fields.BigIntField(default=0, description="every sequence up to it has been received")
    forgotten_to = fields.BigIntField(default=0, description="up to it, rows of the ledger may be gone")
    created_by = fields.CharField(80)
    created_at = fields.DatetimeField(db_default=Now())

    class Meta:
        table = "partner_system"


class PartnerKey(Model):
    """对接密钥: two may be valid at once, so that one replaces the other without a pause."""

    id = fields.CharField(32, primary_key=True, description="密钥编号, sent along with each request")
    system: fields.ForeignKeyRelation[PartnerSystem] = fields.ForeignKeyField(
        "weiban.PartnerSystem", related_name="keys", on_delete=fields.RESTRICT
    )
    system_id: int
    algorithm = fields.CharEnumField(Algorithm, max_length=8)
    secret_sealed = fields.TextField(description="the shared secret, or the system's public key; sealed")
    created_by = fields.CharField(80)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)
    last_used_at = fields.DatetimeField(null=True, description="to the hour")

    class Meta:
        table = "partner_key"
        indexes = (Index(fields=("system_id",)),)


class PartnerNonce(Model):
    """用过的随机数 of a key, known by a hash until its timestamp has grown too old anyway."""

    digest = fields.CharField(64, primary_key=True)
    forget_at = fields.DatetimeField()

    class Meta:
        table = "partner_nonce"
        indexes = (Index(fields=("forget_at",)),)


class PartnerMessage(Model):
    """推送消息: the ledger, one narrow row for each sequence of a system; nothing personal."""

    id = fields.BigIntField(primary_key=True)
    system_id = fields.BigIntField()
    sequence = fields.BigIntField(description="序号 given by the system")
    kind = fields.CharEnumField(MessageKind, max_length=24)
    case_number = fields.CharField(64, null=True)
    step = fields.IntField(null=True, description="its place among the system's messages of the case")
    digest = fields.BinaryField(description="SHA-256 of what it said")
    state = fields.CharEnumField(MessageState, max_length=8)
    error_code = fields.CharField(40, null=True)
    error_text = fields.CharField(300, null=True)
    received_at = fields.DatetimeField()
    waiting_since = fields.DatetimeField(null=True, description="since when it is parked")
    settled_at = fields.DatetimeField(null=True, description="when it was applied, refused or declared dead")

    class Meta:
        table = "partner_message"
        unique_together = (("system_id", "sequence"),)


class PartnerMessageBody(Model):
    """推送内容: what a message said, sealed; days are dropped whole when they are 90 days old."""

    id = fields.BigIntField(primary_key=True, generated=False, description="of the message")
    received_at: datetime = fields.DatetimeField(description="of the message")
    body_sealed = fields.TextField()

    class Meta:
        table = "partner_message_body"


class PartnerChain(Model):
    """办件消息链: how far a system's messages of one case have been judged.

    It outlives the ledger: a message told again years later is known by its step.
    """

    id = fields.BigIntField(primary_key=True)
    system_id = fields.BigIntField()
    case_number = fields.CharField(64)
    last_step = fields.IntField(description="the last one applied or refused")
    region_code = fields.CharField(12, null=True, description="of the case, if this system handed it in")
    is_origin = fields.BooleanField(default=False, description="whether this system handed the case in")

    class Meta:
        table = "partner_chain"
        unique_together = (("system_id", "case_number"),)
        indexes = (Index(fields=("case_number",)),)


class PartnerArrival(Model):
    """到达: a case that parked messages of a system waited for, until they are judged."""

    id = fields.BigIntField(primary_key=True)
    system_id = fields.BigIntField()
    case_number = fields.CharField(64, null=True, description="null: of no case")

    class Meta:
        table = "partner_arrival"
