"""A census as offices hand it in: a table of systems, each with its class if it has one."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, TypeVar

from app.domain.connections import rules
from app.domain.connections.errors import BadCensus
from app.domain.connections.models import ConnectionCategory, Network
from app.domain.connections.rules import Decision, SystemFacts
from app.kit import tables

REQUIRED: Final = ("主管部门", "系统名称", "所在网络")
OPTIONAL: Final = (
    "承建厂商",
    "数据库",
    "接口",
    "事项编码",
    "事项数",
    "对接类别",
    "文号",
    "期限",
    "下次跟进",
)

_MOST_BYTES: Final = 5 * 2**20
_MOST_ROWS: Final = 5000
_MOST_FAULTS: Final = 50

_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_BETWEEN = re.compile(r"[\s、，,；;]+")
_NETWORKS: Final = {one.words: one for one in Network}
T = TypeVar("T")

_SIGNS: Final[Mapping[str, ConnectionCategory]] = {
    sign: one for one in ConnectionCategory for sign in (str(one.value), one.words[0], one.words)
}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a census: a system, and its class if the file tells one."""

    row: int
    facts: SystemFacts
    decision: Decision | None


def read(path: Path) -> list[Line]:
    """The rows of a census file, checked. Raises TableRefused, or BadCensus naming each row."""
    rows = tables.rows_of(path, most_bytes=_MOST_BYTES)
    titles = _titles(next(rows, ()))
    lines: list[Line] = []
    faults: dict[str, list[str]] = {}
    seen: dict[tuple[str, str], int] = {}
    for number, cells in enumerate(rows, start=tables.first_row(path)):
        if number > _MOST_ROWS + 1:
            raise BadCensus(fields={"文件": [f"一次最多 {_MOST_ROWS} 行，请分成几份"]})
        if not any(cells):
            continue
        row = _Row(titles, cells)
        line = _line(number, row)
        if line is not None:
            before = seen.setdefault((line.facts.department, line.facts.name), number)
            row.add({} if before == number else {"系统名称": [f"与第 {before} 行是同一个系统"]})
            lines.append(line)
        if row.faults and len(faults) < _MOST_FAULTS:
            faults[f"第 {number} 行"] = [f"{title}：{'；'.join(why)}" for title, why in row.faults.items()]
    if faults or not lines:
        raise BadCensus(fields=faults or {"文件": ["没有一行系统"]})
    return lines


def _titles(heading: Sequence[tables.Cell]) -> list[str]:
    titles = [cell.strip() if isinstance(cell, str) else "" for cell in heading]
    missing = [title for title in REQUIRED if title not in titles]
    unknown = [title for title in titles if title and title not in REQUIRED + OPTIONAL]
    doubled = sorted({title for title in titles if title and titles.count(title) > 1})
    faults = [
        f"{words}：{'、'.join(found)}"
        for words, found in (("缺少列", missing), ("不认识的列", unknown), ("重复的列", doubled))
        if found
    ]
    if faults:
        raise BadCensus(fields={"列": faults, "应有的列": ["、".join(REQUIRED + OPTIONAL)]})
    return titles


class _Row:
    """The cells of a row by their titles, and what is wrong with them."""

    def __init__(self, titles: Sequence[str], cells: Sequence[tables.Cell]) -> None:
        self.faults: dict[str, list[str]] = {}
        self._told: dict[str, str] = {}
        for title, cell in zip(titles, cells, strict=False):
            if isinstance(cell, tables.Oddity):
                self.faults[title] = [cell.value]
            elif title:
                self._told[title] = cell.strip()

    def text(self, title: str) -> str:
        return self._told.get(title, "")

    def take(self, title: str, reader: Callable[[str], T]) -> T | None:
        """What a cell says; ``None`` if it is empty or wrong."""
        try:
            return reader(self.text(title)) if self.text(title) else None
        except ValueError as bad:
            self.faults[title] = [str(bad)]
            return None

    def add(self, faults: Mapping[str, list[str]]) -> None:
        """Further faults; of a column that has one already the first is told."""
        self.faults = {**faults, **self.faults}


def _line(number: int, row: _Row) -> Line | None:
    """The system a row tells of, or ``None`` with the row's faults."""
    network, items = row.take("所在网络", _network), row.take("事项数", _number)
    codes = row.take("事项编码", _codes) or ()
    facts = SystemFacts(
        department=row.text("主管部门"),
        name=row.text("系统名称"),
        network=network or Network.GOVERNMENT,
        vendor=row.text("承建厂商") or None,
        database=row.text("数据库") or None,
        interface=row.text("接口") or None,
        item_codes=codes,
        uncoded_items=0 if items is None else items - len(codes),
    )
    decision = _decision(row)
    row.add({} if network else {"所在网络": ["请填写"]})
    row.add(rules.faults_of(facts))
    row.add(rules.faults_of_decision(decision) if decision else {})
    return None if row.faults else Line(number, facts, decision)


def _decision(row: _Row) -> Decision | None:
    category, document_number = row.take("对接类别", _category), row.text("文号")
    due_on, next_check_on = row.take("期限", _day), row.take("下次跟进", _day)
    if category is not None:
        return Decision(category, document_number, due_on, next_check_on)
    if document_number or due_on or next_check_on:
        row.add({"对接类别": ["写了文号或日期，须同时写明类别"]})
    return None


def _codes(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for code in _BETWEEN.split(text) if code))


def _network(text: str) -> Network:
    if text not in _NETWORKS:
        raise ValueError(f"应为 {'、'.join(_NETWORKS)} 之一")
    return _NETWORKS[text]


def _category(text: str) -> ConnectionCategory:
    if text not in _SIGNS:
        raise ValueError("应为 ① 到 ⑤，或 1 到 5")
    return _SIGNS[text]


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 6:
        raise ValueError("应为整数")
    return int(text)


def _day(text: str) -> date:
    if found := _DATE.fullmatch(text):
        with suppress(ValueError):
            return date(*map(int, found.groups()))
    raise ValueError("应为日期，如 2026-12-31")
