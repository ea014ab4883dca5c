"""Taking messages in: each once, applied in the order of its case or parked, all in one transaction."""

import logging
from collections.abc import Sequence

from app.domain.partners import arrivals, ledger
from app.domain.partners import push as pushes
from app.domain.partners.errors import BacklogFull, SequenceReused
from app.domain.partners.failures import is_passing, repeated
from app.domain.partners.kinds import Answer, Message
from app.domain.partners.ledger import FAILED
from app.domain.partners.push import Push
from app.kit import db
from app.kit.errors import Fault

log = logging.getLogger("weiban.partners")


async def take_in(system_id: int, messages: Sequence[Message], *, is_paced: bool = True) -> list[Answer]:
    """Take messages in and answer one row each, in the order given.

    What is answered ``applied`` is committed with its case. Refused at the door (shape, scope, a sequence or
    step that is taken, a full backlog) leaves no trace; refused by the case's rules is kept, and its step is
    used up. A message that breaks the whole is set aside as dead, alone.

    Raises PushedTooFast, BacklogFull if nothing at all could be done, SignatureRefused for a system switched
    off, and what a lost store raises; then nothing was written.
    """
    try:
        return await repeated(lambda: _take_in(system_id, messages, rows=len(messages) if is_paced else 0))
    except Fault:
        raise
    except Exception as failure:
        if is_passing(failure):
            raise
        log.exception("a push of %s messages failed; they are taken one by one", len(messages))
    answers = [await _alone(system_id, message) for message in messages]
    await arrivals.note({one.case_number for one in messages if one.case_number is not None})
    return answers


async def _take_in(
    system_id: int, messages: Sequence[Message], *, rows: int, most: int | None = None
) -> list[Answer]:
    async with db.transaction():
        push = Push(await ledger.lock(system_id, rows=rows), most)
        await pushes.sort_out(push, messages)
        await pushes.judge(push)
        await pushes.write(push)
    return [push.answer(place, message) for place, message in enumerate(messages)]


async def _alone(system_id: int, message: Message) -> Answer:
    """One message in a transaction of its own, without what waits for it; it is dead if it fails."""
    try:
        return (await repeated(lambda: _take_in(system_id, [message], rows=0, most=1)))[0]
    except BacklogFull as full:
        return pushes.refused(message.sequence, full)
    except Fault:
        raise
    except Exception as failure:
        if is_passing(failure):
            raise
        log.exception("message %s failed and is set aside", message.sequence)
    return await _set_aside(system_id, message)


async def _set_aside(system_id: int, message: Message) -> Answer:
    async with db.transaction():
        await ledger.lock(system_id, rows=0)
        earlier = (await ledger.known(system_id, [message.sequence])).get(message.sequence)
        if earlier is None:
            await ledger.write(system_id, [(message, FAILED)])
            await ledger.count(system_id, parked=0, last_sequence=message.sequence)
            return pushes.told(message.sequence, FAILED)
    # The same push, sent twice at once, failed there first; or another message has the sequence by now.
    if earlier.digest != message.digest:
        return pushes.refused(message.sequence, SequenceReused())
    return pushes.told(message.sequence, earlier.verdict)
