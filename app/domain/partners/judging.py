"""Applying messages to their cases in the order of each case, many cases at a time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from app.domain.cases import batches
from app.domain.cases.history import Move, Step
from app.domain.cases.models import Case
from app.domain.partners import applicants, ledger, moves, rules
from app.domain.partners.errors import OutOfScope
from app.domain.partners.kinds import Message, MessageKind, MessageState
from app.domain.partners.ledger import Chain, Verdict
from app.domain.partners.rules import Scope
from app.kit.errors import Fault

APPLIED: Final = Verdict(MessageState.APPLIED)
_LONGEST_WORDS: Final = 300
_ALONE: Final = (MessageKind.APPLICATION, MessageKind.CORRECTION_RECEIVED, MessageKind.OTHER)
"""Kinds that begin a wave of their case: what they mean is known when all before them has been judged."""


@dataclass(slots=True)
class CaseTurn:
    """The messages of one case that have come to their turn, in their order; ``chain`` is where they go on.

    ``region_code`` is that of a case another system handed in. ``judged`` counts those with a verdict.
    ``rest`` are steps of the message under way that come after its
    first: they are taken only if that succeeded.
    """

    number: str
    chain: Chain
    messages: Sequence[Message]
    region_code: str | None = None
    is_known: bool = False
    is_accepted: bool = False
    judged: int = 0
    rest: list[Step] = field(default_factory=list)
    verdicts: dict[int, Verdict] = field(default_factory=dict)

    @property
    def head(self) -> Message:
        return self.messages[self.judged]

    @property
    def is_over(self) -> bool:
        """Whether nothing more can be judged; what tells of a case that is not there yet waits for it."""
        if self.judged == len(self.messages):
            return True
        return not self.is_known and self.head.kind is not MessageKind.APPLICATION

    @property
    def reached(self) -> Chain:
        """How far the messages of the case have been judged now."""
        last = self.chain.last_step + self.judged
        return Chain(last, self.chain.is_origin, self.chain.region_code)

    def tell(self, verdict: Verdict) -> None:
        """Say what became of the head, and go on with the next."""
        self.verdicts[self.head.sequence] = verdict
        self.judged += 1
        self.rest = []


@dataclass(frozen=True, slots=True)
class _Told:
    """A step told to a case, and the later ones of the same message."""

    turn: CaseTurn
    step: Step
    later: list[Step]


@dataclass(slots=True)
class _Wave:
    """What is told together: applications, and steps of cases that are there."""

    begun: list[CaseTurn] = field(default_factory=list)
    told: list[_Told] = field(default_factory=list)


def refusal(fault: Fault) -> Verdict:
    """A refusal as it is kept and answered."""
    return Verdict(MessageState.REFUSED, fault.code, fault.message[:_LONGEST_WORDS])


async def judge(scope: Scope, turns: Iterable[CaseTurn], who: str) -> None:
    """Give every message that has come to its turn its verdict; joins the caller's transaction.

    A refused message has been judged: the one after it is judged by itself.
    """
    open_turns = list(turns)
    await _look_up(open_turns)
    if scope.regions:
        await _look_up_regions(open_turns)
    while open_turns := [turn for turn in open_turns if not turn.is_over]:
        wave = _Wave()
        for turn in open_turns:
            _gather(scope, turn, wave)
        await _begin(wave.begun)
        await _step(wave.told, who)


async def _look_up(turns: Sequence[CaseTurn]) -> None:
    """Note which cases are there, and which of them were accepted."""
    numbers = [turn.number for turn in turns]
    rows = await Case.filter(number__in=numbers).values_list("number", "accepted_at") if numbers else []
    there: Mapping[str, object] = dict(rows)
    for turn in turns:
        turn.is_known = turn.number in there
        turn.is_accepted = there.get(turn.number) is not None


async def _look_up_regions(turns: Sequence[CaseTurn]) -> None:
    foreign = [turn for turn in turns if turn.is_known and not turn.chain.is_origin]
    found = await ledger.regions([turn.number for turn in foreign]) if foreign else {}
    for turn in foreign:
        turn.region_code = found.get(turn.number)


def _gather(scope: Scope, turn: CaseTurn, wave: _Wave) -> None:
    """Put into the wave what may be told of a case together; it is judged one by one, in its order.

    What hangs on how something before it ended waits for the next wave: all that follows an application or
    the first of several steps, and a correction after an acceptance.
    """
    for place in range(turn.judged, len(turn.messages)):
        message, is_head = turn.messages[place], place == turn.judged
        if not is_head and message.kind in _ALONE:
            return
        if message.kind is MessageKind.APPLICATION:
            wave.begun.append(turn)
            return
        try:
            steps = turn.rest if is_head and turn.rest else _steps(scope, turn, message)
        except Fault as refused:
            if is_head:
                turn.tell(refusal(refused))
            return
        if not steps:
            turn.tell(APPLIED)
            return
        wave.told.append(_Told(turn, steps[0], steps[1:]))
        if len(steps) > 1:
            return


def _steps(scope: Scope, turn: CaseTurn, message: Message) -> list[Step]:
    if not rules.speaks_for(scope, turn.number, is_origin=turn.chain.is_origin, region_code=turn.region_code):
        raise OutOfScope
    return moves.steps(message, is_accepted=turn.is_accepted)


async def _begin(turns: Sequence[CaseTurn]) -> None:
    heads = [turn.head for turn in turns]
    found = await applicants.of(heads)
    told = [moves.told(head, one) for head, one in zip(heads, found, strict=True)]
    results = await batches.submit_many(told) if told else []
    for turn, result in zip(turns, results, strict=True):
        if result.error is None:
            turn.chain = Chain(turn.chain.last_step, True, turn.head.facts["region"])  # noqa: FBT003  Its order.
            turn.is_known = True
        turn.tell(APPLIED if result.error is None else refusal(result.error))


async def _step(told: Sequence[_Told], who: str) -> None:
    results = (
        await batches.record_many([Move(one.turn.number, one.step) for one in told], who=who) if told else []
    )
    for one, result in zip(told, results, strict=True):
        if result.error is not None:
            one.turn.tell(refusal(result.error))
        elif one.later:
            one.turn.rest = one.later
        else:
            one.turn.tell(APPLIED)
        if result.case is not None:
            one.turn.is_accepted = result.case.accepted_at is not None
