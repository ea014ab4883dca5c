"""The condition of a group rule: a small tree over facts we have, read from data and refused if it is wrong.

``{"all": […]}``, ``{"any": […]}``, ``{"not": {…}}`` join conditions. ``{"enterprise": {…}}`` holds if the
person acts for an enterprise of which the inner one holds. A leaf names a fact and one test of it:
``{"fact": "registered_on", "within_months": 12}``.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.domain.accounts.models import AgentRole, IdentityLevel
from app.domain.audiences.errors import InvalidRule
from app.domain.audiences.models import TaxpayerType

_DEEPEST: Final = 8
_MOST_LEAVES: Final = 50

_CODE = re.compile(r"[0-9]{2,12}")


@dataclass(frozen=True, slots=True)
class FactKind:
    """A fact a leaf may name: what it is called, and the tests it takes, each with its check of values."""

    title: str
    tests: Mapping[str, Callable[[Any], bool]]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One fact and what is asked of it."""

    fact: str
    test: str
    value: Any


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Condition"


@dataclass(frozen=True, slots=True)
class OfEnterprise:
    """Holds if the person acts for an enterprise of which ``part`` holds."""

    part: "Condition"


Condition = Leaf | AllOf | AnyOf | Not | OfEnterprise


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return type(value) is int and 0 <= value <= 1200


def _one_of(known: Sequence[str]) -> Callable[[Any], bool]:
    return lambda value: value in known


def _some_of(known: Sequence[str]) -> Callable[[Any], bool]:
    return lambda value: _is_list(value) and all(one in known for one in value)


def _are_codes(value: Any) -> bool:
    return _is_list(value) and all(isinstance(one, str) and bool(_CODE.fullmatch(one)) for one in value)


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and 0 < len(value) <= 100


_YES_OR_NO: Final = {"is": _is_bool}

PERSON_FACTS: Final[Mapping[str, FactKind]] = {
    "level": FactKind("身份等级", {"at_least": _one_of(list(IdentityLevel))}),
    "is_follower": FactKind("关注公众号", _YES_OR_NO),
    "has_logged_in": FactKind("登录过", _YES_OR_NO),
    "enterprise_count": FactKind("绑定企业数", {"at_least": _is_number}),
}
"""What is always known of a person; times and days are those of the moment the rule is applied."""

ENTERPRISE_FACTS: Final[Mapping[str, FactKind]] = {
    "role": FactKind("办税身份", {"in": _some_of(list(AgentRole))}),
    "taxpayer_type": FactKind("纳税人类型", {"is": _one_of(list(TaxpayerType))}),
    "is_exporter": FactKind("出口企业", _YES_OR_NO),
    "is_individual": FactKind("个体工商户", _YES_OR_NO),
    "pays_social_insurance": FactKind("缴纳社会保险费", _YES_OR_NO),
    "industry": FactKind("行业", {"begins_with": _are_codes}),
    "registered_on": FactKind("成立日期", {"within_months": _is_number}),
    "region_code": FactKind("登记地", {"begins_with": _are_codes}),
}
"""What may be known of an enterprise a person acts for; any of it but the role may be unknown."""


def read(tree: object) -> Condition:
    """The condition of a tree of plain data. Raises InvalidRule naming the place that is wrong."""
    condition = _read(tree, "condition", PERSON_FACTS, 1)
    if sum(1 for _ in leaves(condition)) > _MOST_LEAVES:
        raise InvalidRule(fields={"condition": [f"一条规则最多 {_MOST_LEAVES} 个条件"]})
    return condition


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Every test of a fact in it."""
    match condition:
        case Leaf():
            yield condition
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from leaves(part)
        case Not(part) | OfEnterprise(part):
            yield from leaves(part)


def _read(tree: object, place: str, known: Mapping[str, FactKind], depth: int) -> Condition:
    if depth > _DEEPEST:
        raise _wrong(place, f"条件最多嵌套 {_DEEPEST} 层")
    if not isinstance(tree, Mapping):
        raise _wrong(place, "应为一个条件")
    if "fact" in tree:
        return _leaf(tree, place, known)
    if len(tree) != 1:
        raise _wrong(place, "应恰有 all、any、not、enterprise、fact 之一")
    (word, inner), *_ = tree.items()
    place = f"{place}.{word}"
    match word:
        case "all" | "any":
            if not _is_list(inner):
                raise _wrong(place, "应为至少一个条件的列表")
            parts = tuple(_read(one, f"{place}[{n}]", known, depth + 1) for n, one in enumerate(inner))
            return AllOf(parts) if word == "all" else AnyOf(parts)
        case "not":
            return Not(_read(inner, place, known, depth + 1))
        case "enterprise" if known is PERSON_FACTS:
            return OfEnterprise(_read(inner, place, ENTERPRISE_FACTS, depth + 1))
        case _:
            raise _wrong(place, "这里不能用这个词")


def _leaf(tree: Mapping[Any, Any], place: str, known: Mapping[str, FactKind]) -> Leaf:
    kind = known.get(str(tree["fact"]))
    if kind is None:
        raise _wrong(place, f"fact 应为 {'、'.join(known)} 之一")
    tests = [word for word in tree if word != "fact"]
    if len(tests) != 1 or tests[0] not in kind.tests:
        raise _wrong(place, f"{tree['fact']} 只能用 {'、'.join(kind.tests)}")
    if not kind.tests[tests[0]](tree[tests[0]]):
        raise _wrong(place, f"{tests[0]} 的取值有误")
    return Leaf(str(tree["fact"]), tests[0], tree[tests[0]])


def _wrong(place: str, why: str) -> InvalidRule:
    return InvalidRule(fields={place: [why]})
