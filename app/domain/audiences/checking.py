"""Checks of one row of an uploaded list: whether it can be, before anybody asks whom it names."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final, NamedTuple

import orjson

from app.domain.accounts import agency, proofing
from app.domain.audiences.columns import Layout
from app.domain.audiences.models import ListIdentity
from app.domain.audiences.reports import RowFault
from app.kit import crypto, identity_numbers, masking
from app.kit.tables import Cell, Oddity

LONGEST_CELL: Final = 200

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_FORMULA = re.compile(r"[=+\-@＝＋－＠]")
_NUMBER = re.compile(r"[+-]?[0-9][0-9,]*(\.[0-9]+)?%?")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_OPENID = re.compile(r"[0-9A-Za-z_-]{6,64}")


class Named(NamedTuple):
    """A row that can be: the key of whom it names, what is shown of that, and its facts as JSON."""

    row: int
    key: bytes
    masked: str
    params: str | None


class _Bad(ValueError):
    """What is wrong with a cell, in words."""


class Checker:
    """Checks the rows of one table."""

    def __init__(self, layout: Layout, today: date) -> None:
        self._layout = layout
        self._key = _KEYS[layout.identity]
        self._readers, self._is_strict = layout.form.readers, layout.form.is_strict
        self._today = today

    def check(self, row: int, cells: Sequence[Cell]) -> Named | RowFault:
        """The row as it is staged, or what is wrong with it first."""
        layout = self._layout
        at = layout.identity_at
        try:
            number = _text(_at(cells, at))
            key = self._key(number, self._today)
            params: dict[str, str] = {}
            for at, name in layout.facts:
                cell = _at(cells, at)
                if cell or self._is_strict:
                    params[name] = self._readers.get(name, str)(_text(cell))
            at = len(layout.titles)
            if any(cells[at:]):
                raise _Bad(f"这一行有 {len(cells)} 格，多于标题的 {at} 列")
        except ValueError as bad:
            title = layout.titles[at] if at < len(layout.titles) else ""
            return RowFault(row, title, str(bad), masked(_at(cells, at)))
        return Named(row, key, masked(number), orjson.dumps(params).decode() if params else None)


def masked(cell: Cell) -> str:
    """A cell as a report may show it: the first three and the last four signs."""
    return "" if isinstance(cell, Oddity) else masking.mask_id_number(cell.strip()[:40])


def is_empty(cells: Sequence[Cell]) -> bool:
    """Whether a row says nothing."""
    return not any(isinstance(cell, Oddity) or cell.strip() for cell in cells)


def _at(cells: Sequence[Cell], place: int) -> Cell:
    return cells[place] if place < len(cells) else ""


def _text(cell: Cell) -> str:
    """The text of a cell. Raises _Bad for what no message may carry."""
    if isinstance(cell, Oddity):
        raise _Bad(cell.value)
    text = cell.strip()
    if not text:
        raise _Bad("没有填写")
    if len(text) > LONGEST_CELL:
        raise _Bad(f"超过 {LONGEST_CELL} 个字")
    if _CONTROL.search(text):
        raise _Bad("含有换行或不可见的控制字符")
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        raise _Bad("不能以 = + - @ 开头，以免被当作公式")
    return text


def _uscc(text: str, _: date) -> bytes:
    return crypto.lookup_hash(identity_numbers.uscc_number(text), agency.USCC)


def _id_number(text: str, today: date) -> bytes:
    return crypto.lookup_hash(identity_numbers.id_number(text, today), proofing.ID_NUMBER)


def _phone(text: str, _: date) -> bytes:
    number = identity_numbers.normalised(text)
    if not _MOBILE.fullmatch(number):
        raise _Bad("手机号应为 11 位，以 1 开头")
    return crypto.lookup_hash(number, proofing.PHONE)


def _openid(text: str, _: date) -> bytes:
    if not _OPENID.fullmatch(text):
        raise _Bad("openid 只含字母、数字、下划线和短横线")
    return text.encode()


_KEYS: dict[ListIdentity, Callable[[str, date], bytes]] = {
    ListIdentity.USCC: _uscc,
    ListIdentity.ID_NUMBER: _id_number,
    ListIdentity.PHONE: _phone,
    ListIdentity.OPENID: _openid,
}
