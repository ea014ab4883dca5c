"""Applying what is parked once its turn has come by no push of its own system."""

import logging
from collections.abc import Collection
from typing import Final

from app.domain.partners import caseless, ledger
from app.domain.partners import push as pushes
from app.domain.partners.failures import is_passing, repeated
from app.domain.partners.kinds import MessageState
from app.domain.partners.ledger import FAILED
from app.domain.partners.push import Push
from app.kit import db
from app.kit.errors import Fault

log = logging.getLogger("weiban.partners")

_CASES_AT_ONCE: Final = 1000


async def revive(system_id: int, case_numbers: Collection[str | None]) -> int:
    """Apply what is parked of these cases and has come to its turn; answers how many were judged.

    ``None`` stands for messages of no case: they wait for nothing. Raises as ``intake.take_in``.
    """
    judged = await caseless.advance(system_id) if None in case_numbers else 0
    numbers = sorted({one for one in case_numbers if one is not None})
    for first in range(0, len(numbers), _CASES_AT_ONCE):
        judged += await _advance_all(system_id, numbers[first : first + _CASES_AT_ONCE])
    return judged


async def _advance_all(system_id: int, case_numbers: Collection[str]) -> int:
    """If these break together, each is tried alone, message by message; the one to blame is set aside."""
    try:
        return await repeated(lambda: _advance(system_id, case_numbers))
    except Exception as failure:
        if isinstance(failure, Fault) or is_passing(failure):
            raise
        log.exception("parked messages of %s cases failed", len(case_numbers))
    if len(case_numbers) > 1:
        return sum([await _advance_all(system_id, [number]) for number in case_numbers])
    return await _one_by_one(system_id, next(iter(case_numbers)))


async def _one_by_one(system_id: int, number: str) -> int:
    judged = 0
    try:
        while await repeated(lambda: _advance(system_id, [number], most=1)):
            judged += 1
    except Exception as failure:
        if isinstance(failure, Fault) or is_passing(failure):
            raise
        log.exception("the next message of a case failed and is set aside")
        await _bury_next(system_id, number)
    return judged


async def _advance(system_id: int, case_numbers: Collection[str], *, most: int | None = None) -> int:
    async with db.transaction():
        push = Push(await ledger.lock(system_id, rows=0), most)
        await pushes.judge_cases(push, case_numbers)
        await pushes.write(push)
    return len(push.settled)


async def _bury_next(system_id: int, number: str) -> None:
    async with db.transaction():
        await ledger.lock(system_id, rows=0)
        parked = [
            one for one in await ledger.waiting(system_id, [number]) if one.state is MessageState.PARKED
        ]
        first = min(parked, key=lambda one: one.step, default=None)
        if first is not None:
            await ledger.settle([(first.id, FAILED)])
            await ledger.count(system_id, parked=-1, last_sequence=0)
