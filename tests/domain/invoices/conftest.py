"""People with folders, and a checking platform whose answers a test writes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from uuid import UUID

import pytest

from app.domain.accounts.models import AgentRole, Enterprise, EnterpriseBinding, Person
from app.domain.invoices import texts
from app.domain.invoices.owners import Owner
from app.domain.invoices.texts import InvoiceText
from app.gateways import exchange
from app.gateways.exchange import (
    ExchangeDown,
    InvoiceAnswer,
    InvoiceDetail,
    InvoiceOutcome,
    InvoiceQuestion,
    InvoiceState,
)
from app.kit import clock, crypto
from app.kit.ids import uuid7
from tests.factories.accounts import uscc_number

_serials = count(1)


@dataclass
class Platform:
    """Knows every invoice, as normal unless a test says otherwise; remembers what it was asked."""

    states: dict[str, InvoiceState] = field(default_factory=dict)
    outcomes: dict[str, InvoiceOutcome] = field(default_factory=dict)
    details: dict[str, InvoiceDetail] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    is_down: bool = False

    async def verify(self, question: InvoiceQuestion) -> InvoiceAnswer:
        if self.is_down:
            raise ExchangeDown
        self.asked.append(question.number)
        outcome = self.outcomes.get(question.number, InvoiceOutcome.MATCH)
        if outcome is not InvoiceOutcome.MATCH:
            return InvoiceAnswer(outcome)
        state = self.states.get(question.number, InvoiceState.NORMAL)
        return InvoiceAnswer(outcome, state, self.details.get(question.number))

    async def close(self) -> None: ...


@pytest.fixture
def platform() -> Iterator[Platform]:
    """The platform of this test, with its answers."""
    made = Platform()
    exchange.use_invoices(made)
    yield made
    exchange.use_invoices(None)


def number_of(serial: int) -> str:
    """The number of an ordinary digital invoice."""
    return f"26442{serial:015d}"


def invoice_of(serial: int = 1, *, issued_on: date | None = None, amount: str = "100.00") -> InvoiceText:
    """A digital invoice, issued on last New Year's Eve unless said otherwise: never today."""
    day = issued_on or date(clock.today().year - 1, 12, 31)
    return texts.of_inputs("32", "", number_of(serial), amount, day, "")


async def person() -> Owner:
    """Somebody with a folder of their own."""
    return Owner((await Person.create(id=uuid7())).id)


async def agent(enterprise_id: UUID | None = None) -> Owner:
    """Somebody who acts for an enterprise, a new one or one that others act for as well."""
    if enterprise_id is None:
        code = uscc_number(next(_serials))
        made = await Enterprise.create(
            id=uuid7(), uscc_sealed=crypto.seal(code), uscc_hash=code.encode(), name="广州某公司"
        )
        enterprise_id = made.id
    owner = Owner((await person()).person_id, enterprise_id)
    await EnterpriseBinding.create(
        id=uuid7(),
        person_id=owner.person_id,
        enterprise_id=enterprise_id,
        role=AgentRole.TAX_AGENT,
        expires_on=clock.today() + timedelta(days=3650),
    )
    return owner
