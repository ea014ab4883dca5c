"""A version as text: written for people to change, and read back with what they had seen."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from config import messages as message_list
from config.messages import BadMessages
from notifications.wording.editing import EDITABLE, Seen
from notifications.wording.queries import Version


def written(version: Version) -> str:
    """The editable words of a version, as in ``config/messages.toml``, with its number and revision."""
    table = message_list.written(version.kind)
    return "\n".join(
        (
            f"[messages.{version.name}]",
            f"version = {version.version}",
            f"revision = {version.revision}",
            *(line for name in table if name in EDITABLE for line in _lines(name, table[name])),
        )
    )


def read(path: Path) -> tuple[str, Seen, dict[str, Any]]:
    """The name, what was seen and the changes in a file of one message. Raises BadMessages."""
    tables = message_list.tables(path)
    if len(tables) != 1:
        raise BadMessages(["应有且只有一节 [messages.名称]"])
    ((name, table),) = tables.items()
    if not isinstance(table, dict):
        raise BadMessages([f"{name}: 应为一节"])
    seen = Seen(_number(table, "version"), _number(table, "revision"))
    return name, seen, {key: value for key, value in table.items() if key not in ("version", "revision")}


def _number(table: Mapping[str, Any], name: str) -> int:
    value = table.get(name, 1)
    if not isinstance(value, int):
        raise BadMessages([f"{name} 应为整数，请保留 show 给出的数字"])
    return value


def _lines(name: str, value: object) -> Iterator[str]:
    if name == "lines" and isinstance(value, list):
        yield f"{name} = ["
        yield from (f"  {_value(one)}," for one in value)
        yield "]"
    else:
        yield f"{name} = {_value(value)}"


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_value(one)}" for name, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    # What JSON writes of a text is what TOML reads, but for one control sign.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
