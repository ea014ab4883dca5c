"""The table of applications about a rating."""

from enum import StrEnum

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from app.domain.credit_ratings.rule_sets import Level
from app.kit import crypto


class AppealKind(StrEnum):
    """What is asked for."""

    REVIEW = "review"  # 复核
    REPAIR = "repair"  # 修复, of single deductions
    OVERALL = "overall"  # 整体修复
    DIRECT_D = "direct_d"  # 直接判级修复


class AppealState(StrEnum):
    """States of an application (SM-CREDIT); all but the first two are final."""

    APPLIED = "applied"  # 已申请
    ACCEPTED = "accepted"  # 已受理
    ADJUSTED = "adjusted"  # 已调整
    KEPT = "kept"  # 维持原结果
    NOT_ACCEPTED = "not_accepted"  # 不予受理
    WITHDRAWN = "withdrawn"  # 已撤回


OPEN = (AppealState.APPLIED, AppealState.ACCEPTED)
"""States in which an application is under way."""


class CreditAppeal(Model):
    """复核、修复申请: what an enterprise asks of one year's rating; its way is that of its case."""

    id = fields.BigIntField(primary_key=True)
    enterprise_id = fields.UUIDField()
    person_id = fields.UUIDField(null=True, description="who applied for the enterprise; null: has left")
    year = fields.SmallIntField()
    kind = fields.CharEnumField(AppealKind, max_length=8)
    state = fields.CharEnumField(AppealState, max_length=12, default=AppealState.APPLIED)
    case_number = fields.CharField(64, unique=True)
    reason_sealed = fields.TextField(null=True, description="the applicant's words; null: has left")
    codes = fields.JSONField[list[str]](description="指标代码 of the deductions it is about")
    level_before = fields.CharEnumField(Level, max_length=1)
    score_before = fields.DecimalField(5, 2, null=True)
    level_after = fields.CharEnumField(Level, max_length=1, null=True)
    score_after = fields.DecimalField(5, 2, null=True)
    since_on = fields.DateField(null=True, description="no breach is known after it; of the last two kinds")
    points = fields.DecimalField(5, 2, null=True, description="what an overall repair brings back at most")
    evidence_at = fields.DatetimeField(null=True, description="when the authority told what it rests on")
    applied_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)

    class Meta:
        table = "credit_appeal"
        indexes = (Index(fields=("person_id",)), Index(fields=("enterprise_id", "id")))

    @property
    def reason(self) -> str | None:
        """The applicant's words, in clear."""
        return crypto.unseal(self.reason_sealed) if self.reason_sealed else None
