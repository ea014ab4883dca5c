"""The gate every question goes through: ground, quota, bulkhead, and a line in the call log (SM-SHARE)."""

import time
from collections.abc import Awaitable, Callable, Collection
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final, TypeVar

from prometheus_client import Histogram

from app.gateways.exchange import alarms, calls, purposes
from app.gateways.exchange.alarms import Alarm
from app.gateways.exchange.bulkhead import Bulkhead, Full
from app.gateways.exchange.calls import Call, Trace
from app.gateways.exchange.contract import ExchangeDown
from app.gateways.exchange.purposes import Purpose, ShareRefused, Source
from app.gateways.exchange.quota import Quota
from app.kit.metrics import REGISTRY

V = TypeVar("V")

CALLS: Final = Histogram(
    "weiban_exchange_seconds",
    "Time a question to an outside system took, by outcome.",
    ("source", "outcome"),
    registry=REGISTRY,
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

_trace: ContextVar[Trace | None] = ContextVar("exchange_trace", default=None)


class TooManyAtOnce(ExchangeDown):
    """As many questions as we allow ourselves are under way to this system."""

    code = "exchange_too_many_at_once"
    message = "现在查询的人较多，请稍后再试"
    outcome = "too_many"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked in which words: purpose, names of the fields, whom it is about, what is to be learnt."""

    purpose: Purpose
    fields: Collection[str]
    subject: str | None = None
    learns: Collection[str] = ()
    has_consent: bool = False


class Gate:
    """The one way to one outside system, in this process."""

    def __init__(self, source: Source, quota: Quota, bulkhead: Bulkhead) -> None:
        self._source = source
        self._quota = quota
        self._bulkhead = bulkhead

    def check(self, question: Question) -> None:
        """Raise ShareRefused, and ring, for a question without a ground."""
        try:
            purposes.check(
                question.purpose, self._source, question.fields,
                learns=question.learns, has_consent=question.has_consent,
            )  # fmt: skip
        except ShareRefused:
            alarms.ring(self._source, Alarm.NO_GROUND, f"{question.purpose}: {_names(question)}")
            calls.note(Call(self._source, question.purpose, _fields(question), question.subject, "no_ground"))
            raise

    async def ask(self, question: Question, answer: Callable[[], Awaitable[V]]) -> V:
        """Let one question that was checked through; raises ExchangeDown and its kinds."""
        trace, began, outcome = Trace(), time.monotonic(), "given_up"
        token = _trace.set(trace)
        try:
            value = await self._admitted(answer)
            outcome = "answered"
            return value
        except ExchangeDown as down:
            outcome = down.outcome
            raise
        finally:
            _trace.reset(token)
            took = time.monotonic() - began
            CALLS.labels(self._source.value, outcome).observe(took)
            calls.note(
                Call(
                    self._source, question.purpose, _fields(question), question.subject, outcome,
                    round(took * 1000), trace,
                )
            )  # fmt: skip
            await self._quota.charge(trace.attempts - 1)

    def note_kept(self, question: Question, *, is_stale: bool) -> None:
        """An answer we still had told somebody about somebody: that is written down as well."""
        outcome = "stale" if is_stale else "cached"
        if question.subject is not None:
            calls.note(Call(self._source, question.purpose, _fields(question), question.subject, outcome))

    async def _admitted(self, answer: Callable[[], Awaitable[V]]) -> V:
        await self._quota.spend()
        try:
            async with self._bulkhead.seat():
                return await answer()
        except Full:
            raise TooManyAtOnce(retry_after=2) from None


def trace() -> Trace:
    """Where the transport writes what the question under way meets."""
    return _trace.get() or Trace()


def _fields(question: Question) -> list[str]:
    """A base library's question is told by what is to be learnt."""
    return sorted(question.learns or question.fields)


def _names(question: Question) -> str:
    return " ".join(_fields(question))
