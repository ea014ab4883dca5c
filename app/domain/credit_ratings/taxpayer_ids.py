"""纳税人识别号 in all its forms, checked by the million: USCC of 18 signs, and older ones of 15, 17 and 20.

What is right as it stands (GB 32100-2015) is told at once for very many; whatever does not pass goes to
``app.kit.identity_numbers``, which forgives how people write and says what is wrong.
"""

import re
from collections.abc import Sequence
from typing import Final

from app.kit import identity_numbers, masking
from app.kit.identity_numbers import BadNumber

_ALPHABET: Final = b"0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28, 1)
_MODULUS: Final = 31
# For each of the eighteen places, what a sign there adds; and what is left of a sum of two of these.
_ADDED: Final = tuple(
    bytes(max(_ALPHABET.find(sign), 0) * weight % _MODULUS for sign in range(256)) for weight in _WEIGHTS
)
_REST: Final = bytes(sign % _MODULUS for sign in range(256))

_SHAPE: Final = rf"[0-9]{{8}}[{_ALPHABET.decode()}]{{10}}"
_USCC: Final = re.compile(_SHAPE)
_USCCS: Final = re.compile(rf"(?:{_SHAPE},)*+")
_RIGHT: Final = "0" * len(_WEIGHTS)
# 区划 and 机构代码; 身份证号 of 15 or 18 signs and two more of the tax authority's.
_OLD: Final = re.compile(r"[0-9]{6}[0-9A-Z]{9}")
_PERSONAL: Final = re.compile(r"(?:[0-9]{15}|[0-9]{17}[0-9X])[0-9A-Z]{2}")


def checked(text: str) -> str:
    """The number as it is kept. Raises BadNumber with the reason in Chinese."""
    number = identity_numbers.normalised(text)
    if len(number) == len(_WEIGHTS):
        return identity_numbers.uscc_number(number)
    if _OLD.fullmatch(number) or _PERSONAL.fullmatch(number):
        return number
    raise BadNumber("纳税人识别号应为 18 位统一社会信用代码，或 15、17、20 位旧识别号，请核对")


def doubtful(texts: Sequence[str]) -> set[int]:
    """Places of those that are not, as they stand, a USCC with its right check digit; see ``checked``."""
    found: set[int] = set()
    joined = ",".join((*texts, ""))
    # The length tells a text that holds a comma itself from two of them.
    if len(joined) != (len(_WEIGHTS) + 1) * len(texts) or not _USCCS.fullmatch(joined):
        found = {at for at, text in enumerate(texts) if not _USCC.fullmatch(text)}
        texts = [_RIGHT if at in found else text for at, text in enumerate(texts)]
    rests = _rests("".join(texts).encode())
    if rests.strip(b"\0"):
        found.update(at for at, rest in enumerate(rests) if rest)
    return found


def public(number: str) -> str | None:
    """The number as anybody may read it; ``None`` for one made of somebody's ID number."""
    return None if len(number) in (17, 20) or masking.mask_uscc(number) != number else number


def _rests(numbers: bytes) -> bytes:
    """What the check leaves of each of many codes, one after the other; nothing if its last digit is right.

    It takes eighteen steps for all of them: as one great number, two rows of bytes are added at once, and no
    sum of two rests outgrows its byte.
    """
    count = len(numbers) // len(_WEIGHTS)
    total = bytes(count)
    for place, added in enumerate(_ADDED):
        more = numbers[place :: len(_WEIGHTS)].translate(added)
        both = int.from_bytes(total, "little") + int.from_bytes(more, "little")
        total = both.to_bytes(count, "little").translate(_REST)
    return total
