"""Field types of our shapes: marshmallow's, and a few with the house's own limits."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, validate
from marshmallow.fields import (
    UUID,
    Boolean,
    Date,
    DateTime,
    Dict,
    Enum,
    Field,
    Float,
    Integer,
    List,
    Nested,
    String,
)
from marshmallow.fields import Decimal as DecimalField

from app.kit.clock import SHANGHAI

__all__ = [
    "UUID",
    "BigId",
    "Boolean",
    "Choice",
    "Code",
    "Date",
    "Day",
    "Dict",
    "Enum",
    "Field",
    "File",
    "Float",
    "GivenFile",
    "Integer",
    "List",
    "Moment",
    "Money",
    "Nested",
    "Place",
    "Secret",
    "Text",
    "Whole",
    "whole",
]

LARGEST_ID = 2**63 - 1
_DIGITS = re.compile(r"\A-?[0-9]{1,19}\Z")
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_LATITUDE = r"-?(?:[0-8]?[0-9](?:\.[0-9]{1,12})?|90(?:\.0{1,12})?)"
_LONGITUDE = r"-?(?:(?:1[0-7][0-9]|[0-9]{1,2})(?:\.[0-9]{1,12})?|180(?:\.0{1,12})?)"
_PLACE = re.compile(f"^({_LATITUDE}),({_LONGITUDE})$")


class Text(String):
    """A line of words: trimmed, without control characters, of limited length."""

    def __init__(self, *, min: int = 0, max: int = 2000, lines: bool = False, **kwargs: Any) -> None:
        self._lines = lines
        kwargs.setdefault("validate", validate.Length(min=min, max=max, error=_length_words(min, max)))
        super().__init__(**kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs).strip()
        allowed = "\n\r\t" if self._lines else ""
        if not text.isprintable() and any(
            (ord(sign) < 32 and sign not in allowed) or 0xD800 <= ord(sign) <= 0xDFFF for sign in text
        ):
            raise ValidationError("含有不能使用的字符")
        return text


class Secret(String):
    """A password, kept as it was typed."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(min=1, max=128, error=_length_words(1, 128)), **kwargs)


class Matching(validate.Regexp):
    """A pattern as OpenAPI writes it (ECMA 262), where ``$`` is the very end and not before a newline."""

    def __call__(self, value: Any) -> Any:
        if not self.regex.fullmatch(value):
            raise ValidationError(self._format_error(value))
        return value


class Code(String):
    """A short code of ASCII letters, digits, ``-`` and ``_``."""

    def __init__(self, *, max: int = 64, **kwargs: Any) -> None:
        kwargs.setdefault("validate", Matching(rf"^[0-9A-Za-z_-]{{1,{max}}}$", error="格式不正确"))
        super().__init__(**kwargs)


class Whole(Integer):
    """A whole number, in JSON or as the digits of a query string.

    marshmallow would also take ``true``, ``1.0`` and digits of other scripts.
    """

    takes_digits = True

    def _validated(self, value: Any) -> int:
        if self.takes_digits and isinstance(value, str) and _DIGITS.match(value):
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.make_error("invalid", input=value)
        return value


class BigId(Whole):
    """A key of the database in JSON: 1 to 2**63 - 1."""

    takes_digits = False

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("validate", validate.Range(1, LARGEST_ID, error="编号格式不正确"))
        super().__init__(**kwargs)


class Moment(DateTime):
    """A moment as ISO 8601 with offset, told in Beijing time."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)

    def _serialize(self, value: datetime | None, *_: Any, **__: Any) -> str | None:
        return None if value is None else value.astimezone(SHANGHAI).isoformat(timespec="seconds")

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> datetime:
        moment: datetime = super()._deserialize(value, attr, data, **kwargs)
        if moment.tzinfo is None or not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        return moment


class Day(Date):
    """A calendar day as ``YYYY-MM-DD``."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> date:
        day: date = super()._deserialize(value, attr, data, **kwargs)
        if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        return day


class Money(DecimalField):
    """Yuan as a decimal string with two places; never a float."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(places=2, as_string=True, allow_nan=False, **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Decimal:
        if not isinstance(value, str) or len(value) > 20:
            raise self.make_error("invalid", input=value)
        amount: Decimal = super()._deserialize(value, attr, data, **kwargs)
        return amount


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file of a form: the name its sender gave it, and its bytes."""

    name: str
    content: bytes = field(repr=False)


class File(String):
    """A file of a form, as sent; nothing is said of what it holds."""

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"format": "binary", **kwargs.pop("metadata", {})}
        super().__init__(metadata=metadata, **kwargs)

    def _deserialize(  # type: ignore[override]
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> GivenFile:
        del attr, data, kwargs
        name, content = getattr(value, "name", None), getattr(value, "body", None)
        if not isinstance(name, str) or not isinstance(content, bytes):
            raise ValidationError("应为文件")
        return GivenFile(name, content)


class Place(Text):
    """A position written as ``latitude,longitude`` in WGS-84 degrees; read as these two."""

    def __init__(self, *, metadata: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(validate=[], metadata={**metadata, "pattern": _PLACE.pattern}, **kwargs)

    def _deserialize(  # type: ignore[override]
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> tuple[float, float]:
        parts = _PLACE.fullmatch(super()._deserialize(value, attr, data, **kwargs))
        if parts is None:
            raise ValidationError("应为“纬度,经度”，如 23.1262,113.3412；纬度不超过 90，经度不超过 180")
        return float(parts[1]), float(parts[2])


class Choice(Text):
    """One of a few words."""

    def __init__(self, choices: list[str], **kwargs: Any) -> None:
        words = f"应为 {'、'.join(choices)} 之一"
        super().__init__(validate=validate.OneOf(choices, error=words), **kwargs)


def whole(low: int, high: int, **kwargs: Any) -> Whole:
    """A whole number between two bounds, both included."""
    return Whole(validate=validate.Range(low, high, error=f"应在 {low} 到 {high} 之间"), **kwargs)


def _length_words(least: int, most: int) -> str:
    return f"长度应在 {least} 到 {most} 之间" if least else f"不能超过 {most} 个字"
