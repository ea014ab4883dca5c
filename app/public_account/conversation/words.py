"""People's words in one spelling, so that a command is known however it was typed."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

LONGEST: Final = 200
"""Signs that are looked at; nobody says what they want later than that."""

# Only the signs of our own commands: this is no dictionary.
_SIMPLIFIED: Final = str.maketrans(
    "預約辦稅進度發票驗幫選單號查詢線務證廳業評級獎繼續納狀態處門開戶買賣報個費銷轉聯繫絡問關",
    "预约办税进度发票验帮选单号查询线务证厅业评级奖继续纳状态处门开户买卖报个费销转联系络问关",
)
_SHORT: Final = 6
_INVISIBLE: Final = re.compile("[\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_ENDS: Final = " \t\r\n,.;:!~、，。；：！～…·「」『』“”\"'‘’()（）[]【】<>《》#*"
_POLITE: Final = re.compile(r"(?:请问|请|麻烦|您好|你好|我想要|我想|我要|帮我|给我|想|要)[ ,，]*")


def in_one_spelling(text: str) -> str:
    """Half-width, lower case, simplified where it matters, single spaces, nothing around it."""
    return _respelt_before(text) if len(text) <= _SHORT else _respelt(text)


def _respelt(text: str) -> str:
    known = unicodedata.normalize("NFKC", text[:LONGEST]).translate(_SIMPLIFIED)
    return " ".join(_INVISIBLE.sub("", known).lower().split()).strip(_ENDS)


# Commands come again and again; whatever is longer may be somebody's own, and is not kept.
_respelt_before = lru_cache(maxsize=1024)(_respelt)


def without_politeness(words: str) -> str:
    """The words without 请问 or 我要 before them; alone they are kept."""
    bare = words
    while (found := _POLITE.match(bare)) and found.end() < len(bare):
        bare = bare[found.end() :]
    return bare.strip(_ENDS)
