"""Tables of share requests and of objections to what they told."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from tortoise import fields
from tortoise.models import Model

from app.gateways.exchange import Library


class Occasion(StrEnum):
    """What a prefill is for; it says which fields may be asked."""

    BOOKING = "booking"  # 预约
    APPLICATION = "application"  # 提交申请材料
    SUPPLEMENT = "supplement"  # 补正


class ShareState(StrEnum):
    """共享状态 (SM-SHARE)."""

    REQUESTED = "requested"  # 已申请
    AUTHORISED = "authorised"  # 已授权，查询中
    HIT = "hit"  # 已查到
    MISS = "miss"  # 未查到
    ERROR = "error"  # 查询失败
    PREFILLED = "prefilled"  # 已预填，待确认
    CONFIRMED = "confirmed"  # 已确认
    CORRECTED = "corrected"  # 已提出异议


class ObjectionState(StrEnum):
    """异议状态; the last two are final."""

    OPEN = "open"  # 待数源部门核实
    MENDED = "mended"  # 已更正
    KEPT = "kept"  # 核实无误


class ShareRequest(Model):
    """共享申请: one question for a prefill, by a person for themselves or for their enterprise."""

    id = fields.UUIDField(primary_key=True)
    person_id = fields.UUIDField(description="who asked and may see it")
    enterprise_id = fields.UUIDField(null=True, description="whom it is about; null: the person")
    library = fields.CharEnumField(Library, max_length=16)
    occasion = fields.CharEnumField(Occasion, max_length=12)
    fields_asked = fields.JSONField[list[str]](description="names of the fields that may be learnt")
    state = fields.CharEnumField(ShareState, max_length=12, default=ShareState.REQUESTED)
    consent_version = fields.CharField(10, null=True, description="of the words the person agreed to")
    department = fields.CharField(100, null=True, description="数源部门")
    facts_sealed = fields.TextField(null=True, description="the records told, sealed; gone when they lapse")
    as_of: datetime | None = fields.DatetimeField(null=True, description="数据时间")
    is_stale = fields.BooleanField(default=False, description="older than it should be")
    error_code = fields.CharField(40, null=True)
    asked_at = fields.DatetimeField()
    answered_at = fields.DatetimeField(null=True)
    lapses_at: datetime | None = fields.DatetimeField(null=True, description="when the records are gone")
    settled_at = fields.DatetimeField(null=True, description="when it was confirmed or corrected")

    class Meta:
        table = "share_request"


class ShareObjection(Model):
    """数据异议: what a person says is wrong, for the department the data are from."""

    id = fields.BigIntField(primary_key=True)
    request: fields.OneToOneRelation[ShareRequest] = fields.OneToOneField(
        "weiban.ShareRequest", related_name="objection", on_delete=fields.CASCADE
    )
    request_id: Any
    library = fields.CharEnumField(Library, max_length=16)
    department = fields.CharField(100, description="数源部门, which answers")
    fields_disputed = fields.JSONField[list[str]](description="names of the fields said to be wrong")
    claim_sealed = fields.TextField(description="about whom, what was told, what should be, why; sealed")
    due_on: date = fields.DateField(description="答复期限")
    state = fields.CharEnumField(ObjectionState, max_length=8, default=ObjectionState.OPEN)
    answer = fields.CharField(500, null=True, description="the department's words")
    created_at = fields.DatetimeField()
    answered_at = fields.DatetimeField(null=True)
    answered_by = fields.CharField(80, null=True)

    class Meta:
        table = "share_objection"
