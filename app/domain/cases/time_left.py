"""How much time is left for a case, in one sentence for its applicant."""

from app.domain.cases.clock import Remaining
from app.domain.cases.progress import CaseProgress


def sentence(case: CaseProgress) -> str:
    """What is to be known of the time limit: left, gone by, standing still, or not yet certain.

    Empty where no clock runs.
    """
    if case.remaining is None:
        return ""
    span = _span(case.remaining)
    if case.paused_since is not None:
        words = f"计时暂停中，恢复后还剩{span}"
    elif case.remaining.is_overdue:
        words = f"已超过期限{span}，可以向经办单位询问"
    else:
        words = f"还剩{span}"
    return f"{words}；期限涉及的放假安排尚未公布，公布后可能调整" if case.is_due_provisional else words


def _span(left: Remaining) -> str:
    days = f" {left.working_days} 个工作日" if left.working_days else ""
    hours = f" {left.hours} 小时" if left.hours else ""
    return f"{days}{hours}" or "不到 1 小时"
