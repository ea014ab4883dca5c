"""A pretend registry for local running and tests: deterministic, believable, never in production.

Every person and enterprise with a valid number exists and matches, except those named here.
"""

from app.gateways.exchange.contract import AgentCheck, ExchangeDown, Outcome, PersonCheck
from app.gateways.exchange.demo_enterprises import name_of

NAME_UNKNOWN = "查无此人"
"""A person of this name is in no registry."""
NAME_MISMATCH = "张冠李戴"
"""A person of this name always brings somebody else's ID number."""
NAME_DOWN = "系统故障"
"""Asking about this name meets a registry that is down."""

USCC_UNKNOWN = "91440101MA5DEMQ078"
"""No enterprise was ever registered with this code."""
USCC_NO_AGENT = "91440101MA5DEMQ08B"
"""An enterprise that nobody may act for."""


class DemoConnector:
    """See ``IdentityConnector``."""

    async def check_person(self, name: str, id_number: str) -> PersonCheck:  # noqa: ARG002  The contract's shape.
        if name == NAME_DOWN:
            raise ExchangeDown
        outcomes = {NAME_UNKNOWN: Outcome.UNKNOWN, NAME_MISMATCH: Outcome.MISMATCH}
        return PersonCheck(outcomes.get(name, Outcome.MATCH))

    async def check_agent(self, uscc: str, id_number: str, role: str) -> AgentCheck:  # noqa: ARG002  As above.
        outcomes = {USCC_UNKNOWN: Outcome.UNKNOWN, USCC_NO_AGENT: Outcome.MISMATCH}
        if uscc in outcomes:
            return AgentCheck(outcomes[uscc])
        return AgentCheck(Outcome.MATCH, name_of(uscc))

    async def close(self) -> None:
        """There is nothing to close."""
