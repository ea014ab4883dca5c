"""Taking messages in: each once, applied in the order of its case or parked, all in one transaction."""

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from asyncpg.exceptions import DeadlockDetectedError

from app.domain.partners import judging, ledger, ratings, rules
from app.domain.partners.errors import (
    BacklogFull,
    SequenceForgotten,
    SequenceReused,
    StepTaken,
)
from app.domain.partners.failures import is_passing
from app.domain.partners.judging import CaseTurn
from app.domain.partners.kinds import Answer, Message, MessageState, Outcome
from app.domain.partners.ledger import FAILED, Chain, Locked, Verdict, Waiting
from app.kit import clock, db
from app.kit.errors import Fault, InvalidInput, UpstreamDown
from config import settings

T = TypeVar("T")

log = logging.getLogger("weiban.partners")

_ATTEMPTS: Final = 3
_RETRY_BACKLOG_S: Final = 30
_CASES_AT_ONCE: Final = 1000
_PARKED: Final = Verdict(MessageState.PARKED)
# Verdicts of the door, known by being these very objects: they are answered and not kept.
_TAKEN: Final = judging.refusal(StepTaken())
_FULL: Final = judging.refusal(BacklogFull())
_FORGOTTEN: Final = Verdict(MessageState.APPLIED)


async def take_in(system_id: int, messages: Sequence[Message], *, is_paced: bool = True) -> list[Answer]:
    """Take messages in and answer one row each, in the order given.

    What is answered ``applied`` is committed with its case. Refused at the door (shape, scope, a sequence or
    step that is taken, a full backlog) leaves no trace; refused by the case's rules is kept, and its step is
    used up. A message that breaks the whole is set aside as dead, alone.

    Raises PushedTooFast, BacklogFull if nothing at all could be done, SignatureRefused for a system switched
    off, and what a lost store raises; then nothing was written.
    """
    try:
        return await _repeated(lambda: _take_in(system_id, messages, rows=len(messages) if is_paced else 0))
    except Fault:
        raise
    except Exception as failure:
        if is_passing(failure):
            raise
        log.exception("a push of %s messages failed; they are taken one by one", len(messages))
    return [await _alone(system_id, message) for message in messages]


async def revive(system_id: int, case_numbers: Collection[str | None]) -> int:
    """Apply what is parked of these cases and has come to its turn; answers how many were judged.

    ``None`` stands for messages of no case: they wait for nothing. Raises as ``take_in``.
    """
    judged = await ratings.advance(system_id) if None in case_numbers else 0
    numbers = sorted({one for one in case_numbers if one is not None})
    for first in range(0, len(numbers), _CASES_AT_ONCE):
        judged += await advance(system_id, numbers[first : first + _CASES_AT_ONCE])
    return judged


async def advance(system_id: int, case_numbers: Collection[str]) -> int:
    """Apply what is parked of these cases and has come to its turn; answers how many were judged.

    If that breaks, each case is tried alone, message by message, and the one to blame is set aside as dead.
    """
    try:
        return await _repeated(lambda: _advance(system_id, case_numbers))
    except Exception as failure:
        if isinstance(failure, Fault) or is_passing(failure):
            raise
        log.exception("parked messages of %s cases failed", len(case_numbers))
    if len(case_numbers) > 1:
        return sum([await advance(system_id, [number]) for number in case_numbers])
    return await _one_by_one(system_id, next(iter(case_numbers)))


async def _one_by_one(system_id: int, number: str) -> int:
    judged = 0
    try:
        while await _repeated(lambda: _advance(system_id, [number], most=1)):
            judged += 1
    except Exception as failure:
        if isinstance(failure, Fault) or is_passing(failure):
            raise
        log.exception("the next message of a case failed and is set aside")
        await _bury_next(system_id, number)
    return judged


async def _advance(system_id: int, case_numbers: Collection[str], *, most: int | None = None) -> int:
    async with db.transaction():
        push = _Push(await ledger.lock(system_id, rows=0), most)
        await _judge(push, case_numbers)
        await _write(push)
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


@dataclass(slots=True)
class _Push:
    """What a push finds, and what becomes of its messages."""

    system: Locked
    most: int | None = None
    """So many messages of a case are judged together, or as many as have come to their turn."""
    answers: dict[int, Answer] = field(default_factory=dict)
    doubled: set[int] = field(default_factory=set)
    fresh: dict[int, Message] = field(default_factory=dict)
    verdicts: dict[int, Verdict] = field(default_factory=dict)
    settled: list[tuple[int, Verdict]] = field(default_factory=list)
    reached: dict[str, Chain] = field(default_factory=dict)

    @property
    def who(self) -> str:
        """How the system is named in findings and in the audit log."""
        return f"partner:{self.system.code}"


async def _take_in(
    system_id: int, messages: Sequence[Message], *, rows: int, most: int | None = None
) -> list[Answer]:
    async with db.transaction():
        push = _Push(await ledger.lock(system_id, rows=rows), most)
        await _sort_out(push, messages)
        numbers = {one.case_number for one in push.fresh.values() if one.case_number is not None}
        await _judge(push, numbers)
        push.verdicts |= await ratings.judge(push.fresh.values(), push.who)
        _limit_backlog(push)
        await _write(push)
    return [
        push.answers.get(place) or _answer(push, place, message) for place, message in enumerate(messages)
    ]


async def _sort_out(push: _Push, messages: Sequence[Message]) -> None:
    """Answer what is known or refused at the door; the rest is fresh."""
    known = await ledger.known(push.system.id, {one.sequence for one in messages})
    now = clock.now()
    for place, message in enumerate(messages):
        earlier, twin = known.get(message.sequence), push.fresh.get(message.sequence)
        try:
            if earlier is not None:
                push.answers[place] = _again(message, earlier.digest, earlier.verdict)
            elif twin is not None and twin.digest != message.digest:
                raise SequenceReused
            elif twin is not None:
                push.doubled.add(place)
            elif message.case_number is None and message.sequence <= push.system.forgotten_to:
                raise SequenceForgotten
            else:
                rules.check_message(push.system.scope, message, now)
                push.fresh[message.sequence] = message
        except Fault as fault:
            push.answers[place] = refused(message.sequence, fault)


async def _judge(push: _Push, case_numbers: Collection[str]) -> None:
    """Bring the messages of these cases to their turn, fresh and parked ones together."""
    if not case_numbers:
        return
    chains = await ledger.chains(push.system.id, case_numbers)
    waiting = await ledger.waiting(push.system.id, case_numbers)
    _refuse_taken(push, chains, {(one.case_number, one.step) for one in waiting})
    places: dict[str, dict[int, Message | Waiting]] = {number: {} for number in case_numbers}
    for one in waiting:
        if one.state is MessageState.PARKED:
            places[one.case_number][one.step] = one
    for sequence in sorted(push.fresh):
        message = push.fresh[sequence]
        if message.case_number is not None and message.step is not None:
            places[message.case_number][message.step] = message
    runs = {number: _run(chains.get(number, Chain()), found)[: push.most] for number, found in places.items()}
    said = await ledger.messages_of(
        {one.id: one.received_at for run in runs.values() for one in run if isinstance(one, Waiting)}
    )
    turns = [
        CaseTurn(number, chains.get(number, Chain()), _whole(run, said))
        for number, run in runs.items()
        if run
    ]
    await judging.judge(push.system.scope, turns, push.who)
    ids = {one.sequence: one.id for one in waiting}
    for turn in turns:
        if turn.judged:
            push.reached[turn.number] = turn.reached
        for sequence, verdict in turn.verdicts.items():
            if sequence in ids:
                push.settled.append((ids[sequence], verdict))
            else:
                push.verdicts[sequence] = verdict


def _refuse_taken(push: _Push, chains: Mapping[str, Chain], waiting: set[tuple[str, int]]) -> None:
    """A step that another message has is no longer free; one told again after years has been judged."""
    taken = set(waiting)
    for sequence in sorted(push.fresh):
        message = push.fresh[sequence]
        if message.case_number is None or message.step is None:
            continue
        place = (message.case_number, message.step)
        if message.step <= chains.get(message.case_number, Chain()).last_step:
            is_forgotten = sequence <= push.system.forgotten_to
            push.verdicts[sequence] = _FORGOTTEN if is_forgotten else _TAKEN
            del push.fresh[sequence]
        elif place in taken:
            push.verdicts[sequence] = _TAKEN
            del push.fresh[sequence]
        else:
            taken.add(place)


def _run(chain: Chain, places: Mapping[int, Message | Waiting]) -> list[Message | Waiting]:
    """The messages of a case that follow each other without a gap from where it stands."""
    run, step = [], chain.last_step + 1
    while step in places:
        run.append(places[step])
        step += 1
    return run


def _whole(run: Sequence[Message | Waiting], said: Mapping[int, Message]) -> list[Message]:
    """What they said; a parked one whose words are gone ends the run."""
    whole: list[Message] = []
    for one in run:
        message = one if isinstance(one, Message) else said.get(one.id)
        if message is None:
            break
        whole.append(message)
    return whole


def _limit_backlog(push: _Push) -> None:
    """Park no more than the backlog holds; what can be applied is always taken, for it makes room.

    Raises BacklogFull if there is nothing else in the push.
    """
    parked = [sequence for sequence in sorted(push.fresh) if sequence not in push.verdicts]
    room = settings.current().partner_backlog - push.system.parked + len(push.settled)
    for sequence in parked[max(0, room) :]:
        push.verdicts[sequence] = _FULL
        del push.fresh[sequence]
    if not push.fresh and not push.answers and all(one is _FULL for one in push.verdicts.values()) and parked:
        raise BacklogFull(retry_after=_RETRY_BACKLOG_S)


async def _write(push: _Push) -> None:
    told = [(message, push.verdicts.get(sequence, _PARKED)) for sequence, message in push.fresh.items()]
    await ledger.write(push.system.id, told)
    await ledger.settle(push.settled)
    await ledger.move_on(push.system.id, push.reached)
    parked = sum(verdict is _PARKED for _, verdict in told) - len(push.settled)
    await ledger.count(push.system.id, parked=parked, last_sequence=max(push.fresh, default=0))


async def _alone(system_id: int, message: Message) -> Answer:
    """One message in a transaction of its own, without what waits for it; it is dead if it fails."""
    try:
        return (await _repeated(lambda: _take_in(system_id, [message], rows=0, most=1)))[0]
    except BacklogFull as full:
        return refused(message.sequence, full)
    except Fault:
        raise
    except Exception as failure:
        if is_passing(failure):
            raise
        log.exception("message %s failed and is set aside", message.sequence)
    async with db.transaction():
        await ledger.lock(system_id, rows=0)
        earlier = (await ledger.known(system_id, [message.sequence])).get(message.sequence)
        if earlier is not None:  # The same push, sent twice at once, failed there first.
            return _told(message.sequence, earlier.verdict)
        await ledger.write(system_id, [(message, FAILED)])
        await ledger.count(system_id, parked=0, last_sequence=message.sequence)
    return _told(message.sequence, FAILED)


async def _repeated(act: Callable[[], Awaitable[T]]) -> T:
    """Do it again if the database had to end a deadlock, which only another system's pushes can make."""
    for _ in range(_ATTEMPTS):
        try:
            return await act()
        except DeadlockDetectedError:
            continue
    raise UpstreamDown(retry_after=1)


def refused(sequence: int | None, fault: Fault) -> Answer:
    """The answer to what is refused at the door."""
    words = fault.message
    if isinstance(fault, InvalidInput) and fault.fields:
        words = "；".join(f"{name}：{'，'.join(reasons)}" for name, reasons in fault.fields.items())
    return Answer(sequence, Outcome.REFUSED, code=fault.code, detail=words[:1000])


def _again(message: Message, digest: bytes, verdict: Verdict) -> Answer:
    if digest != message.digest:
        raise SequenceReused
    return Answer(message.sequence, Outcome.DUPLICATE, verdict.state, verdict.code, verdict.words)


def _answer(push: _Push, place: int, message: Message) -> Answer:
    """The answer to what was judged now; the second of two equal rows is a duplicate of the first."""
    verdict = push.verdicts.get(message.sequence, _PARKED)
    if verdict is _FORGOTTEN or (place in push.doubled and message.sequence in push.fresh):
        return Answer(message.sequence, Outcome.DUPLICATE, verdict.state, verdict.code, verdict.words)
    if verdict in (_TAKEN, _FULL):
        return Answer(message.sequence, Outcome.REFUSED, code=verdict.code, detail=verdict.words)
    return _told(message.sequence, verdict)


def _told(sequence: int, verdict: Verdict) -> Answer:
    return Answer(sequence, Outcome(verdict.state.value), verdict.state, verdict.code, verdict.words)
