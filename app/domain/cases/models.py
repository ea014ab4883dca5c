"""Tables of cases, of what happened to them, and of failed attempts to look one up."""

from enum import StrEnum

from tortoise import fields
from tortoise.fields.db_defaults import Now
from tortoise.models import Model


class CaseState(StrEnum):
    """States of a case (SM-CASE); a draft is not yet a case and has no state here."""

    SUBMITTED = "submitted"  # 已收件
    PRE_REVIEW = "pre_review"  # 预审
    SUPPLEMENT = "supplement"  # 待补正
    NOT_ACCEPTED = "not_accepted"  # 不予受理
    TRANSFERRED = "transferred"  # 告知向有权机关申请
    ACCEPTED = "accepted"  # 已受理
    REVIEW = "review"  # 审核中
    SUSPENDED = "suspended"  # 特别程序
    GRANTED = "granted"  # 准予
    DENIED = "denied"  # 不予许可
    ISSUED = "issued"  # 已出件
    DELIVERED = "delivered"  # 已送达
    CLOSED = "closed"  # 已办结
    WITHDRAWN = "withdrawn"  # 申请人撤回
    TERMINATED = "terminated"  # 终止


FINAL = (
    CaseState.NOT_ACCEPTED,
    CaseState.TRANSFERRED,
    CaseState.CLOSED,
    CaseState.WITHDRAWN,
    CaseState.TERMINATED,
)
"""States after which nothing follows."""


class Case(Model):
    """办件: somebody's matter with an office, as it stands now.

    The number is its key, so that the table can be split by it and still find a case at one place.
    Applicants are plain columns: cases arrive in bulk from other systems, many before their person.
    """

    number = fields.CharField(64, primary_key=True, description="办件编号")
    item_code = fields.CharField(33, null=True, description="实施编码 or 业务办理项编码")
    item_name = fields.CharField(200, description="事项名称")
    person_id = fields.UUIDField(null=True, description="who applied, for themselves or for the enterprise")
    enterprise_id = fields.UUIDField(null=True, description="whose matter it is, if not the person's")
    office = fields.CharField(80, description="who has it now: an office or post, never a name")
    state = fields.CharEnumField(CaseState, max_length=12)
    submitted_at = fields.DatetimeField(description="收件")
    accepted_at = fields.DatetimeField(null=True, description="受理")
    due_on = fields.DateField(null=True, description="办结期限")
    query_code_hash = fields.BinaryField(null=True, description="keyed hash of 查询码 with the number")
    last_seq = fields.SmallIntField(default=0, description="of its newest event")
    updated_at = fields.DatetimeField(description="when its newest event happened")

    class Meta:
        table = "case_file"


class CaseEvent(Model):
    """办件流水: one append-only row for each step, each sealed by the hash of the one before it."""

    id = fields.BigIntField(primary_key=True)
    case_number = fields.CharField(64)
    seq = fields.SmallIntField(description="1 is the submission")
    kind = fields.CharField(24, description="the state it led to")
    at = fields.DatetimeField()
    office = fields.CharField(80)
    text = fields.CharField(500, description="what the applicant is told")
    finding = fields.CharField(40, null=True, description="what supervision should look at")
    hash = fields.BinaryField(description="SHA-256 over the hash before it and this row")
    recorded_at = fields.DatetimeField(db_default=Now())

    class Meta:
        table = "case_event"
        unique_together = (("case_number", "seq"),)


class FailedLookups(Model):
    """查询失败计数 of a case number or of an asker, each known only by a keyed hash."""

    key = fields.CharField(64, primary_key=True)
    failures = fields.SmallIntField()
    forget_at = fields.DatetimeField(description="when it counts no more; until then five lock")

    class Meta:
        table = "case_failed_lookups"
