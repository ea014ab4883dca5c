"""The doors of the exchange: each connector behind its gate, with what is kept of its answers."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, Final, TypeVar

from app.gateways.exchange import http_credit, wire
from app.gateways.exchange.answers import Answers, Keeping
from app.gateways.exchange.contract import AgentCheck, Answered, IdentityConnector, Outcome, PersonCheck
from app.gateways.exchange.credit_contract import AListPage, CreditConnector, RatingFacts
from app.gateways.exchange.gate import Gate, Question
from app.gateways.exchange.invoice_contract import InvoiceAnswer, InvoiceConnector, InvoiceQuestion
from app.gateways.exchange.library_contract import Library, LibraryConnector, LibraryRecord
from app.gateways.exchange.purposes import Purpose

V = TypeVar("V")

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def _whole(value: Any) -> Any:
    return value


def _not_kept(_: Any) -> Any:
    raise ValueError("this kind of answer is not kept")


_PERSON: Final[Keeping[PersonCheck]] = Keeping(
    # A confirmed name stands for a day; a wrong one may have been mended meanwhile and is asked again.
    "person", _DAY,
    write=lambda check: check.outcome.value,
    read=lambda kept: PersonCheck(Outcome(kept)),
    is_worth=lambda check: check.outcome is Outcome.MATCH,
)  # fmt: skip
_INVOICE: Final[Keeping[InvoiceAnswer]] = Keeping("invoice", 0, write=_whole, read=_not_kept)
_RATINGS: Final[Keeping[Sequence[RatingFacts]]] = Keeping(
    "ratings", 10 * _MINUTE, write=list, read=http_credit.ratings_of, stale_s=7 * _DAY
)
_A_LIST: Final[Keeping[AListPage]] = Keeping(
    "a_list", 6 * _HOUR,
    write=lambda page: {
        "enterprises": page.entries,
        "has_more": page.has_more,
        "year": page.entries[0].year if page.entries else 0,
    },
    read=lambda kept: http_credit.page_of(kept, kept["year"]),
    stale_s=30 * _DAY,
)  # fmt: skip
_RECORDS: Final[Keeping[Sequence[LibraryRecord]]] = Keeping(
    "records", _HOUR,
    write=lambda records: [dict(one.facts) for one in records],
    read=lambda kept: [
        LibraryRecord(tuple(sorted(wire.mapping(one).items()))) for one in wire.items(kept, 1000)
    ],
    stale_s=_DAY,
)  # fmt: skip


class _Door:
    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def _shared(
        self, answers: Answers[V], question: Question, words: str, ask: Callable[[], Awaitable[V]]
    ) -> Answered[V]:
        """Ask through the gate, unless somebody just did; ``words`` tell equal questions from others."""
        self._gate.check(question)
        served = await answers.get(words, lambda: self._gate.ask(question, ask))
        if served.is_kept:
            self._gate.note_kept(question, is_stale=served.answered.is_stale)
        return served.answered


class IdentityDoor(_Door):
    """The registry of people and enterprises. Raises ``ExchangeDown``."""

    def __init__(self, gate: Gate, connector: IdentityConnector) -> None:
        super().__init__(gate)
        self.connector = connector
        self._people = Answers(_PERSON)

    async def check_person(self, name: str, id_number: str) -> PersonCheck:
        """Whether this ID number belongs to somebody of this name; a match stands for a day (E15)."""
        question = Question(Purpose.REAL_NAME, ("name", "id_number"), id_number)
        answered = await self._shared(
            self._people, question, f"{id_number} {name}",
            lambda: self.connector.check_person(name, id_number),
        )  # fmt: skip
        return answered.value

    async def check_agent(self, uscc: str, id_number: str, role: str) -> AgentCheck:
        """Whether this person holds this role in this enterprise; asked each time, for people are fired."""
        question = Question(Purpose.BINDING, ("uscc", "id_number", "role"), id_number)
        self._gate.check(question)
        return await self._gate.ask(question, lambda: self.connector.check_agent(uscc, id_number, role))


class InvoiceDoor(_Door):
    """The invoice checking platform. Raises ``ExchangeDown``."""

    def __init__(self, gate: Gate, connector: InvoiceConnector) -> None:
        super().__init__(gate)
        self.connector = connector
        self._asked = Answers(_INVOICE)

    async def verify(self, question: InvoiceQuestion) -> InvoiceAnswer:
        """See ``InvoiceConnector``; who asks the same at the same moment shares the answer."""
        fields = ("kind", "code", "number", "issued_on", "proof")
        asked = Question(Purpose.INVOICE_CHECK, fields, f"{question.code} {question.number}")
        answered = await self._shared(
            self._asked, asked, repr(question), lambda: self.connector.verify(question)
        )
        return answered.value


class CreditDoor(_Door):
    """The credit rating service. Raises ``ExchangeDown``."""

    def __init__(self, gate: Gate, connector: CreditConnector) -> None:
        super().__init__(gate)
        self.connector = connector
        self._ratings = Answers(_RATINGS)
        self._pages = Answers(_A_LIST)

    async def ratings(self, uscc: str) -> Answered[Sequence[RatingFacts]]:
        """Every published rating of an enterprise, the newest first.

        At most ten minutes old; up to a week if nobody answers now.
        """
        question = Question(Purpose.RATING, ("uscc",), uscc)
        return await self._shared(self._ratings, question, uscc, lambda: self.connector.ratings(uscc))

    async def a_list(self, year: int, query: str, page: int) -> Answered[AListPage]:
        """See ``CreditConnector``; at most six hours old, up to a month if nobody answers now."""
        question = Question(Purpose.A_LIST, ("year", "query", "page"))
        return await self._shared(
            self._pages, question, f"{year} {page} {query}", lambda: self.connector.a_list(year, query, page)
        )


class LibraryDoor(_Door):
    """The base libraries. Raises ``ExchangeDown``."""

    def __init__(self, gate: Gate, connector: LibraryConnector) -> None:
        super().__init__(gate)
        self.connector = connector
        self._records = Answers(_RECORDS)

    async def look_up(
        self,
        library: Library,
        subject: str,
        fields: Collection[str],
        *,
        purpose: Purpose,
        has_consent: bool = False,
    ) -> Answered[Sequence[LibraryRecord]]:
        """What a library holds about an ID number or a USCC; at most an hour old, a day if nobody answers.

        ``has_consent`` says that the person consented to this. Raises ShareRefused if the purpose gives no
        ground for one of the fields, or asks for a consent that was not given.
        """
        question = Question(purpose, ("library", "subject", "fields"), subject, tuple(fields), has_consent)
        return await self._shared(
            self._records, question, f"{library} {subject} {purpose} {sorted(fields)}",
            lambda: self.connector.look_up(library, subject, fields, purpose=purpose.value),
        )  # fmt: skip
