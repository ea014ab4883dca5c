"""What words a case can hold: so long, and of signs that can be kept and shown. Pure."""

from collections.abc import Mapping
from typing import Final

from app.domain.cases.errors import WordsUnfit

LONGEST: Final[Mapping[str, int]] = {
    "item_name": 200,
    "item_code": 33,
    "authority": 18,
    "office": 80,
    "contact": 80,
    "text": 500,
    "approver": 80,
    "reason": 500,
    "acceptance_number": 64,
    "queue_number": 20,
    "results": 200,
}
"""Signs, as many as the columns take; one row too long would refuse all others of its batch."""

_LINES: Final = "\n\r\t"


def check(**said: str | None) -> None:
    """Raises WordsUnfit naming each text, by its name in LONGEST, that is too long or of unfit signs."""
    faults: dict[str, list[str]] = {}
    for name, text in said.items():
        if not text:
            continue
        if len(text) > LONGEST[name]:
            faults[name] = [f"不能超过 {LONGEST[name]} 个字"]
        elif not is_plain(text):
            faults[name] = ["含有不能使用的字符"]
    if faults:
        raise WordsUnfit(fields=faults)


def is_plain(text: str) -> bool:
    """Whether a text has no control signs but line breaks, and no halves of signs."""
    return text.isprintable() or not any(
        (ord(sign) < 32 and sign not in _LINES) or 0xD800 <= ord(sign) <= 0xDFFF for sign in text
    )
