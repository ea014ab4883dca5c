"""A group rule reads as a tree of tests, or is refused naming the place that is wrong."""

from datetime import date
from typing import Any

import pytest

from app.domain.audiences import conditions, judging, rule_book
from app.domain.audiences.conditions import Leaf, OfEnterprise
from app.domain.audiences.errors import InvalidRule
from app.domain.audiences.judging import Facts

GENERAL = {"fact": "taxpayer_type", "is": "general"}
FOLLOWER = {"fact": "is_follower", "is": True}


def test_every_shipped_rule_reads() -> None:
    shipped = rule_book.shipped()
    assert [one["title"] for one in shipped.values()] == [
        "自然人", "个体工商户", "小规模纳税人", "一般纳税人", "出口企业", "房地产、建安", "代理机构、办税员",
        "社保缴费人", "新办企业", "访客",
    ]  # fmt: skip
    for one in shipped.values():
        conditions.read(one["condition"])


def test_a_tree_reads_as_it_is_written() -> None:
    assert conditions.read({"enterprise": GENERAL}) == OfEnterprise(Leaf("taxpayer_type", "is", "general"))


@pytest.mark.parametrize(
    ("tree", "place"),
    [
        ("general", "condition"),
        ({}, "condition"),
        ({"all": []}, "condition.all"),
        ({"any": FOLLOWER}, "condition.any"),
        ({"none": [FOLLOWER]}, "condition.none"),
        ({"not": FOLLOWER, "all": [FOLLOWER]}, "condition"),
        ({"all": [FOLLOWER, GENERAL]}, "condition.all[1]"),  # A fact of enterprises, not of people.
        ({"enterprise": FOLLOWER}, "condition.enterprise"),
        ({"enterprise": {"enterprise": GENERAL}}, "condition.enterprise.enterprise"),
        ({"fact": "is_follower", "is": "yes"}, "condition"),
        ({"fact": "is_follower", "at_least": 1}, "condition"),
        ({"fact": "is_follower"}, "condition"),
        ({"fact": "level", "at_least": "unknown"}, "condition"),
        ({"fact": "enterprise_count", "at_least": True}, "condition"),
        ({"enterprise": {"fact": "industry", "begins_with": ["47%"]}}, "condition.enterprise"),
        ({"enterprise": {"fact": "role", "in": ["boss"]}}, "condition.enterprise"),
    ],
)
def test_a_wrong_tree_names_its_place(tree: Any, place: str) -> None:
    with pytest.raises(InvalidRule) as refused:
        conditions.read(tree)
    assert list(refused.value.fields) == [place]


def test_depth_and_size_are_bounded() -> None:
    deep: dict[str, Any] = FOLLOWER
    for _ in range(8):
        deep = {"not": deep}
    with pytest.raises(InvalidRule):
        conditions.read(deep)
    with pytest.raises(InvalidRule):
        conditions.read({"all": [FOLLOWER] * 51})


def judge(tree: dict[str, Any], *enterprises: dict[str, Any]) -> bool | None:
    return judging.holds(conditions.read(tree), Facts({"is_follower": True}, enterprises), date(2026, 11, 22))


def test_unknown_is_neither_yes_nor_no() -> None:
    tree = {"enterprise": GENERAL}
    assert judge(tree) is False
    assert judge(tree, {"taxpayer_type": None}) is None
    assert judge({"not": tree}, {"taxpayer_type": None}) is None
    assert judge(tree, {"taxpayer_type": None}, {"taxpayer_type": "general"}) is True
    assert judge({"all": [tree, {"fact": "is_follower", "is": False}]}, {"taxpayer_type": None}) is False
    assert judge({"any": [tree, FOLLOWER]}, {"taxpayer_type": None}) is True


@pytest.mark.parametrize(
    ("registered_on", "is_new"),
    [(date(2025, 11, 22), False), (date(2025, 11, 23), True), (date(2026, 11, 22), True)],
)
def test_an_enterprise_is_new_for_twelve_months(registered_on: date, is_new: bool) -> None:
    tree = {"enterprise": {"fact": "registered_on", "within_months": 12}}
    assert judge(tree, {"registered_on": registered_on}) is is_new


@pytest.mark.parametrize(
    ("today", "months", "before"),
    [
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2024, 3, 31), 1, date(2024, 2, 29)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 12, 31), 12, date(2025, 12, 31)),
    ],
)
def test_months_are_counted_as_the_database_does(today: date, months: int, before: date) -> None:
    assert judging.months_before(today, months) == before
