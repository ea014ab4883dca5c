"""What an applicant reads of an application about a rating."""

from collections.abc import Mapping
from typing import Final

from app.domain.credit_appeals.models import AppealKind, AppealState

ITEM_NAMES: Final[Mapping[AppealKind, str]] = {
    AppealKind.REVIEW: "纳税缴费信用复核",
    AppealKind.REPAIR: "纳税缴费信用修复",
}
"""事项名称 of the case."""
ITEM_CODES: Final[Mapping[AppealKind, str]] = {
    AppealKind.REVIEW: "CREDIT-REVIEW",
    AppealKind.REPAIR: "CREDIT-REPAIR",
}
PREFIXES: Final[Mapping[AppealKind, str]] = {AppealKind.REVIEW: "XYFH", AppealKind.REPAIR: "XYXF"}
"""How the numbers of the cases begin."""

STATE_TEXTS: Final[Mapping[AppealState, str]] = {
    AppealState.APPLIED: "已申请，等待受理",
    AppealState.ACCEPTED: "已受理，15 个工作日内答复",
    AppealState.ADJUSTED: "已调整评价结果",
    AppealState.KEPT: "维持原评价结果",
    AppealState.NOT_ACCEPTED: "不予受理",
    AppealState.WITHDRAWN: "已撤回或终止",
}
