"""Checks of the two numbers people and enterprises are known by: 身份证号 and 统一社会信用代码.

python-stdnum knows alphabets, check digits and provinces (GB 11643-1999, GB 32100-2015). It is used by
parts, because its whole check of an ID number errs both ways. It lets a birth date in the future pass.
It refuses people born before their county got its code, though the code is that of their first
registration; it refuses residents of Taiwan (83); and it breaks at a county it has not heard of.
"""

import unicodedata
from datetime import date

from stdnum import numdb
from stdnum.cn import ric, uscc
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidFormat, InvalidLength, ValidationError

OLDEST_AGE = 130
"""In years; nobody has lived as long, so an older birth date is a slip of the pen."""

_LONGEST_INPUT = 64
_TAIWAN = "83"  # 港澳台居民居住证: 81, 82 and 83.
_OLD_LENGTH = 15


class BadNumber(ValueError):
    """The number cannot exist; the message says in Chinese what is wrong with it."""


def normalised(text: str) -> str:
    """The number in half-width capitals without spaces and hyphens."""
    flat = unicodedata.normalize("NFKC", text[:_LONGEST_INPUT])
    return "".join(sign for sign in flat if not sign.isspace() and sign != "-").upper()


def id_number(text: str, today: date) -> str:
    """The 18 signs of a resident's ID number, checked.

    Raises:
        BadNumber: with the reason in Chinese.
    """
    number = normalised(text)
    if len(number) == _OLD_LENGTH and number.isascii() and number.isdigit():
        raise BadNumber("15 位旧身份证号已停止使用，请填写二代身份证上的 18 位号码")
    try:
        _check_form(number)
    except ValidationError as wrong:
        raise BadNumber(_ID_WORDS.get(type(wrong), _ID_WORDS[InvalidFormat])) from None
    born = birth_date(number)
    if born > today:
        raise BadNumber("身份证号中的出生日期晚于今天，请核对")
    if _age(born, today) > OLDEST_AGE:
        raise BadNumber("身份证号中的出生日期过早，请核对")
    return number


def birth_date(number: str) -> date:
    """The birth date inside a checked ID number."""
    born: date = ric.get_birth_date(number)
    return born


def uscc_number(text: str) -> str:
    """The 18 signs of a unified social credit code, checked.

    Raises:
        BadNumber: with the reason in Chinese.
    """
    number = normalised(text)
    try:
        _check_ascii(number)
        uscc.validate(number)
    except ValidationError as wrong:
        raise BadNumber(_USCC_WORDS.get(type(wrong), _USCC_WORDS[InvalidFormat])) from None
    return number


def is_id_number(text: str) -> bool:
    """Whether a code has the form of a resident's ID number, check digit included."""
    try:
        _check_form(text)
    except ValidationError:
        return False
    return True


def _check_form(number: str) -> None:
    """Length, alphabet, check digit, province and a birth date that exists; raises stdnum's errors.

    Counties come and go, and the registry knows them better than a list: only the province counts.
    """
    _check_ascii(number)
    if len(number) != 18:
        raise InvalidLength
    if not number[:17].isdigit() or number[17] not in "0123456789X":
        raise InvalidFormat
    if number[17] != ric.calc_check_digit(number):
        raise InvalidChecksum
    if number[:2] != _TAIWAN and not numdb.get("cn/loc").info(number[:2])[0][1]:
        raise InvalidComponent
    ric.get_birth_date(number)


def _check_ascii(number: str) -> None:
    # str.isdigit also accepts the digits of other scripts, which int() then reads.
    if not number.isascii():
        raise InvalidFormat


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


_ID_WORDS: dict[type[ValidationError], str] = {
    InvalidLength: "身份证号应为 18 位，请核对",
    InvalidFormat: "身份证号只能由 17 位数字和末位数字或 X 组成，请核对",
    InvalidChecksum: "身份证号有误（校验位不符），请核对",
    InvalidComponent: "身份证号中的地区或出生日期不存在，请核对",
}
_USCC_WORDS: dict[type[ValidationError], str] = {
    InvalidLength: "统一社会信用代码应为 18 位，请核对",
    InvalidFormat: "统一社会信用代码含有不能使用的字符（不含 I、O、Z、S、V），请核对",
    InvalidChecksum: "统一社会信用代码有误（校验位不符），请核对",
}
