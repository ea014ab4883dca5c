"""Pure rules of applications: who may ask for what until when, and which state may follow which."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from app.domain.accounts.errors import EnterpriseNotBound
from app.domain.accounts.models import AgentRole
from app.domain.credit_appeals.errors import (
    AppealIllegalMove,
    AppealInvalid,
    AppealTooLate,
    NothingToRepair,
    WrongRole,
)
from app.domain.credit_appeals.models import AppealKind
from app.domain.credit_appeals.models import AppealState as S
from app.domain.credit_ratings.rule_sets import Level
from app.domain.credit_ratings.rules import review_until

MAY_APPLY: Final = frozenset({AgentRole.LEGAL_REPRESENTATIVE, AgentRole.FINANCE_OFFICER, AgentRole.TAX_AGENT})
"""Who may apply for an enterprise."""

MOVES: Final[Mapping[S, frozenset[S]]] = {
    S.APPLIED: frozenset({S.ACCEPTED, S.NOT_ACCEPTED, S.WITHDRAWN}),
    S.ACCEPTED: frozenset({S.ADJUSTED, S.KEPT, S.WITHDRAWN}),
}
"""Legal moves (SM-CREDIT); a state without an entry is final."""


def check_role(roles: Collection[AgentRole]) -> None:
    """Raise EnterpriseNotBound for no role at all, WrongRole if none of them may apply."""
    if not roles:
        raise EnterpriseNotBound
    if not MAY_APPLY & set(roles):
        raise WrongRole


def check_review(year: int, years: Sequence[int], today: date) -> None:
    """复核 is asked for until the next yearly rating. Raises AppealTooLate."""
    if today > review_until(year) or any(other > year for other in years):
        raise AppealTooLate


def check_repair(last_days: Collection[date | None], today: date) -> None:
    """Each deduction must still be repairable; ``None`` is one that never is. Raises NothingToRepair."""
    if not last_days or any(last is None or today > last for last in last_days):
        raise NothingToRepair


def check_result(
    kind: AppealKind, level: Level, score: Decimal | None, *, stands: Decimal | None, points: Decimal | None
) -> None:
    """A repair brings no more than it rests on: ``points`` above the score that stands now, and from a direct
    D no A. Raises AppealInvalid.
    """
    if kind is AppealKind.DIRECT_D and level is Level.A:
        raise AppealInvalid(fields={"level": ["直接判级修复后不得评为 A 级"]})
    if kind is AppealKind.OVERALL and stands is not None and points is not None:
        most = stands + points
        if score is None or not stands <= score <= most:
            raise AppealInvalid(
                fields={"score": [f"整体修复最多恢复 {points} 分，得分应在 {stands} 到 {most} 之间"]}
            )


def check_move(before: S, to: S) -> None:
    """Raise AppealIllegalMove unless one state may follow the other."""
    if to not in MOVES.get(before, frozenset()):
        raise AppealIllegalMove
