"""The templates accounts own: those of the project's own message list, and those added from the library."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from app.sandbox.holdings import Holdings
from app.sandbox.options import Options

Channel = Literal["template", "subscribe"]
Templates = Mapping[str, "Template"]

MESSAGES_FILE = Path(__file__).resolve().parents[2] / "config" / "messages.toml"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a card: its label, the key of its value, and the values an enumeration allows."""

    label: str
    key: str
    choices: tuple[str, ...] = ()
    example: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """A template message of a public account, or a subscribe template of either kind of account.

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

    @property
    def example(self) -> str:
        return "\n".join(f"{line.label}:{line.example}" for line in self.lines if line.example)


def registry(templates: Iterable[Template]) -> Templates:
    return {template.template_id: template for template in templates}


class OwnTemplates:
    """Which account owns which template: the first ones belong to the main two accounts."""

    def __init__(self, first: Templates, options: Options, holdings: Holdings) -> None:
        self._holdings = holdings
        self._first: dict[str, dict[str, Template]] = {}
        for template in first.values():
            account = options.oa if template.channel == "template" else options.mp
            self._first.setdefault(account.appid, {})[template.template_id] = template

    def of(self, appid: str, channel: Channel) -> dict[str, Template]:
        """By template id, oldest first."""
        found = dict(self._first.get(appid, {}))
        for template_id, held in self._holdings.of(appid, "template").items():
            if held is None:
                found.pop(template_id, None)
            else:
                lines = tuple(Line(**{**line, "choices": tuple(line["choices"])}) for line in held["lines"])
                found[template_id] = Template(**{**held, "lines": lines})
        return {template_id: one for template_id, one in found.items() if one.channel == channel}

    def find(self, appid: str, template_id: object, channel: Channel) -> Template | None:
        return self.of(appid, channel).get(template_id) if isinstance(template_id, str) else None

    def add(self, appid: str, template: Template) -> None:
        self._holdings.put(appid, "template", template.template_id, asdict(template))

    def delete(self, appid: str, template_id: str) -> None:
        if template_id in self._first.get(appid, {}):
            self._holdings.put(appid, "template", template_id, None)
        else:
            self._holdings.drop(appid, "template", template_id)


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
