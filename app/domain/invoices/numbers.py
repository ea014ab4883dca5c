"""What the digits of an invoice's code and number say of where and when it was issued.

A code of twelve digits is 0 + 地区 4 + 年 2 + 批次 3 + 票种 2, one of ten begins with 地区 4 + 年 2; a number
of twenty digits is 年 2 + 省 2 + 渠道 1 + 顺序 15. Source: as for the kinds.
"""

import re
from dataclasses import dataclass
from typing import Final

_CODE: Final = re.compile(r"[0-9]{10}|[0-9]{12}")
_DIGITAL: Final = re.compile(r"[0-9]{20}")
# Cities with a tax authority of their own beside the province's: 大连 宁波 厦门 青岛 深圳.
_ON_THEIR_OWN: Final = frozenset({"2102", "3302", "3502", "3702", "4403"})


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an invoice was issued, as four digits of 行政区划 (4400, 4403), and in which two-digit year.

    ``channel`` and ``serial`` are a digital invoice's; ``batch`` is that of a code of twelve digits.
    """

    region: str
    year: str
    batch: str = ""
    channel: str = ""
    serial: str = ""


def origin_of(code: str, number: str) -> Origin | None:
    """What the code tells, or else the number; ``None`` where neither has the form of one."""
    if _CODE.fullmatch(code):
        # A code of twelve digits has a leading one before the place.
        start = len(code) // 12
        batch = code[7:10] if start else ""
        return Origin(_region(code[start : start + 4]), code[start + 4 : start + 6], batch)
    if not code and _DIGITAL.fullmatch(number):
        return Origin(f"{number[2:4]}00", number[:2], "", number[4], number[5:])
    return None


def _region(digits: str) -> str:
    return digits if digits in _ON_THEIR_OWN else f"{digits[:2]}00"
