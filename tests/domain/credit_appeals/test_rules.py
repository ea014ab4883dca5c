"""Who may apply for what until when, and which state may follow which (SM-CREDIT)."""

from datetime import date
from itertools import product

import pytest

from app.domain.accounts.errors import EnterpriseNotBound
from app.domain.accounts.models import AgentRole
from app.domain.credit_appeals import rules
from app.domain.credit_appeals.errors import (
    AppealIllegalMove,
    AppealTooLate,
    NothingToRepair,
    WrongRole,
)
from app.domain.credit_appeals.models import AppealState as S

LEGAL = {
    (S.APPLIED, S.ACCEPTED),
    (S.APPLIED, S.NOT_ACCEPTED),
    (S.APPLIED, S.WITHDRAWN),
    (S.ACCEPTED, S.ADJUSTED),
    (S.ACCEPTED, S.KEPT),
    (S.ACCEPTED, S.WITHDRAWN),
}


@pytest.mark.parametrize(("before", "to"), list(product(S, S)))
def test_only_these_moves_are_legal(before: S, to: S) -> None:
    if (before, to) in LEGAL:
        rules.check_move(before, to)
        return
    with pytest.raises(AppealIllegalMove):
        rules.check_move(before, to)


def test_an_invoice_collector_may_not_apply_and_a_stranger_learns_nothing() -> None:
    for role in rules.MAY_APPLY:
        rules.check_role([role, AgentRole.INVOICE_COLLECTOR])
    with pytest.raises(WrongRole):
        rules.check_role([AgentRole.INVOICE_COLLECTOR])
    with pytest.raises(EnterpriseNotBound):
        rules.check_role([])


def test_a_review_is_asked_for_until_the_next_yearly_rating() -> None:
    rules.check_review(2025, [2025, 2024], date(2027, 4, 30))
    with pytest.raises(AppealTooLate):
        rules.check_review(2025, [2025, 2024], date(2027, 5, 1))
    with pytest.raises(AppealTooLate):
        rules.check_review(2025, [2026, 2025], date(2027, 4, 10))


def test_a_repair_needs_deductions_that_can_all_still_be_repaired() -> None:
    today = date(2026, 6, 1)
    rules.check_repair([date(2026, 6, 1), date(2026, 12, 31)], today)
    for ends in ([], [None], [date(2026, 12, 31), date(2026, 5, 31)]):
        with pytest.raises(NothingToRepair):
            rules.check_repair(ends, today)
