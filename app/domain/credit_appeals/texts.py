"""What an applicant reads of an application about a rating."""

from collections.abc import Mapping
from typing import Final

from app.domain.credit_appeals.models import AppealKind, AppealState, CreditAppeal
from app.kit import clock

ITEM_NAMES: Final[Mapping[AppealKind, str]] = {
    AppealKind.REVIEW: "纳税缴费信用复核",
    AppealKind.REPAIR: "纳税缴费信用修复",
    AppealKind.OVERALL: "纳税缴费信用整体修复",
    AppealKind.DIRECT_D: "纳税缴费信用直接判级修复",
}
"""事项名称 of the case."""
ITEM_CODES: Final[Mapping[AppealKind, str]] = {
    AppealKind.REVIEW: "CREDIT-REVIEW",
    AppealKind.REPAIR: "CREDIT-REPAIR",
    AppealKind.OVERALL: "CREDIT-REPAIR-OVERALL",
    AppealKind.DIRECT_D: "CREDIT-REPAIR-DIRECT",
}
PREFIXES: Final[Mapping[AppealKind, str]] = {
    AppealKind.REVIEW: "XYFH",
    AppealKind.REPAIR: "XYXF",
    AppealKind.OVERALL: "XYZT",
    AppealKind.DIRECT_D: "XYZP",
}
"""How the numbers of the cases begin."""

STATE_TEXTS: Final[Mapping[AppealState, str]] = {
    AppealState.APPLIED: "已申请，等待受理",
    AppealState.ACCEPTED: "已受理，15 个工作日内答复",
    AppealState.ADJUSTED: "已调整评价结果",
    AppealState.KEPT: "维持原评价结果",
    AppealState.NOT_ACCEPTED: "不予受理",
    AppealState.WITHDRAWN: "已撤回或终止",
}


def grounds(appeal: CreditAppeal) -> str | None:
    """What an overall repair or the repair of a direct D rests on, and of which day that is known."""
    if appeal.since_on is None or appeal.evidence_at is None:
        return None
    told_on = appeal.evidence_at.astimezone(clock.SHANGHAI).date()
    words = f"据税务机关 {told_on:%Y-%m-%d} 的信息，{appeal.since_on:%Y-%m-%d} 后没有新增失信行为"
    if appeal.points is None:
        return f"{words}，直接判级的情形均已纠正并满等待期，按得分重新评价，但不评为 A 级"
    return f"{words}，最多恢复 {appeal.points} 分"
