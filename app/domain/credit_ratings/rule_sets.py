"""The laws by which tax credit is rated, as data: one rule set for each, chosen by the rating year.

Sources: 纳税信用管理办法（试行）, 税务总局公告 2014 年第 40 号 with 2019 年第 37 号, 2020 年第 15 号 and
2021 年第 31 号, for the years up to 2024; 纳税缴费信用管理办法, 税务总局公告 2025 年第 12 号, from 2025 on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final


class Level(StrEnum):
    """信用级别."""

    A = "A"
    B = "B"
    M = "M"
    C = "C"
    D = "D"


class Breach(StrEnum):
    """The common 失信行为 that cost points."""

    LATE_FILING = "late_filing"  # 逾期申报
    LATE_PAYMENT = "late_payment"  # 逾期缴款
    STATEMENTS = "financial_statements"  # 财务报表
    ACCOUNTS = "bank_accounts"  # 账户等严重类


class NeverA(StrEnum):
    """Facts with which an enterprise is not rated A, whatever its score."""

    YOUNGER_THAN_THREE_YEARS = "younger_than_three_years"
    D_LAST_YEAR = "d_last_year"
    NO_VAT_PAYABLE = "no_vat_payable"
    BOOKS_NOT_SOUND = "books_not_sound"
    DIRECT_D_TWO_YEARS_AGO = "direct_d_two_years_ago"
    OTHER = "other"

    @classmethod
    def _missing_(cls, value: object) -> "NeverA":
        """An authority may tell what stands in no list of ours; it forbids an A all the same."""
        del value
        return cls.OTHER


class DirectD(StrEnum):
    """Facts by which an enterprise is rated D, whatever its score (直接判级)."""

    TAX_CRIME = "tax_crime"
    EVASION = "evasion"
    UNPAID_AFTER_DECISION = "unpaid_after_decision"
    VIOLENT_REFUSAL = "violent_refusal"
    FALSE_MATERIAL = "false_material"
    SERIOUS_OFFENDER = "serious_offender"
    LINKED_TO_D = "linked_to_d"
    OTHER = "other"

    @classmethod
    def _missing_(cls, value: object) -> "DirectD":
        """See ``NeverA``."""
        del value
        return cls.OTHER


class StartingScore(StrEnum):
    """By what is known of an enterprise, from how many points its year begins."""

    COMPLETE = "complete"  # 经常性和非经常性指标信息齐全
    NO_OCCASIONAL = "no_occasional"  # 缺非经常性指标信息
    RECURRING_INCOMPLETE = "recurring_incomplete"  # 经常性指标信息不齐


NEVER_A_WORDS: Final[Mapping[NeverA, str]] = {
    NeverA.YOUNGER_THAN_THREE_YEARS: "实际生产经营期不满 3 年",
    NeverA.D_LAST_YEAR: "上一评价年度为 D 级",
    NeverA.NO_VAT_PAYABLE: "非正常原因增值税应纳税额连续 3 个月或累计 6 个月为 0",
    NeverA.BOOKS_NOT_SOUND: "不能按规定设置账簿并准确核算",
    NeverA.DIRECT_D_TWO_YEARS_AGO: "直接判为 D 级后的第三年",
    NeverA.OTHER: "税务机关认定的其他不得评为 A 级的情形",
}
"""Why an enterprise is not rated A, as it reads it."""
DIRECT_D_WORDS: Final[Mapping[DirectD, str]] = {
    DirectD.TAX_CRIME: "存在涉税犯罪行为",
    DirectD.EVASION: "偷税 10 万元以上且占应纳税额 10% 以上",
    DirectD.UNPAID_AFTER_DECISION: "未在规定期限内按税务处理决定足额缴纳",
    DirectD.VIOLENT_REFUSAL: "以暴力、威胁方法拒不缴纳或拒绝检查",
    DirectD.FALSE_MATERIAL: "提供虚假材料享受优惠或骗取退税",
    DirectD.SERIOUS_OFFENDER: "被确定为重大税收违法失信主体",
    DirectD.LINKED_TO_D: "由 D 级企业的直接责任人注册登记或负责经营",
    DirectD.OTHER: "税务机关认定的其他严重失信情形",
}
"""Why an enterprise is rated D whatever its score, as it reads it."""
BREACH_WORDS: Final[Mapping[Breach, str]] = {
    Breach.LATE_FILING: "未按规定期限申报",
    Breach.LATE_PAYMENT: "未按规定期限缴款",
    Breach.STATEMENTS: "未按规定期限报送财务报表",
    Breach.ACCOUNTS: "未按规定报告银行账户等严重事项",
}

LEAST_SCORES: Final[Mapping[Level, Decimal]] = {
    Level.A: Decimal(90),
    Level.B: Decimal(70),
    Level.C: Decimal(40),
    Level.D: Decimal(0),
}
"""The least score of each level that a score gives, the best first; the same in both laws."""

_COMMON_POINTS: Final[Mapping[Breach, Decimal]] = {
    Breach.LATE_FILING: Decimal(5),
    Breach.LATE_PAYMENT: Decimal(5),
    Breach.STATEMENTS: Decimal(3),
    Breach.ACCOUNTS: Decimal(11),
}


@dataclass(frozen=True, slots=True)
class RepairStep:
    """So much of the points comes back for a correction at most ``days`` after the breach.

    Without ``days`` it is any later day of the year that lies ``years_later`` after the breach's.
    """

    percent: int
    days: int | None = None
    years_later: int = 0


@dataclass(frozen=True, slots=True)
class OverallRepair:
    """整体修复: points for each full month without a breach, once there were enough of them."""

    least_months: int
    points_a_month: Decimal
    most_points: Decimal


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One law: what is deducted, what comes back, and what a D brings.

    ``direct_d_waits`` are the months without a breach that may be asked for before a direct D is
    repaired; which of them holds is found by the authority from the case. ``extra_after_d`` is deducted in
    the year after a D by score, from ``extra_since`` (rating year of the D) on.
    """

    name: str
    law: str
    starting_scores: Mapping[StartingScore, Decimal]
    points: Mapping[Breach, Decimal]
    counted_by: Mapping[Breach, str]
    repair_steps: tuple[RepairStep, ...]
    overall: OverallRepair | None
    direct_d_waits: tuple[int, ...]
    direct_d_years: int
    extra_after_d: Decimal
    extra_since: int


LAW_2014: Final = RuleSet(
    name="2014",
    law="纳税信用管理办法（试行）（税务总局公告 2014 年第 40 号）",
    starting_scores={
        StartingScore.COMPLETE: Decimal(100),
        StartingScore.NO_OCCASIONAL: Decimal(90),
        StartingScore.RECURRING_INCOMPLETE: Decimal(90),
    },
    points=_COMMON_POINTS,
    counted_by={Breach.LATE_FILING: "次", Breach.LATE_PAYMENT: "次", Breach.STATEMENTS: "次"},
    repair_steps=(RepairStep(80, days=30), RepairStep(40), RepairStep(20, years_later=1)),
    overall=None,
    direct_d_waits=(3, 6, 12),
    direct_d_years=2,
    extra_after_d=Decimal(11),
    extra_since=2020,
)
LAW_2025: Final = RuleSet(
    name="2025",
    law="纳税缴费信用管理办法（税务总局公告 2025 年第 12 号）",
    starting_scores={
        StartingScore.COMPLETE: Decimal(100),
        StartingScore.NO_OCCASIONAL: Decimal(93),
        StartingScore.RECURRING_INCOMPLETE: Decimal(90),
    },
    points=_COMMON_POINTS,
    counted_by={Breach.LATE_FILING: "月", Breach.LATE_PAYMENT: "次", Breach.STATEMENTS: "次"},
    repair_steps=(
        RepairStep(100, days=3),
        RepairStep(80, days=30),
        RepairStep(60),
        RepairStep(40, years_later=1),
    ),
    overall=OverallRepair(least_months=6, points_a_month=Decimal(1), most_points=Decimal(11)),
    direct_d_waits=(3, 6, 12),
    direct_d_years=2,
    extra_after_d=Decimal(11),
    extra_since=2020,
)

FIRST_YEAR: Final = 2014
"""The first rating year of the first law."""
_SINCE: Final[tuple[tuple[int, RuleSet], ...]] = ((2025, LAW_2025), (FIRST_YEAR, LAW_2014))


def rule_set_of(year: int) -> RuleSet:
    """The law under which a year is rated; years before the first law are read by it too."""
    return next((rules for since, rules in _SINCE if year >= since), LAW_2014)


MEANINGS: Final[Mapping[Level, str]] = {
    Level.A: "列入公布名单，可享领票、退税等便利和联合激励",
    Level.B: "守信，按规定享受便利",
    Level.M: "新办或暂无收入且未失信，按规定享受便利",
    Level.C: "领票和退税从严管理",
    Level.D: "列入重点监管，领票、退税和评价从严限制",
}
"""What each level brings, in one sentence."""

EFFECTS: Final[Mapping[Level, tuple[str, ...]]] = {
    Level.A: (
        "名单向社会公布",
        "普通发票按需领用，一次可领 3 个月用量",
        "出口退税和涉税事项走绿色通道或专人协助",
        "与其他部门联合激励",
    ),
    Level.B: ("税务机关正常管理，视信用变化提供激励",),
    Level.M: ("取消增值税专用发票认证，税务机关开展辅导",),
    Level.C: ("税务机关从严管理，视信用变化采取管理措施",),
    Level.D: (
        "增值税专用发票按辅导期管理，普通发票交旧领新、限量供应",
        "出口退税从严审核",
        "缩短评估周期，列入重点监控",
        "与其他部门联合惩戒",
    ),
}
"""What each level brings, point by point."""
