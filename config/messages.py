"""The message list ``messages.toml`` as typed, frozen objects, refused as a whole if any of it is wrong."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from config import message_shape
from config.message_shape import placeholders

LANES: Final = message_shape.LANES
FILE = Path(__file__).with_name("messages.toml")


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
class SmsText:
    """A text message: the template code the operator gave, and what fills it, in order."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class MessageKind:
    """A kind of message: its templates, its urgency and its wording.

    ``is_statutory`` messages cannot be switched off by their reader; ``is_digestible`` ones of one day
    are gathered in a digest after the first; ``summary`` is the sentence of inbox and customer service.
    """

    name: str
    version: int
    lane: int
    title: str
    template_id: str
    mp_template_id: str
    page: str
    lines: tuple[Line, ...]
    summary: str
    sms: SmsText | None = None
    is_statutory: bool = False
    is_digestible: bool = False

    @property
    def placeholders(self) -> frozenset[str]:
        """The names of everything that is filled in."""
        return frozenset(
            name
            for text in (
                self.page,
                self.summary,
                self.sms.text if self.sms else "",
                *(line.text for line in self.lines),
            )
            for name in placeholders(text)
        )


@lru_cache(maxsize=1)
def current() -> Mapping[str, MessageKind]:
    """The messages of this installation, by kind. Raises BadMessages."""
    return load(FILE)


def load(path: Path) -> Mapping[str, MessageKind]:
    """Read a message list. Raises BadMessages with every fault of it."""
    faults: list[str] = []
    kinds: dict[str, MessageKind] = {}
    for name, table in tables(path).items():
        try:
            kinds[name] = read(name, table)
        except BadMessages as wrong:
            faults += wrong.faults
    faults += _repeated(kinds.values())
    if faults:
        raise BadMessages(faults)
    return kinds


def tables(path: Path) -> Mapping[str, Any]:
    """The tables of a message list as they are written, by kind. Raises BadMessages."""
    try:
        given = tomllib.loads(path.read_text("utf-8")).get("messages", {})
    except (OSError, ValueError) as unreadable:
        raise BadMessages([str(unreadable)]) from unreadable
    if not isinstance(given, dict):
        raise BadMessages(["messages 应为一节"])
    return given


def read(name: str, table: object) -> MessageKind:
    """One message from its table. Raises BadMessages with every fault of it."""
    faults = list(message_shape.faults(table)) if isinstance(table, dict) else ["应为一节"]
    if faults or not isinstance(table, dict):
        raise BadMessages([f"{name}: {fault}" for fault in faults])
    return _kind(name, table)


def written(kind: MessageKind) -> dict[str, Any]:
    """The table a message is read from again."""
    lanes = {number: lane for lane, number in LANES.items()}
    return {
        "version": kind.version,
        "lane": lanes[kind.lane],
        "title": kind.title,
        "template_id": kind.template_id,
        "mp_template_id": kind.mp_template_id,
        "page": kind.page,
        "summary": kind.summary,
        "lines": [_written_line(line) for line in kind.lines],
        **({"sms": {"code": kind.sms.code, "text": kind.sms.text}} if kind.sms else {}),
        **({"statutory": True} if kind.is_statutory else {}),
        **({"digest": True} if kind.is_digestible else {}),
    }


def _written_line(line: Line) -> dict[str, Any]:
    return {
        "label": line.label,
        "key": line.key,
        **({"mp_key": line.mp_key} if line.mp_key != line.key else {}),
        "text": line.text,
        **({"choices": list(line.choices)} if line.choices else {}),
    }


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
        summary=table["summary"],
        sms=SmsText(**table["sms"]) if "sms" in table else None,
        is_statutory=table.get("statutory", False),
        is_digestible=table.get("digest", False),
    )


def _repeated(kinds: Iterable[MessageKind]) -> list[str]:
    seen: set[str] = set()
    faults: list[str] = []
    for kind in kinds:
        for template_id in (kind.template_id, kind.mp_template_id):
            if template_id in seen:
                faults.append(f"{kind.name}: 模板 id {template_id} 重复")
            seen.add(template_id)
    return faults
