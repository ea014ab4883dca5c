"""What an applicant reads of a case: where it stands, what comes next, and what happened."""

from collections.abc import Mapping

from app.domain.cases.models import DUE_MOVED, EXTENDED, SPECIAL_OVERDUE
from app.domain.cases.models import CaseState as S
from app.domain.cases.models import FindingKind as F

STATE_TEXTS: Mapping[S, str] = {
    S.SUBMITTED: "已收件",
    S.PRE_REVIEW: "预审中",
    S.SUPPLEMENT: "待补正",
    S.NOT_ACCEPTED: "不予受理",
    S.TRANSFERRED: "已告知向有权机关申请",
    S.ACCEPTED: "已受理",
    S.REVIEW: "审核中",
    S.SUSPENDED: "特别程序进行中",
    S.GRANTED: "准予办理",
    S.DENIED: "不予办理",
    S.ISSUED: "已出件",
    S.DELIVERED: "已送达",
    S.CLOSED: "已办结",
    S.WITHDRAWN: "已撤回",
    S.TERMINATED: "已终止",
}

NEXT_TEXTS: Mapping[S, str] = {
    S.SUBMITTED: "等待受理：受理部门会在 5 个工作日内告知是否受理或需要补正",
    S.PRE_REVIEW: "等待受理：材料正在预审，请留意补正通知",
    S.SUPPLEMENT: "请您补正：按通知一次补齐材料后重新提交",
    S.NOT_ACCEPTED: "本次申请已结束，如不服可依法申请行政复议或提起行政诉讼",
    S.TRANSFERRED: "请按告知向有权办理的机关提出申请",
    S.ACCEPTED: "等待审核，您暂时不用做什么",
    S.REVIEW: "等待作出决定，您暂时不用做什么",
    S.SUSPENDED: "特别程序所需时间不计入办理时限，结束后继续审核",
    S.GRANTED: "等待制证出件，完成后会通知您领取",
    S.DENIED: "等待出具决定书并送达，如不服可依法申请行政复议或提起行政诉讼",
    S.ISSUED: "请按通知领取结果，或等待邮寄送达",
    S.DELIVERED: "结果已送达，等待归档",
    S.CLOSED: "全部完成",
    S.WITHDRAWN: "申请已撤回，需要时可以重新申请",
    S.TERMINATED: "办理已终止，需要时可以重新申请",
}
"""What comes next, and whether the applicant has to do something."""


OTHER_TEXTS: Mapping[str, str] = {
    EXTENDED: "审批期限延长",
    SPECIAL_OVERDUE: "特别程序超过规定时间，办理时限恢复计算",
    DUE_MOVED: "办结期限随节假日安排调整",
}
"""What happened without leading to a state of its own."""

FINDING_TEXTS: Mapping[F, str] = {
    F.ILLEGAL_MOVE: "办件状态不允许这一步",
    F.MISSING_REASON: "未写明告知申请人的理由",
    F.MISSING_DUE: "受理时未确定办结期限",
    F.BEFORE_SUBMISSION: "环节时间早于收件时间",
    F.SILENT_ACCEPTANCE: "收件满 5 个工作日未告知，依法自收到材料之日起视为受理",
    F.CORRECTION_AFTER_ACCEPT: "受理后要求补正",
    F.SUSPENDED_WITHOUT_PROCEDURE: "未说明特别程序的种类和批准人就停止计时",
    F.EXTENSION_TOO_LONG: "延长的期限超过法律规定",
    F.SPECIAL_OVERDUE: "特别程序超过自身时限",
    F.DECISION_OVERDUE: "作出决定时已超过办结期限",
    F.DELIVERY_OVERDUE: "作出决定后 10 个工作日内未送达",
}
"""What supervision reads."""


def title_of(kind: str) -> str:
    """What happened, in one phrase, by the kind of its event."""
    return OTHER_TEXTS.get(kind) or STATE_TEXTS[S(kind)]


def step_text(kind: str, told: str) -> str:
    """One step in the timeline: what happened, and what the office said."""
    title = title_of(kind)
    return f"{title}：{told}" if told else title
