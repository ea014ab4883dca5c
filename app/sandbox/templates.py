"""The templates an account owns, read from the project's own message list."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Channel = Literal["template", "subscribe"]
Templates = Mapping[str, "Template"]

MESSAGES_FILE = Path(__file__).resolve().parents[2] / "config" / "messages.toml"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a card: its label, the key of its value, and the values an enumeration allows."""

    label: str
    key: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Template:
    """A template of the public account or a subscribe template of the mini-program.

    ``long_term`` is the grant only public-service accounts get: one accept, any number of sends.
    """

    template_id: str
    channel: Channel
    title: str
    lines: tuple[Line, ...]
    long_term: bool = False

    @property
    def content(self) -> str:
        """The text the platform's template library shows."""
        return "\n".join(f"{line.label}:{{{{{line.key}.DATA}}}}" for line in self.lines)


def registry(templates: Iterable[Template]) -> Templates:
    return {template.template_id: template for template in templates}


def load_templates(path: Path = MESSAGES_FILE) -> Templates:
    """Every template of the message list; none if there is no list yet."""
    if not path.is_file():
        return {}
    messages: dict[str, dict[str, Any]] = tomllib.loads(path.read_text("utf-8")).get("messages", {})
    found: list[Template] = []
    for kind, message in messages.items():
        title = str(message.get("title", kind))
        long_term = bool(message.get("long_term", False))
        if message.get("template_id"):
            lines = tuple(_lines(message, "key"))
            found.append(Template(str(message["template_id"]), "template", title, lines))
        if message.get("mp_template_id"):
            lines = tuple(_lines(message, "mp_key"))
            found.append(Template(str(message["mp_template_id"]), "subscribe", title, lines, long_term))
    return registry(found)


def _lines(message: Mapping[str, Any], name: str) -> Iterable[Line]:
    for line in message.get("lines", ()):
        key = line.get(name) or line.get("key")
        if key:
            yield Line(str(line.get("label", key)), str(key), tuple(map(str, line.get("choices", ()))))


_KEY = re.compile(r"([a-z_]+?)(\d+)")


def type_of(key: str) -> str | None:
    """The field type inside a key: ``thing`` of ``thing1``."""
    match = _KEY.fullmatch(key)
    return match.group(1) if match else None
