"""One push under the lock of its system: what is known, what comes to its turn, and what is written of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from app.domain.partners import caseless, judging, ledger, rules
from app.domain.partners.errors import BacklogFull, SequenceForgotten, SequenceReused, StepTaken
from app.domain.partners.judging import CaseTurn
from app.domain.partners.kinds import Answer, Message, MessageState, Outcome
from app.domain.partners.ledger import Chain, Locked, Verdict, Waiting
from app.kit import clock
from app.kit.errors import Fault, InvalidInput
from config import settings

_RETRY_BACKLOG_S: Final = 30
_PARKED: Final = Verdict(MessageState.PARKED)
_LONGEST_DETAIL: Final = 1000


@dataclass(slots=True)
class Push:
    """What a push finds, and what becomes of its messages.

    ``answers`` are given at the door, by place; ``doubled`` are places of a second equal row. ``turned_away``
    is not kept, ``forgotten`` was judged before the ledger begins; what is still ``fresh`` is written, with
    its verdict or as parked. ``settled`` are messages of earlier pushes, by their ids.
    """

    system: Locked
    most: int | None = None
    """So many messages of a case are judged together, or as many as have come to their turn."""
    answers: dict[int, Answer] = field(default_factory=dict)
    doubled: set[int] = field(default_factory=set)
    fresh: dict[int, Message] = field(default_factory=dict)
    turned_away: dict[int, Fault] = field(default_factory=dict)
    forgotten: set[int] = field(default_factory=set)
    verdicts: dict[int, Verdict] = field(default_factory=dict)
    settled: list[tuple[int, Verdict]] = field(default_factory=list)
    reached: dict[str, Chain] = field(default_factory=dict)

    @property
    def who(self) -> str:
        """How the system is named in findings and in the audit log."""
        return f"partner:{self.system.code}"

    def turn_away(self, sequence: int, fault: Fault) -> None:
        """Keep nothing of a message; it may come again under its sequence."""
        self.turned_away[sequence] = fault
        del self.fresh[sequence]

    def answer(self, place: int, message: Message) -> Answer:
        """The answer to a row; the second of two equal rows is a duplicate of the first."""
        if place in self.answers:
            return self.answers[place]
        sequence = message.sequence
        if sequence in self.turned_away:
            return refused(sequence, self.turned_away[sequence])
        if sequence in self.forgotten:
            return Answer(sequence, Outcome.DUPLICATE, MessageState.APPLIED)
        verdict = self.verdicts.get(sequence, _PARKED)
        return _repeated(sequence, verdict) if place in self.doubled else told(sequence, verdict)


async def sort_out(push: Push, messages: Sequence[Message]) -> None:
    """Answer what is known or refused at the door; the rest is fresh."""
    known = await ledger.known(push.system.id, {one.sequence for one in messages})
    now = clock.now()
    for place, message in enumerate(messages):
        earlier, twin = known.get(message.sequence), push.fresh.get(message.sequence)
        try:
            if earlier is not None:
                if earlier.digest != message.digest:
                    raise SequenceReused
                push.answers[place] = _repeated(message.sequence, earlier.verdict)
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


async def judge(push: Push) -> None:
    """Give every fresh message its verdict that has come to its turn; raises BacklogFull for a push of
    nothing but messages for which there is no room to wait."""
    # In the order of the sequences: of two cases that want one 受理编号 the first told has it.
    numbers = (push.fresh[sequence].case_number for sequence in sorted(push.fresh))
    await judge_cases(push, list(dict.fromkeys(number for number in numbers if number is not None)))
    push.verdicts |= await caseless.judge(list(push.fresh.values()), push.who)
    _limit_backlog(push)


async def judge_cases(push: Push, case_numbers: Collection[str]) -> None:
    """Bring the messages of these cases to their turn, fresh and parked ones together."""
    if not case_numbers:
        return
    chains = await ledger.chains(push.system.id, case_numbers)
    waiting = await ledger.waiting(push.system.id, case_numbers)
    _turn_away_taken(push, chains, {(one.case_number, one.step) for one in waiting})
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
    _note(push, turns, {one.sequence: one.id for one in waiting})


async def write(push: Push) -> None:
    """Write what became of the messages, and how far each case has come."""
    kept = [(message, push.verdicts.get(sequence, _PARKED)) for sequence, message in push.fresh.items()]
    await ledger.write(push.system.id, kept)
    await ledger.settle(push.settled)
    await ledger.move_on(push.system.id, push.reached)
    parked = len(push.fresh.keys() - push.verdicts.keys()) - len(push.settled)
    await ledger.count(push.system.id, parked=parked, last_sequence=max(push.fresh, default=0))


def refused(sequence: int | None, fault: Fault) -> Answer:
    """The answer to what is refused at the door."""
    words = fault.message
    if isinstance(fault, InvalidInput) and fault.fields:
        words = "；".join(f"{name}：{'，'.join(reasons)}" for name, reasons in fault.fields.items())
    return Answer(sequence, Outcome.REFUSED, code=fault.code, detail=words[:_LONGEST_DETAIL])


def told(sequence: int, verdict: Verdict) -> Answer:
    """The answer to what is kept."""
    return Answer(sequence, Outcome(verdict.state.value), verdict.state, verdict.code, verdict.words)


def _repeated(sequence: int, verdict: Verdict) -> Answer:
    return Answer(sequence, Outcome.DUPLICATE, verdict.state, verdict.code, verdict.words)


def _turn_away_taken(push: Push, chains: Mapping[str, Chain], waiting: set[tuple[str, int]]) -> None:
    """A step that another message has is no longer free; one told again after years has been judged."""
    taken = set(waiting)
    for sequence in sorted(push.fresh):
        message = push.fresh[sequence]
        if message.case_number is None or message.step is None:
            continue
        place = (message.case_number, message.step)
        is_past = message.step <= chains.get(message.case_number, Chain()).last_step
        if is_past and sequence <= push.system.forgotten_to:
            push.forgotten.add(sequence)
            del push.fresh[sequence]
        elif is_past or place in taken:
            push.turn_away(sequence, StepTaken())
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


def _note(push: Push, turns: Sequence[CaseTurn], ids: Mapping[int, int]) -> None:
    """Note what was judged; ``ids`` are those of messages that had waited, by sequence."""
    for turn in turns:
        if turn.judged:
            push.reached[turn.number] = turn.reached
        for sequence, verdict in turn.verdicts.items():
            if sequence in ids:
                push.settled.append((ids[sequence], verdict))
            else:
                push.verdicts[sequence] = verdict


def _limit_backlog(push: Push) -> None:
    """Park no more than the backlog holds; what can be applied is always taken, for it makes room."""
    parked = sorted(push.fresh.keys() - push.verdicts.keys())
    room = settings.current().partner_backlog - push.system.parked + len(push.settled)
    is_all = len(parked) == len(push.fresh) and not (
        push.answers or push.turned_away or push.forgotten or push.settled
    )
    if parked and is_all and room <= 0:
        raise BacklogFull(retry_after=_RETRY_BACKLOG_S)
    for sequence in parked[max(0, room) :]:
        push.turn_away(sequence, BacklogFull())
