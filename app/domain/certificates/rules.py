"""Pure rules of certificates: their state on a day, and which of two tellings stands (SM-CERT)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum, auto
from typing import Final

from app.domain.certificates.models import State, Status, Trust

EXPIRING: Final = timedelta(days=30)
"""So long before its last day a certificate is about to expire, and its holder is told."""
VOUCHED: Final = frozenset({Trust.A, Trust.B})
"""Levels that may be used without the original."""
IN_FORCE: Final = frozenset({State.VALID, State.EXPIRING})
"""States in which a certificate proves something today."""

_ENDED: Final = frozenset({Status.REVOKED, Status.CANCELLED})
_BY_WORD: Final[Mapping[Status, State]] = {
    Status.REVOKED: State.REVOKED,
    Status.CANCELLED: State.REVOKED,
    Status.LOCKED: State.LOCKED,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one version has been told."""

    told_at: datetime
    status: Status


class Verdict(Enum):
    """What a telling does to what is known."""

    TAKEN = auto()
    OUTDATED = auto()
    """Something later is known of this version: nothing changes."""
    FINAL = auto()
    """The version has ended for good: only a new version brings the certificate back."""


def state_on(
    today: date, *, status: Status, trust: Trust, valid_from: date, valid_until: date | None
) -> State:
    """The state of the newest version on a day; the word of its issuer goes before every date."""
    if status in _BY_WORD:
        return _BY_WORD[status]
    if trust not in VOUCHED:
        return State.INGESTED
    if valid_until is not None and valid_until < today:
        return State.EXPIRED
    if valid_from > today:
        return State.VERIFIED
    if valid_until is not None and valid_until - today <= EXPIRING:
        return State.EXPIRING
    return State.VALID


def judge(known: Standing | None, told: Standing) -> Verdict:
    """Which of two tellings of one version stands: the one that was so later.

    Of two that were so at the same moment the one pushed later does.
    """
    if known is None:
        return Verdict.TAKEN
    if told.told_at < known.told_at:
        return Verdict.OUTDATED
    if known.status in _ENDED and told.status not in _ENDED:
        return Verdict.FINAL
    return Verdict.TAKEN


def watermark(issuer_name: str, valid_until: date | None) -> str:
    """What stands across a copy that is shown (国办函〔2016〕108号)."""
    until = f"{valid_until:%Y年%m月%d日}" if valid_until else "长期"
    return f"此件由{issuer_name}提供，仅供办理政务服务事项时使用，有效期至{until}"
