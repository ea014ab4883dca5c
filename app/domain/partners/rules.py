"""Pure rules of what a system may push: kinds, the authorities and regions it speaks for, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.domain.cases import numbers
from app.domain.certificates import identifiers
from app.domain.partners.errors import MessageInvalid, OutOfScope
from app.domain.partners.kinds import Message, MessageKind

AHEAD: Final = timedelta(minutes=5)
"""How far the other side's clock may be ahead of ours."""
_AUTHORITY: Final = 18  # Signs of the USCC with which an official case number begins.
_COUNTY: Final = 6  # Digits of a region down to the county.
_REGISTERED_IN: Final = slice(2, 2 + _COUNTY)  # GB 32100-2015: signs 3 to 8 of a USCC.


@dataclass(frozen=True, slots=True)
class Scope:
    """权限范围; an empty list of authorities or regions means any."""

    kinds: frozenset[str]
    authorities: tuple[str, ...]
    regions: tuple[str, ...]


def check_message(scope: Scope, message: Message, now: datetime) -> None:
    """Raise unless a system may push this message, as far as the message itself tells.

    Raises OutOfScope, or MessageInvalid for what has not happened yet or contradicts itself.
    """
    if message.kind not in scope.kinds:
        raise OutOfScope
    if message.kind is MessageKind.CREDIT_RATING:
        return
    if datetime.fromisoformat(message.facts["at"]) > now + AHEAD:
        raise MessageInvalid(fields={"at": ["不能晚于当前时间"]})
    if message.kind is MessageKind.CERTIFICATE:
        _check_issuer(scope, identifiers.read(message.facts["identifier"]).issuer)
        return
    number = message.case_number or ""
    if numbers.is_official(number) and not _begins(number, scope.authorities):
        raise OutOfScope
    if message.kind is MessageKind.APPLICATION:
        _check_application(scope, message, number)


def speaks_for(scope: Scope, number: str, *, is_origin: bool, region_code: str | None) -> bool:
    """Whether a system may tell of a case that is there; ``region_code`` is that of its application.

    A number in the official form names its authority; another's is only for the system that handed it in.
    A case that no system handed in lies in the region its authority is registered in.
    """
    if is_origin:
        return True
    if not numbers.is_official(number) or not _begins(number, scope.authorities):
        return False
    if region_code is not None:
        return _begins(region_code, scope.regions)
    return _begins(number[_REGISTERED_IN], [region[:_COUNTY] for region in scope.regions])


def _check_issuer(scope: Scope, issuer: str) -> None:
    """Certificates are told by their issuer, who lies in the region it is registered in."""
    regions = [region[:_COUNTY] for region in scope.regions]
    if not (_begins(issuer, scope.authorities) and _begins(issuer[_REGISTERED_IN], regions)):
        raise OutOfScope


def _check_application(scope: Scope, message: Message, number: str) -> None:
    authority, region = message.facts["authority"], message.facts["region"]
    if numbers.is_official(number) and number[:_AUTHORITY] != authority:
        raise MessageInvalid(fields={"authority": ["与办件编号中的实施主体不一致"]})
    if not (_begins(authority, scope.authorities) and _begins(region, scope.regions)):
        raise OutOfScope


def _begins(text: str, prefixes: Sequence[str]) -> bool:
    return not prefixes or text.startswith(tuple(prefixes))
