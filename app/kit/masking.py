"""Masking of personal data for display: the form in which they leave the house unless a rule says otherwise.

Every function answers a text in which the hidden signs cannot be told; nothing here looks anything up.
"""

import re

from app.kit.identity_numbers import is_id_number, normalised

STAR = "*"

_FIRST, _LAST = 3, 4
_ID_LENGTH = 18
_MOBILE = re.compile(r"1\d{10}\Z")
# Long enough to be the number of a phone, a card or a person, however it is grouped.
_LONG_NUMBER = re.compile(r"\+?\d(?:[ -]?\d){6,}[Xx]?")

# Province, city and county of a written address. A name before 区 may be no 小区 (housing estate),
# 社区 or 园区: those belong to the part that is hidden.
_ADDRESS = re.compile(
    r"(?P<province>[^省市区县\d\s]{2,8}?(?:省|自治区|特别行政区))?"
    r"(?P<city>[^省市区县\d\s]{2,10}?(?:自治州|地区|盟|市))?"
    r"(?P<county>[^省市区县镇乡\d\s]{1,10}?(?:自治县|县|自治旗|旗|市|(?<![小社园])区))?"
    r"(?P<town>[^省市区县镇乡道\d\s]{1,8}?(?:镇|乡|街道))?"
)


def mask_name(name: str) -> str:
    """姓名: only the last sign of two (``*三``), first and last of more (``欧**明``)."""
    if len(name) <= 1:
        return STAR * len(name)
    if len(name) == 2:
        return STAR + name[-1]
    return name[0] + STAR * (len(name) - 2) + name[-1]


def mask_name_for_screen(name: str) -> str:
    """姓名 on a call screen, where everybody in the hall reads it: only the first sign (``张*``)."""
    return name[:1] + STAR * (len(name) - 1) if len(name) > 1 else STAR * len(name)


def mask_id_number(number: str) -> str:
    """身份证号: the first three and the last four (``440***********1238``)."""
    return _middle(number)


def mask_phone(number: str) -> str:
    """手机号: ``138****5678``; of any other number only the last two signs stay."""
    if _MOBILE.match(number):
        return _middle(number)
    return STAR * max(len(number) - 2, 0) + number[-2:] if len(number) > 4 else STAR * len(number)


def mask_uscc(code: str) -> str:
    """统一社会信用代码 or 税号: in full; one that is or begins with an ID number is masked like it."""
    return _middle(code) if is_id_number(normalised(code)[:_ID_LENGTH]) else code


def mask_bank_card(number: str) -> str:
    """银行卡: only the last four (``**** 0123``)."""
    digits = "".join(number.split())
    return f"{STAR * 4} {digits[-4:]}" if len(digits) > 2 * _LAST else STAR * 4


def mask_email(address: str) -> str:
    """邮箱: the first sign and the domain (``z***@qq.com``)."""
    name, at, domain = address.rpartition("@")
    return f"{name[0]}***@{domain}" if at and name else STAR * 3


def mask_numbers(text: str) -> str:
    """Words of somebody else's program, kept for the operator: every long number is hidden whole."""
    return _LONG_NUMBER.sub(STAR * 3, text)


def mask_address(address: str) -> str:
    """地址: down to the county (``广东省广州市天河区****``), or to the town where a city has no counties."""
    found = _ADDRESS.match(address)
    if found is None:
        return STAR * 4
    parts = found.groupdict(default="")
    place = parts["province"] + parts["city"] + (parts["county"] or (parts["town"] if parts["city"] else ""))
    return place + STAR * 4


def _middle(text: str) -> str:
    if len(text) <= _FIRST + _LAST:
        return STAR * len(text)
    return text[:_FIRST] + STAR * (len(text) - _FIRST - _LAST) + text[-_LAST:]
