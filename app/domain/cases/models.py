"""Tables of cases, of what happened to them, and of failed attempts to look one up."""

from decimal import Decimal
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

UNDECIDED = (
    CaseState.SUBMITTED,
    CaseState.PRE_REVIEW,
    CaseState.SUPPLEMENT,
    CaseState.ACCEPTED,
    CaseState.REVIEW,
    CaseState.SUSPENDED,
)
"""States in which the clock of the decision can run."""

PAUSED = (CaseState.SUPPLEMENT, CaseState.SUSPENDED)
"""States in which the clock of an accepted case stands still (行政许可法 45)."""

DECIDED = (CaseState.GRANTED, CaseState.DENIED)
"""The two ways to decide."""

EXTENDED = "extended"
"""Kind of the event by which the time limit is extended (延期); the case is in review."""
SPECIAL_OVERDUE = "special_overdue"
"""Kind of the event by which a special procedure used up its own time and the clock goes on."""
DUE_MOVED = "due_moved"
"""Kind of the event by which a new work calendar moves a due date."""


class LimitUnit(StrEnum):
    """What a time limit is counted in."""

    WORKING_DAY = "working_day"  # 工作日
    NATURAL_DAY = "natural_day"  # 自然日
    MONTH = "month"  # 月
    YEAR = "year"  # 年
    HOUR = "hour"  # 工作小时


class SpecialKind(StrEnum):
    """Kinds of special procedures (行政许可法 42, 45)."""

    EXTENSION = "extension"  # 延长审批
    HEARING = "hearing"  # 听证
    TENDER = "tender"  # 招标
    AUCTION = "auction"  # 拍卖
    INSPECTION = "inspection"  # 检验
    TESTING = "testing"  # 检测
    QUARANTINE = "quarantine"  # 检疫
    APPRAISAL = "appraisal"  # 鉴定
    EXPERT_REVIEW = "expert_review"  # 专家评审


class SpecialState(StrEnum):
    """States of a special procedure (SM-SPEC), and the two ways in which one comes to nothing."""

    APPLIED = "applied"  # 已申请
    REFUSED = "refused"  # 未批准
    APPROVED = "approved"  # 已批准并书面告知
    RUNNING = "running"  # 进行中
    FINISHED = "finished"  # 已结束
    OVERDUE = "overdue"  # 超过自身时限
    CANCELLED = "cancelled"  # 已取消


class FindingKind(StrEnum):
    """What supervision should look at."""

    ILLEGAL_MOVE = "ILLEGAL_MOVE"
    MISSING_REASON = "MISSING_REASON"
    MISSING_DUE = "MISSING_DUE"
    BEFORE_SUBMISSION = "BEFORE_SUBMISSION"
    SILENT_ACCEPTANCE = "SILENT_ACCEPTANCE"
    CORRECTION_AFTER_ACCEPT = "CORRECTION_AFTER_ACCEPT"
    SUSPENDED_WITHOUT_PROCEDURE = "SUSPENDED_WITHOUT_PROCEDURE"
    EXTENSION_TOO_LONG = "EXTENSION_TOO_LONG"
    SPECIAL_OVERDUE = "SPECIAL_OVERDUE"
    DECISION_OVERDUE = "DECISION_OVERDUE"
    DELIVERY_OVERDUE = "DELIVERY_OVERDUE"


class Case(Model):
    """办件: somebody's matter with an office, as it stands now.

    The table is split by the number, its key, so that a case is found at one place however many there are.
    Applicants are plain columns: cases arrive in bulk from other systems, many before their person.
    """

    number = fields.CharField(64, primary_key=True, description="办件编号")
    authority = fields.CharField(
        18, null=True, description="实施主体, where the number does not begin with it"
    )
    acceptance_number = fields.CharField(64, null=True, description="受理编号, as the office writes it")
    item_code = fields.CharField(33, null=True, description="实施编码 or 业务办理项编码")
    item_name = fields.CharField(200, description="事项名称")
    item_version = fields.IntField(null=True, description="事项版本 it began with; never changed")
    person_id = fields.UUIDField(null=True, description="who applied, for themselves or for the enterprise")
    enterprise_id = fields.UUIDField(null=True, description="whose matter it is, if not the person's")
    office = fields.CharField(80, description="who has it now: an office or post, never a name")
    contact = fields.CharField(80, db_default="", description="where to ask: an office's telephone")
    state = fields.CharEnumField(CaseState, max_length=12)
    submitted_at = fields.DatetimeField(description="收件")
    received_at = fields.DatetimeField(description="when the materials last came, corrections included")
    accepted_at = fields.DatetimeField(null=True, description="受理")
    counted_from = fields.DatetimeField(
        null=True, description="when the clock began: acceptance, or receipt if the office kept silent"
    )
    decided_at = fields.DatetimeField(null=True, description="准予 or 不予")
    legal_amount = fields.SmallIntField(null=True, description="法定时限")
    legal_unit = fields.CharEnumField(LimitUnit, max_length=12, null=True)
    promised_amount = fields.SmallIntField(null=True, description="承诺时限")
    promised_unit = fields.CharEnumField(LimitUnit, max_length=12, null=True)
    extended_by = fields.SmallIntField(db_default=0, description="working days of 延长审批")
    pauses = fields.JSONField[list[list[str | None]]](
        db_default="[]", description="[from, to] of each time the clock stood still; to is null while it does"
    )
    first_due_at = fields.DatetimeField(null=True, description="办结期限 without pauses and extension")
    due_at = fields.DatetimeField(null=True, description="办结期限 as it is now")
    legal_due_at = fields.DatetimeField(null=True, description="the same by the legal limit")
    is_due_stated = fields.BooleanField(
        db_default=False, description="whether another system named the due day; then it is not counted anew"
    )
    is_due_provisional = fields.BooleanField(
        db_default=False, description="whether it touches a day the State Council has not yet arranged"
    )
    asked_until = fields.DateField(null=True, description="by when the applicant is to correct (补正)")
    fee: Decimal | None = fields.DecimalField(14, 2, null=True, description="应收费用, yuan")
    paid: Decimal | None = fields.DecimalField(
        14, 2, null=True, description="实收金额, yuan; null: nobody has told"
    )
    queue_number = fields.CharField(20, null=True, description="排队号")
    results = fields.JSONField[list[str]](db_default="[]", description="证件、批文: their names and numbers")
    query_code_hash = fields.BinaryField(null=True, description="keyed hash of 查询码 with the number")
    last_seq = fields.SmallIntField(default=0, description="of its newest event")
    last_hash = fields.BinaryField(description="hash of its newest event")
    updated_at = fields.DatetimeField(description="when its newest event happened")

    class Meta:
        table = "case_file"


class AcceptanceNumber(Model):
    """受理编号: what a case is called on its 受理通知书, once for each authority.

    A table of its own: the cases lie apart by their own numbers, and no index tells of all of them.
    """

    id = fields.BigIntField(primary_key=True)
    number = fields.CharField(64, description="half-width capitals without blanks")
    authority = fields.CharField(18, description="实施主体; empty where nobody told")
    case_number = fields.CharField(64)

    class Meta:
        table = "acceptance_number"
        unique_together = (("number", "authority"),)


class CaseEvent(Model):
    """办件流水: one append-only row for each step, each sealed by the hash of the one before it."""

    id = fields.BigIntField(primary_key=True)
    case_number = fields.CharField(64)
    seq = fields.SmallIntField(description="1 is the submission")
    kind = fields.CharField(24, description="the state it led to, or what else happened")
    at = fields.DatetimeField()
    office = fields.CharField(80)
    text = fields.CharField(500, description="what the applicant is told")
    finding = fields.CharField(40, null=True, description="what supervision should look at first")
    hash = fields.BinaryField(description="SHA-256 over the hash before it and this row")
    recorded_at = fields.DatetimeField(db_default=Now())

    class Meta:
        table = "case_event"
        unique_together = (("case_number", "seq"),)


class SpecialProcedure(Model):
    """特别程序: what interrupts a review and stops its clock, or extends it (SM-SPEC)."""

    id = fields.BigIntField(primary_key=True)
    case_number = fields.CharField(64)
    event_seq = fields.SmallIntField(null=True, description="the event of the case it began with")
    kind = fields.CharEnumField(SpecialKind, max_length=14)
    state = fields.CharEnumField(SpecialState, max_length=10)
    approver = fields.CharField(80, description="批准人: a post, never a name")
    reason = fields.CharField(500, description="what the applicant is told in writing")
    limit_amount = fields.SmallIntField(null=True, description="its own time limit")
    limit_unit = fields.CharEnumField(LimitUnit, max_length=12, null=True)
    applied_at = fields.DatetimeField()
    approved_at = fields.DatetimeField(null=True)
    begun_at = fields.DatetimeField(null=True)
    due_at = fields.DatetimeField(null=True, description="end of its own time limit")
    ended_at = fields.DatetimeField(null=True)
    result = fields.CharField(500, db_default="", description="特别程序结果")

    class Meta:
        table = "special_procedure"


class CaseFinding(Model):
    """监察线索: what was wrong with a step, refused or not; append-only, one row for one cause."""

    id = fields.BigIntField(primary_key=True)
    case_number = fields.CharField(64)
    seq = fields.SmallIntField(description="of the case's newest event when it was found")
    kind = fields.CharEnumField(FindingKind, max_length=40)
    wanted = fields.CharField(24, description="the state somebody wanted to lead to")
    who = fields.CharField(80, description="system, staff:<id>, person:<id>, partner:<code>")
    at = fields.DatetimeField(description="when it happened or was to happen")
    text = fields.CharField(500)
    recorded_at = fields.DatetimeField(db_default=Now())

    class Meta:
        table = "case_finding"


class FailedLookups(Model):
    """查询失败计数 of a case number or of an asker, each known only by a keyed hash."""

    key = fields.CharField(64, primary_key=True)
    failures = fields.SmallIntField()
    forget_at = fields.DatetimeField(description="when it counts no more; until then five lock")

    class Meta:
        table = "case_failed_lookups"
