"""Ratings (纳税信用级别) that the tax authority's system pushes: of no case, written together."""

import logging
from collections.abc import Iterable
from typing import Any, Final

from app.domain.credit_ratings import corrections
from app.domain.credit_ratings.corrections import Told
from app.domain.partners import ledger
from app.domain.partners.failures import is_passing
from app.domain.partners.kinds import Message, MessageKind, MessageState
from app.domain.partners.ledger import Verdict
from app.kit import db
from app.kit.errors import Fault

log = logging.getLogger("weiban.partners")

REFUSED: Final = "partner_rating_refused"


async def judge(messages: Iterable[Message], who: str) -> dict[int, Verdict]:
    """Write the ratings among messages and answer the verdict on each, by sequence.

    Of two about one enterprise and year the one with the higher sequence counts, within a push; over
    pushes the later push does. Joins the caller's transaction.
    """
    found = [one for one in messages if one.kind is MessageKind.CREDIT_RATING]
    if not found:
        return {}
    found.sort(key=lambda one: one.sequence)
    reasons = await corrections.apply([_told(one) for one in found], actor=who)
    return {
        one.sequence: Verdict(MessageState.REFUSED, REFUSED, why[:300])
        if why
        else Verdict(MessageState.APPLIED)
        for one, why in zip(found, reasons, strict=True)
    }


async def advance(system_id: int) -> int:
    """Apply parked ratings, which came back from the dead and wait for nothing; answers how many were judged.

    Each in a transaction of its own; one that breaks again is set aside again.
    """
    judged = 0
    while await _advance_one(system_id):
        judged += 1
    return judged


async def _advance_one(system_id: int) -> bool:
    async with db.transaction():
        system = await ledger.lock(system_id, rows=0)
        found = await ledger.parked_rating(system_id)
        if found is None:
            return False
        said = await ledger.messages_of(dict([found]))
        verdict = await _tried(said[found[0]], f"partner:{system.code}") if said else ledger.FAILED
        await ledger.settle([(found[0], verdict)])
        await ledger.count(system_id, parked=-1, last_sequence=0)
    return True


async def _tried(message: Message, who: str) -> Verdict:
    try:
        async with db.transaction():
            return (await judge([message], who))[message.sequence]
    except Exception as failure:
        if isinstance(failure, Fault) or is_passing(failure):
            raise
        log.exception("rating %s failed and is set aside", message.sequence)
        return ledger.FAILED


def _told(message: Message) -> Told:
    facts: Any = message.facts
    return Told(
        taxpayer_id=facts["taxpayer_id"],
        name=facts["name"],
        year=facts["year"],
        level=facts["level"],
        score=facts.get("score", ""),
        starting_score=facts.get("starting_score", ""),
        authority=facts.get("authority", ""),
    )
