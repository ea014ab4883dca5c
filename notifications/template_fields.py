"""What WeChat lets into each type of template field, and how a text is made to fit.

Source: the field tables of the template message and subscribe message guides. Prose is shortened and
shows it; a value that is exact (a time, an amount, a state) is never cut, for half of it would be wrong.
Which of the two a field takes is settled when a message is defined, so nothing is refused at send.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date

from config.message_shape import field_type

_CUT = "…"
_PLAIN_CUT = "..."  # Where only ASCII is let in.
_NOTHING = "无"  # An empty value is refused (47003), so an empty word says so itself.

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
_DAY = re.compile(r"([0-9]{4})(?:年([0-9]{1,2})月([0-9]{1,2})日|([-/.])([0-9]{1,2})\4([0-9]{1,2}))")
_HOUR = re.compile(r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_THOUSANDS = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?:[^0-9]|$))")
_AMOUNT = re.compile(r"[¥$€£]?[0-9]{1,10}(?:\.[0-9]{1,2})?元?")
_LETTERS = re.compile(r"[A-Za-z]{1,32}")
_SYMBOLS = re.compile(rf"[^\w\s{_HAN}]{{1,5}}")
_PHONE = re.compile(r"[0-9+\-() ]{1,17}")
_CAR = re.compile(rf"[{_HAN}A-Za-z][A-Za-z0-9]{{0,6}}[{_HAN}A-Za-z0-9]")
_PHRASE = re.compile(rf"[{_HAN}]{{1,5}}")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs"})


class DoesNotFit(Exception):
    """No honest value of this field can be made; what was to go in it is never repeated here."""

    def __init__(self, key: str, reason: str = "no value of this type") -> None:
        super().__init__(f"{key}: {reason}")
        self.key = key


def fit(key: str, text: str, choices: Sequence[str] = ()) -> str:
    """The text as WeChat will take it in this field, which may be limited to some values.

    Raises DoesNotFit, also for a field of a type nobody described here.
    """
    rule = _RULES.get(field_type(key) or "")
    fitted = rule(_visible(text)) if rule else None
    if not fitted or (choices and fitted not in choices):
        raise DoesNotFit(key)
    return fitted


def fits(key: str, text: str, choices: Sequence[str] = ()) -> bool:
    """Whether the text goes into the field unchanged."""
    try:
        return fit(key, text, choices) == text
    except DoesNotFit:
        return False


def is_known(key: str) -> bool:
    """Whether the type of the field is described here."""
    return field_type(key) in _RULES


def _visible(text: str) -> str:
    """The text without what no reader sees, on one line."""
    if text.isprintable():
        return " ".join(text.split())
    shown = (sign for sign in text if sign.isspace() or unicodedata.category(sign) not in _INVISIBLE)
    return " ".join("".join(shown).split())


def _prose(length: int) -> Callable[[str], str]:
    return lambda text: _shortened(text or _NOTHING, length)


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + _CUT


def _code(text: str) -> str:
    """Letters, digits and signs; of a long code both ends are shown, since they tell codes apart."""
    plain = unicodedata.normalize("NFKC", text)
    if not plain.isascii():
        return ""
    return plain if len(plain) <= 32 else f"{plain[:14].rstrip()}{_PLAIN_CUT}{plain[-15:].lstrip()}"


def _name(text: str) -> str:
    """Ten characters once there is one 汉字 among them, else twenty; digits are not let in."""
    if any(sign.isdigit() for sign in text):
        return ""
    return _shortened(text, 10 if re.search(f"[{_HAN}]", text) else 20)


def _exactly(pattern: re.Pattern[str], most: int = 32) -> Callable[[str], str]:
    def check(text: str) -> str:
        # Full-width digits and signs mean the same; 1,234.50 is 1234.50.
        plain = _THOUSANDS.sub("", unicodedata.normalize("NFKC", text))
        return plain if len(plain) <= most and pattern.fullmatch(plain) else ""

    return check


def _chosen(text: str) -> str:
    return text if len(text) <= 20 else ""


def _moments(*, with_time: bool) -> Callable[[str], str]:
    """One moment or two joined by ``~``. A ``time`` needs the hour; a ``date`` needs the day."""

    def check(text: str) -> str:
        plain = unicodedata.normalize("NFKC", text)
        parts = [part.strip() for part in plain.split("~")]
        is_right = len(parts) <= 2 and all(_is_moment(part, with_time=with_time) for part in parts)
        return "~".join(parts) if is_right else ""

    return check


def _is_moment(text: str, *, with_time: bool) -> bool:
    found = _DAY.match(text)
    if not found:
        return with_time and _HOUR.fullmatch(text) is not None
    year, month, day = (int(part) for part in found.groups() if part and part.isdigit())
    try:
        date(year, month, day)
    except ValueError:
        return False
    rest = text[found.end() :].strip()
    return _HOUR.fullmatch(rest) is not None if with_time or rest else True


_RULES: dict[str, Callable[[str], str]] = {
    "thing": _prose(20),
    "short_thing": _prose(10),
    "character_string": _code,
    "name": _name,
    "const": _chosen,
    "enum": _chosen,
    "enum_string": _chosen,
    "number": _exactly(_NUMBER),
    "letter": _exactly(_LETTERS),
    "symbol": _exactly(_SYMBOLS),
    "amount": _exactly(_AMOUNT),
    "phone_number": _exactly(_PHONE),
    "car_number": _exactly(_CAR),
    "phrase": _exactly(_PHRASE),
    "time": _moments(with_time=True),
    "date": _moments(with_time=False),
}
