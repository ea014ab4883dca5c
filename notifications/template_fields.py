"""What WeChat lets into each type of template field, and how a text is made to fit.

Source: the field tables of the template message and subscribe message guides.
"""

import re
from collections.abc import Callable

from config.messages import field_type

_CUT = "…"
_NOTHING = "无"  # An empty value is refused (47003), so an empty word says so itself.
_MOMENT = r"(?:\d{4}年\d{1,2}月\d{1,2}日(?: (?:[01]?\d|2[0-3]):[0-5]\d)?|(?:[01]?\d|2[0-3]):[0-5]\d)"
_TIME = re.compile(rf"{_MOMENT}(?:~{_MOMENT})?")
_DATE = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日")
_NUMBER = re.compile(r"-?\d{1,32}(?:\.\d+)?")
_AMOUNT = re.compile(r"[¥￥$]?\d{1,10}(?:\.\d{1,2})?元?")
_PHRASE = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]{1,5}")
_NOT_PRINTABLE = re.compile(r"[^\x21-\x7e]+")


class DoesNotFit(Exception):
    """No honest shortening makes this text a value of this field."""

    def __init__(self, key: str, text: str) -> None:
        super().__init__(f"{key}: {text!r}")
        self.key = key


def fit(key: str, text: str) -> str:
    """The text as WeChat will take it in this field; prose is shortened, exact values are not.

    Raises DoesNotFit, also for a field of a type nobody described here.
    """
    rule = _RULES.get(field_type(key) or "")
    fitted = rule(" ".join(text.split())) if rule else None
    if not fitted:
        raise DoesNotFit(key, text)
    return fitted


def fits(key: str, text: str) -> bool:
    """Whether the text goes into the field unchanged."""
    try:
        return fit(key, text) == text
    except DoesNotFit:
        return False


def is_known(key: str) -> bool:
    """Whether the type of the field is described here."""
    return field_type(key) in _RULES


def _prose(length: int) -> Callable[[str], str]:
    def shorten(text: str) -> str:
        text = text or _NOTHING
        return text if len(text) <= length else text[: length - 1] + _CUT

    return shorten


def _exactly(pattern: re.Pattern[str]) -> Callable[[str], str]:
    return lambda text: text if pattern.fullmatch(text) else ""


_RULES: dict[str, Callable[[str], str]] = {
    "thing": _prose(20),
    "short_thing": _prose(10),
    "const": lambda text: text if len(text) <= 20 else "",
    "character_string": lambda text: _NOT_PRINTABLE.sub("", text) if len(text) <= 32 else "",
    "number": _exactly(_NUMBER),
    "amount": _exactly(_AMOUNT),
    "time": _exactly(_TIME),
    "date": _exactly(_DATE),
    "phrase": _exactly(_PHRASE),
}
