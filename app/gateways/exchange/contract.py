"""What we ask of any outside system, and what of the registry of people and enterprises.

The other contracts are ``invoice_contract``, ``credit_contract`` and ``library_contract``. Every connector
passes the same tests (``tests/gateways/exchange/``). A new one is a file beside ``demo.py`` and ``http.py``
and a line in ``choice.py``.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from app.kit.errors import UpstreamDown

V_co = TypeVar("V_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Answered(Generic[V_co]):
    """An answer with its age: ``as_of`` is when it was given; ``is_stale``: nobody gives a newer one now."""

    value: V_co
    as_of: datetime
    is_stale: bool = False


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
    outcome = "down"
    """One word for metrics and the call log; every kind of this refusal has its own."""

    def __init__(self, *, retry_after: int = 30) -> None:
        super().__init__(retry_after=retry_after)


class NotGenuine(ExchangeDown):
    """The answer is not signed by whom we asked, about somebody else, or senseless. Nobody sees it."""

    code = "exchange_not_genuine"
    message = "对方返回的数据未通过校验，已停止展示并通知管理员，请稍后重试"
    outcome = "not_genuine"


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
