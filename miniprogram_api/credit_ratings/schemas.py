"""Shapes of credit ratings: what one may ask and what is answered."""

from marshmallow import validate

from app.domain.credit_appeals.applying import LONGEST_REASON
from app.domain.credit_appeals.models import AppealKind, AppealState
from app.domain.credit_ratings.rule_sets import FIRST_YEAR, Breach, Level
from app.gateways.exchange import RatingStatus
from app.kit import cursors
from app.kit.web import Schema, fields, page_of

_LAST_YEAR = 2100
_MOST_LINES = 50
_FEW = validate.Length(max=_MOST_LINES, error=f"最多 {_MOST_LINES} 项")


class OfEnterprise(Schema):
    """Of which enterprise; without it the one the session acts for."""

    enterprise_id = fields.UUID(metadata={"description": "企业编号；省略时为当前办税身份的企业"})


class FindAList(Schema):
    """How to look through the A list."""

    year = fields.whole(
        FIRST_YEAR, _LAST_YEAR, required=True, metadata={"description": "评价年度", "example": 2025}
    )
    q = fields.Text(
        max=60, load_default="", metadata={"description": "企业名称或统一社会信用代码，从开头匹配"}
    )
    cursor = fields.Code(max=cursors.LONGEST, metadata={"description": "上一页给出的 next"})


class SupposedCorrection(Schema):
    """纠正一项扣分。"""

    line = fields.whole(1, _MOST_LINES, required=True, metadata={"description": "第几项扣分，从 1 起"})
    on = fields.Day(required=True, metadata={"description": "哪天纠正", "example": "2026-06-01"})


class WhatIf(OfEnterprise):
    """What is supposed of the newest or of another year's rating."""

    year = fields.whole(FIRST_YEAR, _LAST_YEAR, metadata={"description": "评价年度；省略时为最近一次"})
    corrections = fields.List(
        fields.Nested(SupposedCorrection),
        load_default=list,
        validate=_FEW,
        metadata={"description": "假设在这些日子纠正这些扣分"},
    )
    overall_on = fields.Day(metadata={"description": "假设这天申请整体修复"})
    direct_d_on = fields.Day(metadata={"description": "假设这天申请直接判级修复"})
    breaches = fields.List(
        fields.Enum(Breach, by_value=True),
        load_default=list,
        validate=_FEW,
        metadata={"description": "假设再发生这些失信行为"},
    )


class ApplyAboutRating(OfEnterprise):
    """An application for review or repair."""

    kind = fields.Enum(
        AppealKind,
        by_value=True,
        required=True,
        metadata={
            "description": "review 复核，repair 修复若干项扣分，overall 整体修复，direct_d 直接判级修复"
        },
    )
    year = fields.whole(FIRST_YEAR, _LAST_YEAR, metadata={"description": "评价年度；省略时为最近一次"})
    reason = fields.Text(
        min=1, max=LONGEST_REASON, lines=True, required=True, metadata={"description": "申请理由"}
    )
    lines = fields.List(
        fields.whole(1, _MOST_LINES),
        load_default=list,
        validate=_FEW,
        metadata={"description": "涉及第几项扣分，从 1 起；repair 必填，overall 和 direct_d 不填"},
    )


class RepairWindowView(Schema):
    """修复期限：某日前纠正恢复多少。"""

    until = fields.Day(required=True, metadata={"description": "最后一天"})
    percent = fields.Integer(required=True, metadata={"description": "恢复比例，%"})
    points = fields.Money(required=True, metadata={"description": "恢复的分数"})


class DeductionView(Schema):
    """扣分明细。"""

    line = fields.Integer(required=True, metadata={"description": "序号，从 1 起"})
    code = fields.Text(required=True, metadata={"description": "指标代码"})
    name = fields.Text(required=True, metadata={"description": "指标名称"})
    points = fields.Money(required=True, metadata={"description": "扣分"})
    times = fields.Integer(required=True, metadata={"description": "次数"})
    occurred_on = fields.Day(required=True, metadata={"description": "发生日"})
    is_repairable = fields.Boolean(required=True, metadata={"description": "现在是否还可修复"})
    repair_until = fields.Day(required=True, allow_none=True, metadata={"description": "修复的最后一天"})
    repaired_on = fields.Day(required=True, allow_none=True, metadata={"description": "哪天已修复"})
    restored = fields.Money(required=True, metadata={"description": "已恢复的分数"})
    windows = fields.List(
        fields.Nested(RepairWindowView),
        required=True,
        metadata={"description": "今后各期限前纠正的效果，先近后远"},
    )


class DirectCauseView(Schema):
    """直接判为 D 级的一种情形。"""

    text = fields.Text(required=True, metadata={"description": "情形"})
    corrected_on = fields.Day(
        required=True, allow_none=True, metadata={"description": "哪天已纠正；尚未纠正时为 null"}
    )


class ProspectView(Schema):
    """能否申请整体修复或直接判级修复。"""

    is_open = fields.Boolean(required=True, metadata={"description": "现在能否申请"})
    opens_on = fields.Day(required=True, allow_none=True, metadata={"description": "哪天起可以申请"})
    points = fields.Money(required=True, metadata={"description": "恢复的分数；直接判级修复不加分"})
    obstacle = fields.Text(required=True, allow_none=True, metadata={"description": "现在为什么不能申请"})


class CreditRatingView(Schema):
    """一个年度的评价结果。"""

    year = fields.Integer(required=True, metadata={"description": "评价年度", "example": 2025})
    level = fields.Enum(Level, by_value=True, required=True, metadata={"description": "级别"})
    score = fields.Money(required=True, allow_none=True, metadata={"description": "得分；未提供时为 null"})
    starting_score = fields.Money(required=True, allow_none=True, metadata={"description": "起评分"})
    authority = fields.Text(required=True, allow_none=True, metadata={"description": "主管税务机关"})
    published_on = fields.Day(required=True, metadata={"description": "发布日"})
    adjusted_on = fields.Day(
        required=True, allow_none=True, metadata={"description": "发布后调整的日期；没有调整时为 null"}
    )
    status = fields.Enum(
        RatingStatus, by_value=True, required=True, metadata={"description": "正常、复核中、修复中"}
    )
    law = fields.Text(required=True, metadata={"description": "依据的评价规则"})
    meaning = fields.Text(required=True, metadata={"description": "这个级别意味着什么"})
    effects = fields.List(fields.Text(), required=True, metadata={"description": "这个级别带来的便利或限制"})
    never_a = fields.List(fields.Text(), required=True, metadata={"description": "该年度不得评为 A 级的情形"})
    direct_d = fields.List(
        fields.Nested(DirectCauseView), required=True, metadata={"description": "直接判为 D 级的情形"}
    )
    overall_repair = fields.Nested(
        ProspectView,
        required=True,
        allow_none=True,
        metadata={"description": "整体修复；只有最近年度有，没有明细时为 null"},
    )
    direct_d_repair = fields.Nested(
        ProspectView,
        required=True,
        allow_none=True,
        metadata={"description": "直接判级修复；只有最近年度直接判为 D 级时有"},
    )
    has_details = fields.Boolean(
        required=True, metadata={"description": "税务机关是否提供了扣分明细；false 时明细为空不代表没有扣分"}
    )
    deductions = fields.List(
        fields.Nested(DeductionView), required=True, metadata={"description": "扣分明细"}
    )


class CreditRatingsView(Schema):
    """一户企业的历年评价结果。"""

    enterprise_id = fields.UUID(required=True, metadata={"description": "企业编号"})
    enterprise_name = fields.Text(required=True, metadata={"description": "企业名称"})
    taxpayer_id = fields.Text(required=True, metadata={"description": "纳税人识别号；含个人证件号的已遮盖"})
    items = fields.List(
        fields.Nested(CreditRatingView), required=True, metadata={"description": "各年度，最近的在前"}
    )
    as_of = fields.Moment(
        required=True, allow_none=True, metadata={"description": "明细取自税务机关的时间；取不到时为 null"}
    )
    is_stale = fields.Boolean(required=True, metadata={"description": "税务机关暂时取不到，明细为旧的"})


class ReckoningLineView(Schema):
    """测算的一步。"""

    points = fields.Money(required=True, metadata={"description": "加减的分数"})
    text = fields.Text(required=True, metadata={"description": "说明"})


class WhatIfOutcomeView(Schema):
    """测算结果，仅供参考。"""

    year = fields.Integer(required=True, metadata={"description": "评价年度"})
    law = fields.Text(required=True, metadata={"description": "依据的评价规则"})
    score_before = fields.Money(required=True, metadata={"description": "现在的得分"})
    level_before = fields.Enum(Level, by_value=True, required=True, metadata={"description": "现在的级别"})
    score_after = fields.Money(required=True, metadata={"description": "测算后的得分"})
    level_after = fields.Enum(Level, by_value=True, required=True, metadata={"description": "测算后的级别"})
    lines = fields.List(fields.Nested(ReckoningLineView), required=True, metadata={"description": "逐项说明"})
    effects = fields.List(
        fields.Text(), required=True, metadata={"description": "测算后的级别对以后年度的影响"}
    )


class AListedView(Schema):
    """A 级名单中的一户。"""

    name = fields.Text(required=True, metadata={"description": "纳税人名称"})
    taxpayer_id = fields.Text(
        required=True, allow_none=True, metadata={"description": "纳税人识别号；含个人证件号的不公布"}
    )
    year = fields.Integer(required=True, metadata={"description": "评价年度"})


AListPage = page_of(AListedView, "CreditAListPage")


class CreditAppealView(Schema):
    """复核或修复申请。"""

    case_number = fields.Text(required=True, metadata={"description": "办件编号，可在办件进度中查询"})
    kind = fields.Enum(AppealKind, by_value=True, required=True, metadata={"description": "复核或修复"})
    year = fields.Integer(required=True, metadata={"description": "评价年度"})
    state = fields.Enum(AppealState, by_value=True, required=True, metadata={"description": "状态"})
    state_text = fields.Text(required=True, metadata={"description": "状态说明"})
    reason = fields.Text(
        required=True, allow_none=True, metadata={"description": "申请理由；申请人已注销时为 null"}
    )
    codes = fields.List(fields.Text(), required=True, metadata={"description": "涉及的指标代码"})
    grounds = fields.Text(
        required=True, allow_none=True, metadata={"description": "整体修复、直接判级修复依据的事实"}
    )
    points = fields.Money(required=True, allow_none=True, metadata={"description": "整体修复最多恢复的分数"})
    level_before = fields.Enum(Level, by_value=True, required=True, metadata={"description": "申请时的级别"})
    score_before = fields.Money(required=True, allow_none=True, metadata={"description": "申请时的得分"})
    level_after = fields.Enum(
        Level, by_value=True, required=True, allow_none=True, metadata={"description": "调整后的级别"}
    )
    score_after = fields.Money(required=True, allow_none=True, metadata={"description": "调整后的得分"})
    applied_at = fields.Moment(required=True, metadata={"description": "申请时间"})
    decided_at = fields.Moment(required=True, allow_none=True, metadata={"description": "办结时间"})


AppealPage = page_of(CreditAppealView, "CreditAppealPage")


class CreditAppliedView(CreditAppealView):
    """刚提出的申请。"""

    query_code = fields.Text(required=True, metadata={"description": "查询码，只显示这一次"})
