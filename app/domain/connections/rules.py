"""Which step a connection or a sharing duty may take next (SM-CONN): pure, in the order one would ask."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from app.domain.connections.errors import BadCensus, BadDuty, BadStep, DutyNotAt, NotNow, NotThrough
from app.domain.connections.models import (
    ConnectionCategory,
    ConnectionState,
    DutyState,
    DutyTerms,
    Network,
)

LONGEST_DOCUMENT: Final = 80
LONGEST_NOTE: Final = 500
_LONGEST_CONDITION: Final = 200
MOST_ITEMS: Final = 10_000
MOST_COST: Final = Decimal("9999999999.99")

_ITEM_CODE = re.compile(r"[0-9A-Z]{10,33}")
"""基本编码 10 or 12, 实施编码 24 or 31, 业务办理项编码 33 signs."""

_S, _C = ConnectionState, ConnectionCategory

STEPS: Final[Mapping[ConnectionState, frozenset[ConnectionState]]] = {
    _S.SURVEYED: frozenset({_S.CLASSIFIED}),
    _S.CLASSIFIED: frozenset({_S.CLASSIFIED, _S.INTEGRATING, _S.QUOTED, _S.FOLLOWING, _S.REPORTED}),
    _S.INTEGRATING: frozenset({_S.TESTING}),
    _S.TESTING: frozenset({_S.LIVE}),
    _S.LIVE: frozenset({_S.DEGRADED}),
    _S.DEGRADED: frozenset({_S.LIVE, _S.OFFLINE}),
    _S.OFFLINE: frozenset(),
    _S.QUOTED: frozenset({_S.FUNDED}),
    _S.FUNDED: frozenset({_S.CLASSIFIED}),
    _S.FOLLOWING: frozenset({_S.FOLLOWING, _S.CLASSIFIED}),
    _S.REPORTED: frozenset({_S.RECHECK}),
    _S.RECHECK: frozenset({_S.RECHECK, _S.CLASSIFIED}),
}
"""SM-CONN: where each state may lead."""

WAY: Final = (_S.INTEGRATING, _S.TESTING, _S.LIVE, _S.DEGRADED, _S.OFFLINE)
"""What classes ① and ② go through."""

_CONNECTABLE = frozenset({_C.DIRECT, _C.AGREED})
CLASSES_OF: Final[Mapping[ConnectionState, frozenset[ConnectionCategory]]] = {
    _S.SURVEYED: frozenset(),
    _S.CLASSIFIED: frozenset(_C),
    **dict.fromkeys(WAY, _CONNECTABLE),
    **dict.fromkeys((_S.QUOTED, _S.FUNDED), frozenset({_C.COST_OPEN})),
    _S.FOLLOWING: frozenset({_C.PROVINCE_FIRST}),
    **dict.fromkeys((_S.REPORTED, _S.RECHECK), frozenset({_C.DECLINED})),
}
"""Which classes a state belongs to; a system not yet classified has none."""

DECIDABLE: Final[Mapping[ConnectionState, frozenset[ConnectionCategory]]] = {
    _S.SURVEYED: frozenset(_C),
    _S.CLASSIFIED: frozenset(_C),  # As long as nothing has begun, the office may decide anew.
    _S.FUNDED: frozenset({_C.AGREED}),
    _S.FOLLOWING: frozenset({_C.AGREED}),
    _S.RECHECK: frozenset({_C.AGREED, _C.PROVINCE_FIRST}),
}
"""Which classes may be decided where a connection stands."""

HAS_DEADLINE: Final = frozenset({_C.AGREED, _C.COST_OPEN})
"""限时接入 and 限时落实; of class ① one may be set."""
HAS_CHECK: Final = frozenset({_C.PROVINCE_FIRST, _C.DECLINED})

DUTY_STEPS: Final[Mapping[DutyState, frozenset[DutyState]]] = {
    DutyState.LISTED: frozenset({DutyState.OPENED, DutyState.OVERDUE}),
    DutyState.OPENED: frozenset({DutyState.SERVING, DutyState.OVERDUE}),
    DutyState.OVERDUE: frozenset({DutyState.SERVING}),
    DutyState.SERVING: frozenset(),
}


@dataclass(frozen=True, slots=True)
class SystemFacts:
    """What the census asks of a system; it serves the items of ``item_codes`` and so many more."""

    department: str
    name: str
    network: Network
    vendor: str | None = None
    database: str | None = None
    interface: str | None = None
    item_codes: tuple[str, ...] = ()
    uncoded_items: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """The class a document gives a connection, with the dates that class needs."""

    category: ConnectionCategory
    document_number: str
    due_on: date | None = None
    next_check_on: date | None = None


@dataclass(frozen=True, slots=True)
class DutyFacts:
    """A line of the list of duties."""

    supplier: str
    data: str
    due_on: date
    terms: DutyTerms
    document_number: str
    condition: str | None = None


def faults_of(facts: SystemFacts) -> dict[str, list[str]]:
    """What is wrong with a system as told, by the column of a census file."""
    lengths = (
        ("主管部门", facts.department, 1, 80),
        ("系统名称", facts.name, 1, 100),
        ("承建厂商", facts.vendor or "", 0, 80),
        ("数据库", facts.database or "", 0, 80),
        ("接口", facts.interface or "", 0, 200),
    )
    faults = {
        column: [f"应为 {least} 到 {most} 个字"]
        for column, text, least, most in lengths
        if not least <= len(text.strip()) or len(text) > most
    }
    if wrong := [code for code in facts.item_codes if not _ITEM_CODE.fullmatch(code)]:
        faults["事项编码"] = [f"{wrong[0][:40]} 不是事项编码，应为 10 到 33 位数字和大写字母"]
    if not 0 <= facts.uncoded_items <= MOST_ITEMS or len(facts.item_codes) > MOST_ITEMS:
        faults["事项数"] = [f"应不少于所列编码的个数，不超过 {MOST_ITEMS}"]
    return faults


def check_facts(facts: SystemFacts) -> None:
    """Raises BadCensus, naming each column."""
    if faults := faults_of(facts):
        raise BadCensus(fields=faults)


def check_step(state: ConnectionState, category: ConnectionCategory | None, to: ConnectionState) -> None:
    """A step within a class. Raises NotNow, saying where the connection stands."""
    if to not in STEPS[state] or category not in CLASSES_OF[to]:
        raise NotNow(_stands_at(state, category))


def check_way(state: ConnectionState, category: ConnectionCategory | None, to: ConnectionState) -> None:
    """A step towards being live, or away from it; other steps need more words. Raises NotNow."""
    if to not in WAY:
        raise NotNow(_stands_at(state, category))
    check_step(state, category, to)


def check_may_decide(state: ConnectionState, category: ConnectionCategory | None, to: Decision) -> None:
    """A class given or changed. Raises NotNow, or BadStep for what the class needs."""
    if to.category not in DECIDABLE.get(state, frozenset()):
        raise NotNow(_stands_at(state, category))
    if faults := faults_of_decision(to):
        raise BadStep(fields=faults)


def faults_of_decision(told: Decision) -> dict[str, list[str]]:
    """What a class lacks, by the column of a census file."""
    faults: dict[str, list[str]] = {}
    if not _is_said(told.document_number, LONGEST_DOCUMENT):
        faults["文号"] = [f"定类或变更类别须写明文号，不超过 {LONGEST_DOCUMENT} 个字"]
    if told.due_on is None and told.category in HAS_DEADLINE:
        faults["期限"] = [f"{told.category.words}须写明期限"]
    if told.next_check_on is None and told.category in HAS_CHECK:
        faults["下次跟进"] = [f"{told.category.words}须写明下次跟进的日期"]
    if told.due_on is not None and told.category in HAS_CHECK:
        faults["期限"] = [f"{told.category.words}没有期限，请改填下次跟进的日期"]
    if told.next_check_on is not None and told.category not in HAS_CHECK:
        faults["下次跟进"] = [f"{told.category.words}不需要跟进日期，请改填期限"]
    return faults


@dataclass(frozen=True, slots=True)
class OpenSteps:
    """What may be done next with a connection: classes it may be given, states it may take."""

    classes: tuple[ConnectionCategory, ...]
    states: frozenset[ConnectionState]

    @property
    def way(self) -> tuple[ConnectionState, ...]:
        """Those of classes ① and ②, in their order."""
        return tuple(state for state in WAY if state in self.states)


def open_steps(state: ConnectionState, category: ConnectionCategory | None) -> OpenSteps:
    """What ``check_step`` and ``check_may_decide`` let through where a connection stands."""
    states = frozenset(
        to for to in STEPS[state] if to is not ConnectionState.CLASSIFIED and category in CLASSES_OF[to]
    )
    return OpenSteps(tuple(sorted(DECIDABLE.get(state, ()))), states)


def check_through(state: ConnectionState, *, is_through: bool) -> None:
    """三通: a connection is live only with all three ticks. Raises NotThrough."""
    if state is ConnectionState.LIVE and not is_through:
        raise NotThrough


def check_words(**given: tuple[str, int]) -> None:
    """Each text is there and not longer than its measure. Raises BadStep."""
    faults = {
        name: [f"应为 1 到 {most} 个字"] for name, (text, most) in given.items() if not _is_said(text, most)
    }
    if faults:
        raise BadStep(fields=faults)


def check_cost(cost: Decimal) -> None:
    """Yuan and fen. Raises BadStep."""
    if not cost.is_finite() or not 0 <= cost <= MOST_COST or cost != cost.quantize(Decimal("0.01")):
        raise BadStep(fields={"费用": ["应为不超过两位小数的金额（元）"]})


def check_ahead(next_check_on: date, today: date) -> None:
    """Whoever has just asked asks again on a later day. Raises BadStep."""
    if next_check_on <= today:
        raise BadStep(fields={"下次跟进": ["应为今天以后的日期"]})


def check_duty(facts: DutyFacts) -> None:
    """Raises BadDuty."""
    lengths = (
        ("数源部门", facts.supplier, 80),
        ("数据项", facts.data, 100),
        ("清单文号", facts.document_number, LONGEST_DOCUMENT),
    )
    faults = {name: [f"应为 1 到 {most} 个字"] for name, text, most in lengths if not _is_said(text, most)}
    is_conditional = facts.terms is DutyTerms.CONDITIONAL
    if is_conditional != bool(facts.condition) or (
        facts.condition and not _is_said(facts.condition, _LONGEST_CONDITION)
    ):
        faults["共享条件"] = ["有条件共享须写明条件，不超过 200 个字；无条件共享不写"]
    if faults:
        raise BadDuty(fields=faults)


def check_duty_step(state: DutyState, to: DutyState) -> None:
    """Raises DutyNotAt, saying where the duty stands."""
    if to not in DUTY_STEPS[state]:
        raise DutyNotAt(f"这项共享责任目前是“{state.words}”，不能这样处理")


def check_may_refuse(state: DutyState) -> None:
    """Who shares already does not refuse any more. Raises DutyNotAt."""
    if state is DutyState.SERVING:
        raise DutyNotAt("这项数据已在共享，不能再提出不予共享")


def _is_said(text: str, most: int) -> bool:
    """Blanks say nothing."""
    return bool(text.strip()) and len(text) <= most


def _stands_at(state: ConnectionState, category: ConnectionCategory | None) -> str:
    class_ = f"（{category.words}）" if category else ""
    return f"对接目前是“{state.words}”{class_}，不能这样处理，请先查看它的进度"
