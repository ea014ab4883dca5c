"""What the platform allows in each type of field of a template, and nothing more.

Source: the field tables of the template and subscribe message guides.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from app.sandbox.answers import PlatformRefusal
from app.sandbox.templates import Line, Template, type_of

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
_DATE = re.compile(r"(?:(\d{4})年(\d{1,2})月(\d{1,2})日|(\d{4})[-/.,](\d{1,2})[-/.,](\d{1,2}))")
_TIME = re.compile(r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?")
_AMOUNT = re.compile(r"[^\w\s]?\d{1,10}(?:\.\d+)?元?")
_CAR = re.compile(rf"[{_HAN}A-Za-z][A-Za-z0-9]{{0,6}}[{_HAN}A-Za-z0-9]")


def _is_time(value: str) -> bool:
    return all(_is_moment(part.strip(), with_time=True) for part in _range(value))


def _is_date(value: str) -> bool:
    return all(
        _is_moment(part.strip(), with_time=False) or _is_moment(part.strip(), with_time=True, with_date=True)
        for part in _range(value)
    )


def _range(value: str) -> list[str]:
    parts = value.split("~")
    return parts if len(parts) <= 2 else [""]


def _is_moment(text: str, *, with_time: bool, with_date: bool = False) -> bool:
    found = _DATE.match(text)
    if found:
        year, month, day = (int(part) for part in found.groups() if part)
        try:
            date(year, month, day)
        except ValueError:
            return False
        rest = text[found.end() :].strip()
        return bool(_TIME.fullmatch(rest)) if with_time else not rest
    return with_time and not with_date and bool(_TIME.fullmatch(text))


def _is_name(value: str) -> bool:
    """Ten characters once there is one 汉字 among them, else twenty letters or symbols."""
    if re.search(r"\d", value):
        return False
    return len(value) <= (10 if re.search(f"[{_HAN}]", value) else 20)


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda value: compiled.fullmatch(value) is not None


def _at_most(length: int) -> Callable[[str], bool]:
    return lambda value: len(value) <= length


_RULES: dict[str, Callable[[str], bool]] = {
    "thing": _at_most(20),
    "short_thing": _at_most(10),
    "const": _at_most(20),
    "enum": _at_most(20),
    "enum_string": _at_most(20),
    "number": lambda value: len(value) <= 32 and re.fullmatch(r"-?\d+(\.\d+)?", value) is not None,
    "letter": _matches(r"[A-Za-z]{1,32}"),
    "symbol": _matches(rf"[^\w\s{_HAN}]{{1,5}}"),
    "character_string": _matches(r"[\x20-\x7e]{1,32}"),
    "time": _is_time,
    "date": _is_date,
    "amount": lambda value: _AMOUNT.fullmatch(value) is not None,
    "phone_number": _matches(r"[\d+\-()\s]{1,17}"),
    "car_number": lambda value: _CAR.fullmatch(value) is not None,
    "name": _is_name,
    "phrase": _matches(rf"[{_HAN}]{{1,5}}"),
}
# Templates from before 2023 name their lines so; the platform folds what is too long instead of refusing.
_OLD_KEY = re.compile(r"first|remark|keyword\d+")


def is_allowed(line: Line, value: str) -> bool:
    """Whether the platform lets this value into this line."""
    if not value.strip():
        return False
    if _OLD_KEY.fullmatch(line.key):
        return True
    if line.choices and value not in line.choices:
        return False
    rule = _RULES.get(type_of(line.key) or "")
    return rule is not None and rule(value)


def checked_values(template: Template, data: Any) -> dict[str, str]:
    """The values of a send, by key. Raises PlatformRefusal 47001 or 47003, the field named."""
    if not isinstance(data, Mapping):
        raise PlatformRefusal(47001, "data is not an object")
    known = {line.key for line in template.lines}
    for key in data:
        if key not in known:
            raise PlatformRefusal(47003, f"data.{key}.value invalid: no such field in the template")
    values: dict[str, str] = {}
    for line in template.lines:
        given = data.get(line.key)
        value = given.get("value") if isinstance(given, Mapping) else None
        if not isinstance(value, str) or not value.strip():
            raise PlatformRefusal(47003, f"data.{line.key}.value is empty")
        if not is_allowed(line, value):
            raise PlatformRefusal(47003, f"data.{line.key}.value invalid")
        values[line.key] = value
    return values
