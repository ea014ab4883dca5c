"""What we ask of the upstream data exchange, whoever answers: about people, invoices and tax credit.

Every connector passes the same tests (``tests/gateways/exchange/test_contract.py``). A new one is a
file beside ``demo.py`` and ``http.py`` and a line in ``choice.py``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from app.kit.errors import UpstreamDown


class Outcome(StrEnum):
    """What the registry says to a question of ours."""

    MATCH = "match"
    MISMATCH = "mismatch"
    """The registry knows the number, and it belongs with something else."""
    UNKNOWN = "unknown"
    """The registry does not know the number."""


@dataclass(frozen=True, slots=True)
class PersonCheck:
    """实名核验 of a name with an ID number."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class AgentCheck:
    """办税关系核验; the enterprise's registered name comes with a match only."""

    outcome: Outcome
    enterprise_name: str | None = None


class ExchangeDown(UpstreamDown):
    """The registry is out of reach, overloaded, or refuses us for a reason the person cannot mend."""

    code = "exchange_down"
    message = "数据交换服务暂时不可用，请稍后重试"

    def __init__(self, *, retry_after: int = 30) -> None:
        super().__init__(retry_after=retry_after)


class IdentityConnector(Protocol):
    """The registry of people and of enterprises.

    The questions change nothing upstream, so they may be repeated. All of them raise ``ExchangeDown``.
    """

    async def check_person(self, name: str, id_number: str) -> PersonCheck:
        """Whether this ID number belongs to somebody of this name."""
        ...

    async def check_agent(self, uscc: str, id_number: str, role: str) -> AgentCheck:
        """Whether this person holds this role in this enterprise.

        ``role`` is ``legal_representative``, ``finance_officer``, ``tax_agent`` or ``invoice_collector``.
        """
        ...

    async def close(self) -> None:
        """Give connections back."""
        ...


class InvoiceOutcome(StrEnum):
    """What the checking platform answers, whatever its own codes are (001, 002, 006, 009, rqerr …)."""

    MATCH = "match"
    MISMATCH = "mismatch"
    NOT_FOUND = "not_found"
    OVER_LIMIT = "over_limit"
    TOO_NEW = "too_new"
    """Issued today; it can be checked from tomorrow on."""


class InvoiceState(StrEnum):
    """发票状态."""

    NORMAL = "normal"  # 正常
    VOID = "void"  # 作废
    RED = "red"  # 红冲
    PARTLY_RED = "partly_red"  # 部分红冲
    FULLY_RED = "fully_red"  # 全额红冲


@dataclass(frozen=True, slots=True)
class InvoiceQuestion:
    """What an invoice check needs. ``proof`` is the amount (two decimals) or six digits, as the kind asks."""

    kind_code: str
    code: str
    number: str
    issued_on: date
    proof: str


@dataclass(frozen=True, slots=True)
class InvoiceAnswer:
    """The answer; a state comes with a match only."""

    outcome: InvoiceOutcome
    state: InvoiceState | None = None


class InvoiceConnector(Protocol):
    """The tax authority's invoice checking. Raises ``ExchangeDown``."""

    async def verify(self, question: InvoiceQuestion) -> InvoiceAnswer:
        """Whether there is such an invoice, and in which state. Counts as one of five checks a day there."""
        ...

    async def close(self) -> None:
        """Give connections back."""
        ...


@dataclass(frozen=True, slots=True)
class RatingFacts:
    """纳税缴费信用 of one year: level A B M C D, and the score if the authority tells it."""

    year: int
    level: str
    score: Decimal | None
    published_on: date


class CreditConnector(Protocol):
    """The tax authority's credit ratings. Raises ``ExchangeDown``."""

    async def ratings(self, uscc: str) -> Sequence[RatingFacts]:
        """Every published rating of an enterprise, the newest first; none for one never rated."""
        ...

    async def close(self) -> None:
        """Give connections back."""
        ...
