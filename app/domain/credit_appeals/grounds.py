"""What an application rests on: the facts of the rating, judged by its law and of the day they are known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from app.domain.credit_appeals import rules
from app.domain.credit_appeals.errors import AppealInvalid, RepairNotOpen
from app.domain.credit_appeals.models import AppealKind
from app.domain.credit_ratings import repairs, what_if
from app.domain.credit_ratings.queries import OwnRatings, RatedYear
from app.gateways.exchange import Deduction
from app.kit import clock


@dataclass(frozen=True, slots=True)
class Grounds:
    """Codes of the deductions it is about; no breach since ``since_on``, as the authority told then."""

    codes: list[str]
    evidence_at: datetime | None
    since_on: date | None = None
    points: Decimal | None = None


def of(
    kind: AppealKind,
    lines: Sequence[int],
    ratings: OwnRatings,
    rating: RatedYear,
    restored: Mapping[date, Decimal],
) -> Grounds:
    """The grounds of an application about one of the ratings; ``restored`` as ``repairs.overall`` takes it.

    Raises AppealInvalid, AppealTooLate, NothingToRepair or RepairNotOpen.
    """
    if kind in (AppealKind.OVERALL, AppealKind.DIRECT_D):
        return _of_the_whole(kind, lines, ratings, rating, restored)
    chosen = _chosen(lines, rating)
    today = clock.today()
    if kind is AppealKind.REVIEW:
        rules.check_review(rating.year, [one.year for one in ratings.years], today)
    else:
        ends = [what_if.windows(one, rating.year) for one in chosen]
        rules.check_repair([one[-1].until if one else None for one in ends], today)
    return Grounds([one.code for one in chosen], ratings.as_of)


def _of_the_whole(
    kind: AppealKind,
    lines: Sequence[int],
    ratings: OwnRatings,
    rating: RatedYear,
    restored: Mapping[date, Decimal],
) -> Grounds:
    if lines:
        raise AppealInvalid(fields={"lines": ["整体修复和直接判级修复不按单项扣分申请，请不要选择扣分"]})
    if rating.year != ratings.years[0].year:
        raise RepairNotOpen("整体修复和直接判级修复只针对最近一次评价结果，请选择最近的年度")
    if ratings.as_of is None or not rating.has_details:
        raise RepairNotOpen("暂时取不到税务机关的扣分明细，无法核对修复条件，请稍后再试")
    # What was told some days ago shows nothing of the days since.
    known_on = min(clock.today(), ratings.as_of.astimezone(clock.SHANGHAI).date())
    if kind is AppealKind.OVERALL:
        found = repairs.overall(rating, known_on, restored)
    else:
        found = repairs.direct_d(rating, known_on)
    if found.obstacle:
        raise RepairNotOpen(found.obstacle)
    return Grounds(
        [one.code for one in rating.deductions],
        ratings.as_of,
        found.since,
        found.points if kind is AppealKind.OVERALL else None,
    )


def _chosen(lines: Sequence[int], rating: RatedYear) -> Sequence[Deduction]:
    wrong = [number for number in lines if not 1 <= number <= len(rating.deductions)]
    if wrong:
        raise AppealInvalid(fields={"lines": [f"没有第 {wrong[0]} 项扣分，请核对序号"]})
    return [rating.deductions[number - 1] for number in dict.fromkeys(lines)]
