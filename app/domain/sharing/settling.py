"""The person's word on a prefill: confirmed, or corrected with an objection; one of the two, once."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from app.domain.accounts import consents, free_text, identities
from app.domain.accounts.sessions import Citizen
from app.domain.halls.schedules import load_calendar
from app.domain.sharing import facts, offers, subjects
from app.domain.sharing.asking import CONSENT
from app.domain.sharing.errors import (
    ShareNeedsConsent,
    ShareRequestLapsed,
    ShareRequestNotFound,
    ShareRequestNotOpen,
)
from app.domain.sharing.facts import Claim, Correction
from app.domain.sharing.models import ShareObjection, ShareState
from app.kit import audit, clock, db

Wrong = tuple[int, str, str]
"""A record (from 1), the name of a field, and the value it should have."""

_OWN: Final = """
SELECT state, library, department, facts_sealed, lapses_at FROM share_request
WHERE id = $1 AND person_id = $2 AND enterprise_id IS NOT DISTINCT FROM $3
"""
_SETTLE: Final = """
UPDATE share_request SET state = $4, settled_at = $5::timestamptz
WHERE id = $1 AND person_id = $2 AND enterprise_id IS NOT DISTINCT FROM $3
  AND state = 'prefilled' AND lapses_at > $5
RETURNING library, department
"""


async def confirm(citizen: Citizen, request_id: UUID) -> None:
    """What was filled in is right. Saying it twice is saying it once.

    Raises ShareRequestNotFound, ShareRequestNotOpen, ShareRequestLapsed or ShareNeedsConsent.
    """
    row = await _open(citizen, request_id, unless=ShareState.CONFIRMED)
    if row is None:
        return
    async with db.transaction():
        await _settle(citizen, request_id, ShareState.CONFIRMED)
        await audit.record(citizen.caller_id, "share.confirmed", f"share_request:{request_id}")


async def correct(citizen: Citizen, request_id: UUID, wrong: Sequence[Wrong], reason: str) -> None:
    """What was filled in is wrong: an objection goes to the department it is from, with a day to answer by.

    Raises as ``confirm``, BadObjection or TextNotAllowed.
    """
    row = await _open(citizen, request_id)
    assert row is not None  # noqa: S101  Nothing counts as done before.
    told = facts.records_of(row["facts_sealed"])
    offers.check_objection(wrong, reason, told)
    opinion = await free_text.check(citizen.person_id, "\n".join([reason, *(one for *_, one in wrong)]))
    corrections = [
        Correction(record, name, told[record - 1].get(name), value) for record, name, value in wrong
    ]
    claim = Claim(await subjects.number_of(citizen), corrections, reason)
    calendar = await load_calendar()
    async with db.transaction():
        await identities.locked(citizen.person_id)
        settled = await _settle(citizen, request_id, ShareState.CORRECTED)
        names = sorted({name for _, name, _ in wrong})
        due_on = calendar.add_workdays(clock.today(), offers.ANSWER_WORKING_DAYS)
        objection = await ShareObjection.create(
            request_id=request_id, library=settled["library"], department=settled["department"],
            fields_disputed=names, claim_sealed=facts.seal_claim(claim), due_on=due_on,
            created_at=clock.now(),
        )  # fmt: skip
        await audit.record(
            citizen.caller_id, "share.objected", f"share_objection:{objection.id}",
            detail={"library": settled["library"], "department": settled["department"], "fields": names},
        )  # fmt: skip
        await free_text.mark(opinion, citizen.person_id, f"share_objection:{objection.id}")


async def _open(citizen: Citizen, request_id: UUID, unless: ShareState | None = None) -> Any | None:
    """The request if it can be settled, ``None`` if it is in the state ``unless`` already."""
    row = await db.fetch_one(_OWN, request_id, citizen.person_id, citizen.enterprise_id)
    if row is None:
        raise ShareRequestNotFound
    if unless is not None and row["state"] == unless:
        return None
    if row["state"] != ShareState.PREFILLED:
        raise ShareRequestNotOpen
    if row["facts_sealed"] is None or row["lapses_at"] <= clock.now():
        raise ShareRequestLapsed
    if not await consents.is_granted(citizen.person_id, CONSENT):
        raise ShareNeedsConsent
    return row


async def _settle(citizen: Citizen, request_id: UUID, to: ShareState) -> Any:
    """Move it, unless another word came first. Raises ShareRequestNotOpen."""
    settled = await db.fetch_one(
        _SETTLE, request_id, citizen.person_id, citizen.enterprise_id, to.value, clock.now()
    )
    if settled is None:
        raise ShareRequestNotOpen
    return settled
