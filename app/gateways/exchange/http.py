"""The registry of people and enterprises over HTTP.

``POST {url}/v1/person-checks`` ``{name, id_number, purpose}`` → ``{outcome}``;
``POST {url}/v1/agent-checks`` ``{uscc, id_number, role, purpose}`` → ``{outcome, uscc, enterprise_name}``.
"""

from collections.abc import Mapping
from typing import Any

from app.gateways.exchange.contract import AgentCheck, Outcome, PersonCheck
from app.gateways.exchange.purposes import Purpose, Source
from app.gateways.exchange.upstream import Upstream

PERSON_CHECKS = "/v1/person-checks"
AGENT_CHECKS = "/v1/agent-checks"


class HttpConnector(Upstream):
    """See ``IdentityConnector``."""

    source = Source.IDENTITY

    async def check_person(self, name: str, id_number: str) -> PersonCheck:
        asked = {"name": name, "id_number": id_number}
        # The number need not come back: the nonce it is signed with binds the answer to the question.
        answer = await self.ask(
            PERSON_CHECKS, asked, purpose=Purpose.REAL_NAME, about=("id_number",), must_echo=False
        )
        return PersonCheck(self._outcome(answer, PERSON_CHECKS))

    async def check_agent(self, uscc: str, id_number: str, role: str) -> AgentCheck:
        asked = {"uscc": uscc, "id_number": id_number, "role": role}
        answer = await self.ask(
            AGENT_CHECKS, asked, purpose=Purpose.BINDING, about=("uscc", "id_number"), must_echo=False
        )
        outcome = self._outcome(answer, AGENT_CHECKS)
        if outcome is not Outcome.MATCH:
            return AgentCheck(outcome)
        name = answer.get("enterprise_name")
        if not isinstance(name, str) or not 0 < len(name) <= 200:
            raise self.nonsense(AGENT_CHECKS)
        return AgentCheck(outcome, name)

    def _outcome(self, answer: Mapping[str, Any], path: str) -> Outcome:
        try:
            return Outcome(answer["outcome"])
        except (KeyError, TypeError, ValueError):
            raise self.nonsense(path) from None
