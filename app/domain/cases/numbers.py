"""Case numbers and query codes: their form, how people write them, and how codes are kept."""

import re
import secrets
import unicodedata
from datetime import datetime

from app.kit import crypto

# 办件编号 as observed in Guangdong: 实施编码 (USCC of the office, level, 基本编码), day, serial of the day.
_OFFICIAL = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}[1-7]\d{12}(?P<day>\d{8})\d{4}")
_ANY = re.compile(r"[0-9A-Z-]{8,64}")
_AUTHORITY_LENGTH = 18
# 穗天受〔2026〕12号 is typed with whatever brackets a keyboard has.
_BRACKETS = str.maketrans("〔〕【】()", "[][][]")
_SHORTEST_ACCEPTANCE, _LONGEST_ACCEPTANCE = 4, 64
_CODE = re.compile(r"[0-9A-Z]{6,8}")
_CODE_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # Without what looks alike: 0 and O, 1 and I.
_CODE_LENGTH = 6


def tidy(text: str) -> str:
    """A number or code as it is kept: half-width capitals without the blanks people paste along."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def is_official(text: str) -> bool:
    """Whether a text is a 办件编号 of 43 signs with a real day in it; other systems' numbers may differ."""
    found = _OFFICIAL.fullmatch(tidy(text))
    if found is None:
        return False
    try:
        datetime.strptime(found["day"], "%Y%m%d")  # noqa: DTZ007  Only whether there is such a day.
    except ValueError:
        return False
    return True


def is_acceptable(number: str) -> bool:
    """Whether a case may be kept under a number, ours or another system's."""
    return _ANY.fullmatch(number) is not None


def sought(text: str) -> str:
    """The number a text asks for, tidied; empty if no case can have it, whatever signs it is made of."""
    number = tidy(text)
    return number if is_acceptable(number) else ""


def authority_of(number: str) -> str:
    """实施主体 with which an official number begins; empty for any other."""
    return number[:_AUTHORITY_LENGTH] if is_official(number) else ""


def acceptance(text: str) -> str:
    """A 受理编号 in the one form by which it is found; empty if a text can be none."""
    number = tidy(text).translate(_BRACKETS)
    is_one = number.isprintable() and _SHORTEST_ACCEPTANCE <= len(number) <= _LONGEST_ACCEPTANCE
    return number if is_one else ""


def new_query_code() -> str:
    """Six random signs that cannot be mistaken for each other."""
    return "".join(secrets.choice(_CODE_SIGNS) for _ in range(_CODE_LENGTH))


def is_query_code(code: str) -> bool:
    """Whether a code another system gave is long enough to keep guessers out, and short enough to type."""
    return _CODE.fullmatch(tidy(code)) is not None


def query_code_hash(number: str, code: str) -> bytes:
    """What is kept of a query code: a keyed hash that fits this one case only."""
    return crypto.lookup_hash(f"{number} {tidy(code)!a}", "case query code")
