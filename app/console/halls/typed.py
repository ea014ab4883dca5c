"""What managers type into forms about halls: opening spans, and degrees on earth."""

import re
from collections.abc import Mapping, Sequence
from datetime import time
from typing import Any, Final

from marshmallow import ValidationError, validate
from marshmallow.fields import Decimal

from app.domain.halls.opening import Span
from app.kit.web import fields

_SPAN: Final = re.compile(r"(\d{1,2})[:：](\d{2})\s*(?:[-–—~～]|至|到)\s*(\d{1,2})[:：](\d{2})")
_BETWEEN: Final = re.compile(r"[\s,，、;；]*")


class Spans(fields.Field[list[Span]]):
    """Opening times of a day in one line: ``09:00-12:00 13:00-17:00``."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> list[Span]:
        del attr, data, kwargs
        text = str(value)
        found = [(_time(one[1], one[2]), _time(one[3], one[4])) for one in _SPAN.finditer(text)]
        if len(text) > 120 or not found or not _BETWEEN.fullmatch(_SPAN.sub("", text)):
            raise ValidationError("应如 09:00-12:00 13:00-17:00，各段之间空一格")
        return found


def words_of(spans: Sequence[Span]) -> str:
    """Spans as that field shows them."""
    return " ".join(f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in spans)


def degrees(most: int, **kwargs: Any) -> Decimal:
    """Degrees on earth with six places, ten centimetres."""
    words = f"应为 -{most} 到 {most} 之间的度数，如 23.125178"
    return Decimal(places=6, allow_nan=False, validate=validate.Range(-most, most, error=words), **kwargs)


def _time(hour: str, minute: str) -> time:
    try:
        return time(int(hour), int(minute))
    except ValueError:
        raise ValidationError(f"没有 {hour}:{minute} 这个时刻") from None
