"""纳税人识别号 in all its forms, checked by the million: USCC of 18 signs, and older ones of 15, 17 and 20.

The quick path is a table of values and weights (GB 32100-2015); whatever it does not pass at once goes to
``app.kit.identity_numbers``, which forgives how people write and says what is wrong.
"""

import re
from operator import mul
from typing import Final

from app.kit import identity_numbers, masking
from app.kit.identity_numbers import BadNumber

_ALPHABET: Final = b"0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28, 1)
_USCC: Final = re.compile(rf"[0-9]{{8}}[{_ALPHABET.decode()}]{{10}}")
_VALUES: Final = bytes(max(_ALPHABET.find(sign), 0) for sign in range(256))
# 区划 and 机构代码; 身份证号 of 15 or 18 signs and two more of the tax authority's.
_OLD: Final = re.compile(r"[0-9]{6}[0-9A-Z]{9}")
_PERSONAL: Final = re.compile(r"(?:[0-9]{15}|[0-9]{17}[0-9X])[0-9A-Z]{2}")


def checked(text: str) -> str:
    """The number as it is kept. Raises BadNumber with the reason in Chinese."""
    if _USCC.fullmatch(text) and sum(map(mul, _WEIGHTS, text.encode().translate(_VALUES))) % 31 == 0:
        return text
    number = identity_numbers.normalised(text)
    if len(number) == 18:
        return identity_numbers.uscc_number(number)
    if _OLD.fullmatch(number) or _PERSONAL.fullmatch(number):
        return number
    raise BadNumber("纳税人识别号应为 18 位统一社会信用代码，或 15、17、20 位旧识别号，请核对")


def public(number: str) -> str | None:
    """The number as anybody may read it; ``None`` for one made of somebody's ID number."""
    return None if len(number) in (17, 20) or masking.mask_uscc(number) != number else number
