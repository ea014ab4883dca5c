"""The pretend data: believable, of every kind, and the same each time."""

import time
from collections import Counter
from decimal import Decimal

import pytest

from app.domain.invoices.kinds import KINDS
from app.gateways.exchange import demo_data, demo_details, demo_enterprises, demo_ratings
from app.gateways.exchange.credit_contract import RatingFacts
from app.gateways.exchange.invoice_contract import InvoiceState
from app.kit.identity_numbers import uscc_number


def test_thousands_of_invoices_of_every_kind_and_state() -> None:
    invoices = demo_data.invoices().values()
    assert len(invoices) > 5000
    assert {one.kind_code for one in invoices} == set(KINDS)
    assert {one.state for one in invoices} == set(InvoiceState)


def test_what_is_printed_adds_up() -> None:
    for one in list(demo_data.invoices().values())[::50]:
        detail = one.detail
        assert detail == one.detail
        assert detail.amount is not None
        assert detail.tax is not None
        assert detail.total == detail.amount + detail.tax
        assert Decimal(one.amount) in {detail.amount, detail.total}
        assert detail.seller != detail.buyer


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("1130.00", "壹仟壹佰叁拾圆整"),
        ("100.76", "壹佰圆柒角陆分"),
        ("10005.07", "壹万零伍圆零柒分"),
        ("20000.10", "贰万圆壹角整"),
        ("34201.01", "叁万肆仟贰佰零壹圆零壹分"),
        ("0.50", "零圆伍角整"),
    ],
)
def test_amounts_in_words(amount: str, words: str) -> None:
    assert demo_details.in_words(Decimal(amount)) == words


def test_hundreds_of_enterprises_with_valid_codes() -> None:
    found = demo_enterprises.enterprises()
    assert len(found) >= 300
    assert all(uscc_number(code) == code for code in found)
    assert found["91440101MA5DEMQ01M"] == "广州珠江晨光贸易有限公司"


def test_five_years_of_ratings_of_every_level_with_deductions_and_repairs() -> None:
    ratings = [one for code in demo_enterprises.enterprises() for one in demo_ratings.ratings_of(code)]
    assert set(Counter(one.level for one in ratings)) == set("ABMCD")
    assert {one.year for one in ratings} == {2021, 2022, 2023, 2024, 2025}
    assert _shares([one for one in ratings if one.year < 2025]) == {80, 40, 20}
    assert _shares([one for one in ratings if one.year == 2025]) == {100, 80, 60, 40}
    for one in ratings:
        taken = sum((part.points - part.restored for part in one.deductions), Decimal(0))
        assert one.starting_score is not None
        assert one.score == max(Decimal(0), one.starting_score - taken)
        assert all(part.occurred_on.year == one.year for part in one.deductions)


def _shares(ratings: list[RatingFacts]) -> set[int]:
    return {
        int(part.restored * 100 / part.points)
        for one in ratings
        for part in one.deductions
        if part.repaired_on is not None
    }


def test_it_is_made_quickly() -> None:
    took_s = []
    for _ in range(3):
        demo_data.invoices.cache_clear()
        demo_ratings.a_list.cache_clear()
        began = time.thread_time()
        demo_data.invoices()
        demo_ratings.a_list(2025)
        took_s.append(time.thread_time() - began)
    assert min(took_s) < 0.3, "the fastest of three, for other work on the machine slows the others"
