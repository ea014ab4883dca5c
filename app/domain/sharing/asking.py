"""Asking what the state already knows: requested, authorised by catalogue and consent, hit, miss or error.

Each step is one guarded statement, and the question itself is outside of every transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.domain.accounts import consents
from app.domain.accounts.sessions import Citizen
from app.domain.certificates import holdings
from app.domain.certificates.holdings import OwnCertificate
from app.domain.sharing import facts, offers, subjects
from app.domain.sharing.errors import ShareNeedsConsent
from app.domain.sharing.facts import Records
from app.domain.sharing.models import Occasion, ShareRequest, ShareState
from app.gateways import exchange
from app.gateways.exchange import ExchangeDown, Library, NotConnected, Purpose
from app.kit import clock, db, ids, limits

CONSENT: Final = "data_sharing"
"""The purpose in the consent ledger."""

_ASKED_AN_HOUR: Final = 30  # Enough for every form, too few to watch somebody's register.

_AUTHORISE: Final = """
UPDATE share_request SET state = 'authorised', consent_version = $2 WHERE id = $1 AND state = 'requested'
"""
_ANSWER: Final = """
UPDATE share_request SET state = $2, department = $3, facts_sealed = $4, as_of = $5, is_stale = $6,
    error_code = $7, answered_at = $8::timestamptz, lapses_at = $9
WHERE id = $1 AND state = 'authorised'
"""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came of the question; with ``error_code`` there is none."""

    records: Records = ()
    department: str | None = None
    as_of: datetime | None = None
    is_stale: bool = False
    error_code: str | None = None

    @property
    def state(self) -> ShareState:
        if self.error_code is not None:
            return ShareState.ERROR
        return ShareState.HIT if self.records else ShareState.MISS


async def ask(citizen: Citizen, library: Library, occasion: Occasion) -> UUID:
    """Ask a library about whom the citizen acts for; answers the request, whatever came of it.

    Only the fields the occasion needs are asked for. A library that is away, or whose answer is not to be
    believed, ends in ``error``; nothing of such an answer is kept.

    Raises ShareNotOffered, ShareNeedsRealName or TooOften, and ShareNeedsConsent with the request kept as
    ``requested``: then nothing was asked.
    """
    asked = offers.fields_of(library, occasion, is_enterprise=citizen.enterprise_id is not None)
    subject = await subjects.number_of(citizen)
    await limits.hit("share", citizen.caller_id, allowance=_ASKED_AN_HOUR, per_s=3600, closed=True)
    request = await ShareRequest.create(
        id=ids.uuid7(), person_id=citizen.person_id, enterprise_id=citizen.enterprise_id, library=library,
        occasion=occasion, fields_asked=list(asked), asked_at=clock.now(),
    )  # fmt: skip
    if not await consents.is_granted(citizen.person_id, CONSENT):
        raise ShareNeedsConsent
    await db.execute(_AUTHORISE, request.id, consents.texts()[CONSENT].version)
    answer = await _own_store(citizen, library, asked) or await _library(library, subject, asked)
    await _keep(request.id, answer)
    request_id: UUID = request.id
    return request_id


async def _own_store(citizen: Citizen, library: Library, asked: Sequence[str]) -> _Answer | None:
    """What issuers pushed to us: nobody outside need be asked for it."""
    if library is not Library.CERTIFICATES:
        return None
    holder = await holdings.holder_of(citizen)
    held = await holdings.in_force(holder) if holder else ()
    if not held:
        return None
    return _Answer(
        records=[_record(one, asked) for one in held],
        department="、".join(dict.fromkeys(one.issuer_name for one in held))[:100],
        as_of=min(one.told_at for one in held),
    )


def _record(one: OwnCertificate, asked: Sequence[str]) -> dict[str, str]:
    until = one.valid_until.isoformat() if one.valid_until else "长期"
    known = {"kind": one.name, "number": one.number, "valid_until": until, "status": "有效"}
    return {name: known[name] for name in asked}


async def _library(library: Library, subject: str, asked: Sequence[str]) -> _Answer:
    try:
        answered = await exchange.libraries().look_up(
            library, subject, asked, purpose=Purpose.PREFILL, has_consent=True
        )
    except (ExchangeDown, NotConnected) as down:
        return _Answer(error_code=down.code)
    told = [dict(one.facts) for one in answered.value if one.facts]
    return _Answer(told, offers.DEPARTMENTS[library], answered.as_of, is_stale=answered.is_stale)


async def _keep(request_id: UUID, answer: _Answer) -> None:
    now = clock.now()
    is_hit = answer.state is ShareState.HIT
    await db.execute(
        _ANSWER, request_id, answer.state.value, answer.department,
        facts.seal_records(answer.records) if is_hit else None, answer.as_of, answer.is_stale,
        answer.error_code, now, now + offers.KEPT if is_hit else None,
    )  # fmt: skip
