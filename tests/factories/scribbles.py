"""Texts and values such as nobody sends on purpose: right ones spoilt a little, and plain nonsense."""

from random import Random
from typing import Any

from tests.factories.accounts import id_number, uscc_number
from tests.factories.cases import case_number

# Something right of every kind: spoilt, it leads deeper than nonsense does.
RIGHT = (
    "01,32,,26427000000316294884,100.76,20260330,,5F98",
    '{"fphm":26427000000316294884,"fplx":32,"kprq":"2026-03-30 09:15:00","jshj":"100.76"}',
    "http://inv.example.com/v?bill_num=26427000000316294884&fplx=32&kprq=20260330&je=100.76",
    "4400161350", "011001605111", "80100798", "26427000000316294884",
    "￥１,234,567.80元", "-100.76", "2026-03-30", "20260330", "2026年3月30日", "2026-03-30T09:15:00+08:00",
    uscc_number(1), id_number(serial=7), case_number(), "穗天受〔2026〕12号", "K7M2XQ",
    "1.2.156.3005.2.11100000MB0339632L021.11440106MB2DEMA029.00000001.001.A",
    "WzE3NjM0NDU2MDAwMDAwMDAsIjEyMzQ1Njc4Il0",
    "发票代码,发票号码,开票日期,金额\n4400161350,80100798,2026-03-30,64.90",
    '{"年度": 2025, "级别": "A"}\n{"年度": 2024, "级别": null}',
)  # fmt: skip
_NEAR = "0123456789０１９ABXYZabc,.，。-_/:;{}[]\"'?=&#%￥元年月日〔〕 \t\r\n\ufeff\x00e+"
# Digits, letters and blanks of other scripts, halves of a sign, what turns the direction, and the last one.
_FAR = "²½٣৭Ⅷ①㈠İßŉﬁ\u0300\u200b\u202e\u2028\u3000\u00a0\x1c\x85\ud800\udfff\ufffe\U0001f600\U0010ffff"
_FARTHEST = 0x10FFFF


def text(draw: Random) -> str:
    """A text, of up to some hundred signs."""
    if draw.random() < 0.5:
        right = draw.choice(RIGHT)
        at = draw.randrange(len(right) + 1)
        return right[:at] + _signs(draw, draw.randint(0, 4)) + right[at + draw.randint(0, 6) :]
    return _signs(draw, draw.choice((0, 1, 2, 8, 20, 60)))


def value(draw: Random, depth: int = 2) -> Any:
    """A value as JSON has them, with texts of this kind in it."""
    match draw.randrange(10 if depth else 7):
        case 0:
            return draw.choice((None, True, False))
        case 1:
            return draw.choice((0, -1, 2**31, 2**63 - 1, -(2**63), 2**64 - 1, draw.randrange(1000)))
        case 2:
            return draw.choice((0.0, -0.5, 1e300, 5e-324, float("nan"), float("inf"), draw.random()))
        case 7:
            return [value(draw, depth - 1) for _ in range(draw.randrange(4))]
        case 8 | 9:
            return {text(draw)[:8]: value(draw, depth - 1) for _ in range(draw.randrange(4))}
        case _:
            return text(draw)


def _signs(draw: Random, count: int) -> str:
    pool = draw.choice((_NEAR, _NEAR, _FAR, ""))
    return "".join(draw.choice(pool) if pool else chr(draw.randint(0, _FARTHEST)) for _ in range(count))
