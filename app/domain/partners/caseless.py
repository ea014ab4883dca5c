"""Messages that tell of no case, ratings and certificates: each judged by itself, the moment it comes."""

import logging
from collections.abc import Sequence
from typing import Final

from app.domain.partners import certificates, ledger, ratings
from app.domain.partners.failures import is_passing
from app.domain.partners.kinds import Message
from app.domain.partners.ledger import Verdict
from app.kit import db
from app.kit.errors import Fault

log: Final = logging.getLogger("weiban.partners")


async def judge(messages: Sequence[Message], who: str) -> dict[int, Verdict]:
    """Write what these messages tell and answer the verdict on each, by sequence; those of cases are let be.

    Joins the caller's transaction.
    """
    return await ratings.judge(messages, who) | await certificates.judge(messages, who)


async def advance(system_id: int) -> int:
    """Apply parked ones, which came back from the dead and wait for nothing; answers how many were judged.

    Each in a transaction of its own; one that breaks again is set aside again.
    """
    judged = 0
    while await _advance_one(system_id):
        judged += 1
    return judged


async def _advance_one(system_id: int) -> bool:
    async with db.transaction():
        system = await ledger.lock(system_id, rows=0)
        found = await ledger.parked_caseless(system_id)
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
        log.exception("message %s of no case failed and is set aside", message.sequence)
        return ledger.FAILED
