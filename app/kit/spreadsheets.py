"""What spreadsheet programs would make of our texts."""

from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
# What XML 1.0 cannot say (section 2.2), and so no workbook.
_UNSAYABLE: Final = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])


def harmless(text: str) -> str:
    """A text no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def plain(text: str) -> str:
    """A text as the cell of a workbook may hold it: harmless, without signs of control."""
    return harmless(text.translate(_UNSAYABLE))
