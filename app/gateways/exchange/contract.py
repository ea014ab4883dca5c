"""What we ask of the upstream data exchange about people and enterprises, whoever answers.

Every connector passes the same tests (``tests/gateways/exchange/test_contract.py``). A new one is a
file beside ``demo.py`` and ``http.py`` and a line in ``choice.py``.
"""

from dataclasses import dataclass
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
    message = "身份核验服务暂时不可用，请稍后重试"

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
