"""证照标识: what the one identifier of an electronic certificate tells (GB/T 36904-2018).

``1.2.156.3005.2.{类型}.{颁发机构}.{流水}.{版本}.{校验位}``: the type is the issuing rule's USCC and three
digits, the version counts from 001, and the check sign is ISO 7064 MOD 37,36 (GB/T 17710-2008) over type,
issuer, serial and version without their dots.
"""

import re
from dataclasses import dataclass
from typing import Final

from stdnum.iso7064 import mod_37_36

from app.kit.identity_numbers import BadNumber, normalised

ROOT: Final = "1.2.156.3005.2."
LONGEST: Final = 120
_SIGNS: Final = "[0-9A-HJ-NPQRTUWXY]"
# A serial of issuers of their own may be a UUID or the number printed on the certificate.
_FORM: Final = re.compile(
    rf"(?P<type>{_SIGNS}{{18}}[0-9]{{3}})\.(?P<issuer>{_SIGNS}{{18}})\.(?P<serial>[0-9A-Z]{{1,50}})"
    r"\.(?P<version>(?!000)[0-9]{3})\.(?P<check>[0-9A-Z])"
)


@dataclass(frozen=True, slots=True)
class Identifier:
    """A checked identifier; its serial may be somebody's number, so it has no repr."""

    type_code: str
    issuer: str
    serial: str
    version: int
    check: str

    @property
    def text(self) -> str:
        """As it is written."""
        return f"{ROOT}{self.type_code}.{self.issuer}.{self.serial}.{self.version:03d}.{self.check}"

    @property
    def line(self) -> str:
        """What all versions of one certificate have in common."""
        return f"{self.type_code}.{self.issuer}.{self.serial}"

    def __repr__(self) -> str:
        return f"Identifier({self.type_code}, {self.issuer}, version {self.version})"


def read(text: str) -> Identifier:
    """The identifier a text holds. Raises BadNumber with the reason in Chinese."""
    written = "".join(text[:LONGEST].upper().split())
    found = _FORM.fullmatch(written.removeprefix(ROOT)) if written.startswith(ROOT) else None
    if found is None:
        raise BadNumber(
            f"证照标识应为 {ROOT}类型代码（21 位）.颁发机构代码（18 位）.流水号.版本号（3 位）.校验位，请核对"
        )
    if not mod_37_36.is_valid("".join(found.groups())):
        raise BadNumber("证照标识有误（校验位不符），请核对")
    return Identifier(found["type"], found["issuer"], found["serial"], int(found["version"]), found["check"])


def check_sign(type_code: str, issuer: str, serial: str, version: int) -> str:
    """The check sign of what an identifier tells."""
    sign: str = mod_37_36.calc_check_digit(f"{type_code}{issuer}{normalised(serial)}{version:03d}")
    return sign
