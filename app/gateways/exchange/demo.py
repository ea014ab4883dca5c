"""A pretend registry for local running and tests: deterministic, believable, never in production.

Every person and enterprise with a valid number exists and matches, except those named here.
"""

from app.gateways.exchange.contract import AgentCheck, ExchangeDown, Outcome, PersonCheck

NAME_UNKNOWN = "查无此人"
"""A person of this name is in no registry."""
NAME_MISMATCH = "张冠李戴"
"""A person of this name always brings somebody else's ID number."""
NAME_DOWN = "系统故障"
"""Asking about this name meets a registry that is down."""

ENTERPRISES: dict[str, str] = {
    "91440101MA5DEMQ01M": "广州珠江晨光贸易有限公司",
    "91440106MA5DEMQ021": "广州天河云帆信息技术有限公司",
    "91440300MA5DEMQ03P": "深圳市鹏程智造有限公司",
    "91440305MA5DEMQ043": "深圳南山海纳文化传播有限公司",
    "91440600MA5DEMQ05D": "佛山市禅城陶源建材有限公司",
    "92440604MA5DEMQ067": "佛山市禅城区老街肠粉店",
}
"""Enterprises anybody may act for in any role."""
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
        return AgentCheck(Outcome.MATCH, ENTERPRISES.get(uscc, f"演示企业{uscc[-6:]}有限公司"))

    async def close(self) -> None:
        """There is nothing to close."""
