"""The registry of people and enterprises over HTTP.

``POST {url}/v1/person-checks`` ``{name, id_number, purpose}`` → ``{outcome}``;
``POST {url}/v1/agent-checks`` ``{uscc, id_number, role, purpose}`` → ``{outcome, enterprise_name}``.
"""

import logging
from collections.abc import Mapping
from typing import Any

from app.gateways.exchange.contract import AgentCheck, ExchangeDown, Outcome, PersonCheck
from app.gateways.exchange.upstream import Upstream

log = logging.getLogger(__name__)

PERSON_CHECKS = "/v1/person-checks"
AGENT_CHECKS = "/v1/agent-checks"


class HttpConnector(Upstream):
    """See ``IdentityConnector``."""

    async def check_person(self, name: str, id_number: str) -> PersonCheck:
        answer = await self.ask(PERSON_CHECKS, {"name": name, "id_number": id_number}, purpose="实名核验")
        return PersonCheck(_outcome(answer))

    async def check_agent(self, uscc: str, id_number: str, role: str) -> AgentCheck:
        asked = {"uscc": uscc, "id_number": id_number, "role": role}
        answer = await self.ask(AGENT_CHECKS, asked, purpose="企业绑定")
        outcome = _outcome(answer)
        if outcome is not Outcome.MATCH:
            return AgentCheck(outcome)
        name = answer.get("enterprise_name")
        if not isinstance(name, str) or not 0 < len(name) <= 200:
            log.error("the data exchange confirmed an enterprise without a name")
            raise ExchangeDown
        return AgentCheck(outcome, name)


def _outcome(answer: Mapping[str, Any]) -> Outcome:
    try:
        return Outcome(answer["outcome"])
    except (KeyError, ValueError):
        log.error("the data exchange gave an outcome we do not know")
        raise ExchangeDown from None
