"""The shape of one message in ``messages.toml``: every fault in words, before anything is made of it."""

import re
import string
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, TypeGuard

LANES: Final = {"urgent": 0, "normal": 1, "bulk": 2}
FIELDS: Final = frozenset(
    {
        "version", "lane", "title", "template_id", "mp_template_id", "page", "lines", "summary", "sms",
        "statutory", "digest",
    }
)  # fmt: skip

_LINE_FIELDS: Final = frozenset({"label", "key", "mp_key", "text", "choices"})
_KEY = re.compile(r"([a-z_]+?)\d+")
_SMS_CODE = re.compile(r"[0-9A-Za-z_-]{4,32}")
_TEMPLATE_ID = re.compile(r"[0-9A-Za-z_-]{8,64}")
_MOST_LINES = 5  # Of a category template 类目模板 and of a subscribe message alike.
_LONGEST_TITLE = 40


@lru_cache(maxsize=1024)
def placeholders(text: str) -> tuple[str, ...]:
    """The names in braces. Raises ValueError for braces that do not close."""
    return tuple(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def field_type(key: str) -> str | None:
    """WeChat's type inside the key of a line: ``thing`` of ``thing2``."""
    found = _KEY.fullmatch(key)
    return found.group(1) if found else None


def faults(table: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the table of a message, place by place."""
    yield from (f"不认识 {name}" for name in sorted(table.keys() - FIELDS))
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
    for name in ("title", "page", "summary"):
        if not isinstance(table.get(name), str) or not table[name].strip():
            yield f"{name} 必填"
    if len(str(table.get("title"))) > _LONGEST_TITLE:
        yield f"title 最多 {_LONGEST_TITLE} 字"
    for name in ("template_id", "mp_template_id"):
        if not isinstance(table.get(name), str) or not _TEMPLATE_ID.fullmatch(table[name]):
            yield f"{name} 应为 8 到 64 位字母、数字、- 或 _"
    for name in ("page", "summary"):
        yield from _faults_of_text(name, table.get(name, ""))
    yield from _faults_of_options(table)


def _faults_of_options(table: Mapping[str, Any]) -> Iterator[str]:
    for name in ("statutory", "digest"):
        if not isinstance(table.get(name, False), bool):
            yield f"{name} 应为 true 或 false"
    if "sms" in table:
        yield from _faults_of_sms(table["sms"])


def _faults_of_sms(sms: object) -> Iterator[str]:
    if not isinstance(sms, dict) or sorted(sms) != ["code", "text"]:
        yield 'sms 应形如 { code = "SMS_1001", text = "…" }'
        return
    if not isinstance(sms["code"], str) or not _SMS_CODE.fullmatch(sms["code"]):
        yield "sms 的 code 应为 4 到 32 位字母、数字、- 或 _"
    if not isinstance(sms["text"], str) or not sms["text"].strip():
        yield "sms 的 text 必填"
    yield from _faults_of_text("sms", sms["text"])


def _faults_of_line(line: Mapping[str, Any]) -> Iterator[str]:
    label = line.get("label", "?")
    yield from (f"“{label}”里不认识 {name}" for name in sorted(line.keys() - _LINE_FIELDS))
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
    if not all(name.isidentifier() for name in names) or not _is_plain(str(text)):
        yield f"“{where}”里的花括号内应为参数名"


def _is_plain(text: str) -> bool:
    """Whether nothing but names stands in the braces: no ``!r``, no ``:>10``."""
    parts = string.Formatter().parse(text)
    return not any(conversion or form for _, name, form, conversion in parts if name is not None)
