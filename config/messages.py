"""The message list ``messages.toml`` as typed, frozen objects, refused as a whole if any of it is wrong."""

import re
import string
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeGuard

FILE = Path(__file__).with_name("messages.toml")

LANES = {"urgent": 0, "normal": 1, "bulk": 2}
_KEY = re.compile(r"([a-z_]+?)\d+")
_TEMPLATE_ID = re.compile(r"[0-9A-Za-z_-]{8,64}")
_MOST_LINES = 5  # Of a category template 类目模板 and of a subscribe message alike.


class BadMessages(Exception):
    """The message list cannot be used; ``faults`` names every place and what is wrong with it."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("消息配置 messages.toml 有误：\n" + "\n".join(f"  - {fault}" for fault in faults))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a card; ``text`` holds placeholders such as ``{number}``.

    ``choices`` are the values WeChat approved for an enumerated field; empty for all others.
    """

    label: str
    key: str
    mp_key: str
    text: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageKind:
    """A kind of message: its templates, its urgency and its wording."""

    name: str
    version: int
    lane: int
    title: str
    template_id: str
    mp_template_id: str
    page: str
    lines: tuple[Line, ...]

    @property
    def placeholders(self) -> frozenset[str]:
        """The names of everything that is filled in."""
        return frozenset(
            name for text in (self.page, *(line.text for line in self.lines)) for name in placeholders(text)
        )


@lru_cache(maxsize=1)
def current() -> Mapping[str, MessageKind]:
    """The messages of this installation, by kind. Raises BadMessages."""
    return load(FILE)


def load(path: Path) -> Mapping[str, MessageKind]:
    """Read a message list. Raises BadMessages with every fault of it."""
    faults: list[str] = []
    kinds: dict[str, MessageKind] = {}
    try:
        given = tomllib.loads(path.read_text("utf-8")).get("messages", {})
    except (OSError, ValueError) as unreadable:
        raise BadMessages([str(unreadable)]) from unreadable
    for name, table in given.items():
        wrong = list(_faults(table)) if isinstance(table, dict) else ["应为一节"]
        faults += [f"{name}: {fault}" for fault in wrong]
        if not wrong:
            kinds[name] = _kind(name, table)
    faults += _repeated(kinds.values())
    if faults:
        raise BadMessages(faults)
    return kinds


def placeholders(text: str) -> list[str]:
    """The names in braces. Raises ValueError for braces that do not close."""
    return [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]


def field_type(key: str) -> str | None:
    """WeChat's type inside the key of a line: ``thing`` of ``thing2``."""
    found = _KEY.fullmatch(key)
    return found.group(1) if found else None


def _kind(name: str, table: Mapping[str, Any]) -> MessageKind:
    return MessageKind(
        name=name,
        version=table["version"],
        lane=LANES[table["lane"]],
        title=table["title"],
        template_id=table["template_id"],
        mp_template_id=table["mp_template_id"],
        page=table["page"],
        lines=tuple(
            Line(
                line["label"],
                line["key"],
                line.get("mp_key", line["key"]),
                line["text"],
                tuple(line.get("choices", ())),
            )
            for line in table["lines"]
        ),
    )


def _faults(table: Mapping[str, Any]) -> Iterator[str]:
    yield from _faults_of_head(table)
    lines = table.get("lines")
    if not _are_tables(lines) or not 1 <= len(lines) <= _MOST_LINES:
        yield f"lines 应有 1 到 {_MOST_LINES} 行"
        return
    for line in lines:
        yield from _faults_of_line(line)
    for name in ("key", "mp_key"):
        keys = [str(line.get(name, line.get("key"))) for line in lines]
        if len(set(keys)) < len(keys):
            yield f"{name} 有重复"


def _are_tables(value: object) -> TypeGuard[list[dict[str, Any]]]:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _faults_of_head(table: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(table.get("version"), int) or not 1 <= table["version"] <= 32767:
        yield "version 应为正整数"
    if str(table.get("lane")) not in LANES:
        yield f"lane 应为 {'、'.join(LANES)} 之一"
    for name in ("title", "page"):
        if not isinstance(table.get(name), str) or not table[name].strip():
            yield f"{name} 必填"
    for name in ("template_id", "mp_template_id"):
        if not isinstance(table.get(name), str) or not _TEMPLATE_ID.fullmatch(table[name]):
            yield f"{name} 应为 8 到 64 位字母、数字、- 或 _"
    yield from _faults_of_text("page", table.get("page", ""))


def _faults_of_line(line: Mapping[str, Any]) -> Iterator[str]:
    label = line.get("label", "?")
    for name in ("key", "mp_key"):
        key = line.get(name, line.get("key"))
        if not isinstance(key, str) or field_type(key) is None:
            yield f"“{label}”的 {name} 应形如 thing1"
    if not isinstance(line.get("label"), str) or not isinstance(line.get("text"), str) or not line["text"]:
        yield f"“{label}”缺少 label 或 text"
        return
    choices = line.get("choices", [])
    if not isinstance(choices, list) or not all(isinstance(choice, str) and choice for choice in choices):
        yield f"“{label}”的 choices 应为文字列表"
    yield from _faults_of_text(label, line["text"])


def _faults_of_text(where: str, text: object) -> Iterator[str]:
    try:
        names = placeholders(str(text))
    except ValueError:
        yield f"“{where}”里的花括号没有配对"
        return
    if not all(name.isidentifier() for name in names):
        yield f"“{where}”里的花括号内应为参数名"


def _repeated(kinds: Any) -> list[str]:
    seen: set[str] = set()
    faults: list[str] = []
    for kind in kinds:
        for template_id in (kind.template_id, kind.mp_template_id):
            if template_id in seen:
                faults.append(f"{kind.name}: 模板 id {template_id} 重复")
            seen.add(template_id)
    return faults
