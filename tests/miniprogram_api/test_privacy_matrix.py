"""Nobody reads another's case: who sees which, by every route that answers one."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest

from app.domain.accounts import sessions
from app.domain.accounts.models import AgentRole, BindingStatus, Enterprise, EnterpriseBinding, Session
from app.domain.accounts.sessions import Citizen
from app.domain.cases.models import CaseState as S
from app.kit import clock
from app.kit.ids import uuid7
from app.main import all_routes
from tests.client import Answer, Client
from tests.factories.cases import make_case

CASES = "/api/v1/cases"

# Who asks, in which identity, and the cases they may see then; everything else is not found.
MATRIX: dict[tuple[str, str], set[str]] = {
    ("ann", "herself"): {"of ann"},
    ("ann", "firm A"): {"of firm A"},
    ("ben", "himself"): {"of ben"},
    ("ben", "firm B"): {"of firm B"},
    ("expired agent", "themselves"): {"of expired agent"},
    ("expired agent", "firm A"): {"of expired agent"},
    ("fired agent", "themselves"): {"of fired agent"},
    ("fired agent", "firm A"): {"of fired agent"},
    ("stranger", "themselves"): set(),
}
READ_BY = ("GET", f"{CASES}/<number:str>")
CHANGED_BY = [("POST", f"{CASES}/<number:str>/withdraw"), ("POST", f"{CASES}/<number:str>/confirm-receipt")]
LISTED_BY = ("GET", CASES)
# These prove the query code instead, and tell less; what they tell is tested with them.
BY_CODE = {
    ("POST", f"{CASES}/lookup"),
    ("POST", f"{CASES}/<number:str>/follow"),
    ("DELETE", f"{CASES}/<number:str>/follow"),
    ("GET", f"{CASES}/followed"),
}


@dataclass(frozen=True)
class Town:
    """Two people, two enterprises, two former agents and a stranger; every case by its name."""

    tokens: dict[str, str]
    citizens: dict[str, Citizen]
    firms: dict[str, UUID]
    numbers: dict[str, str]

    async def acts(self, name: str, identity: str) -> str:
        """The token of somebody in an identity; what they once were allowed to choose stays chosen."""
        citizen = self.citizens[name]
        firm = self.firms.get(identity)
        await Session.filter(id=citizen.session_id).update(enterprise_id=firm)
        return self.tokens[name]


@pytest.fixture
async def town(client: Client) -> Town:
    names = ["ann", "ben", "expired agent", "fired agent", "stranger"]
    tokens = {name: await client.log_in(name.replace(" ", "-")) for name in names}
    citizens = {name: await sessions.citizen_of(token) for name, token in tokens.items()}
    firms = {name: await _firm(name) for name in ("firm A", "firm B")}
    for name, firm, days, status in (
        ("ann", "firm A", 30, BindingStatus.ACTIVE),
        ("ben", "firm B", 30, BindingStatus.ACTIVE),
        ("expired agent", "firm A", -1, BindingStatus.ACTIVE),
        ("fired agent", "firm A", 30, BindingStatus.UNBOUND),
    ):
        await EnterpriseBinding.create(
            id=uuid7(), person_id=citizens[name].person_id, enterprise_id=firms[firm],
            role=AgentRole.TAX_AGENT, status=status, expires_on=clock.today() + timedelta(days=days),
            ended_at=clock.now() if status is BindingStatus.UNBOUND else None,
        )  # fmt: skip
    numbers = {
        f"of {name}": (await make_case(S.ACCEPTED, person_id=citizens[name].person_id)).number
        for name in names[:-1]
    }
    # Handed in by agents who have left since: what they did for the enterprise is the enterprise's alone.
    for firm, agent in (("firm A", "fired agent"), ("firm B", "expired agent")):
        made = await make_case(
            S.ACCEPTED, person_id=citizens[agent].person_id, enterprise_id=firms[firm]
        )  # fmt: skip
        numbers[f"of {firm}"] = made.number
    return Town(tokens, citizens, firms, numbers)


async def _firm(name: str) -> UUID:
    made = await Enterprise.create(id=uuid7(), uscc_sealed="-", uscc_hash=uuid7().bytes, name=name)
    return made.id


def at(path: str, number: str) -> str:
    return path.replace("<number:str>", number)


async def test_every_route_that_answers_a_case_is_looked_at() -> None:
    known = {READ_BY, LISTED_BY, *CHANGED_BY, *BY_CODE}
    areas = "miniprogram_api.cases"
    served = {(one.method, one.path) for one in all_routes() if one.handler.__module__.startswith(areas)}
    assert served == known


async def test_each_sees_their_own_and_nothing_else(client: Client, town: Town) -> None:
    for (name, identity), allowed in MATRIX.items():
        token = await town.acts(name, identity)
        for owned, number in town.numbers.items():
            answer = await client.get(at(READ_BY[1], number), token=token)
            assert answer.status == (200 if owned in allowed else 404), (name, identity, owned)
        listed = (await client.get(LISTED_BY[1], token=token)).body["items"]
        assert {one["number"] for one in listed} == {town.numbers[one] for one in allowed}, (name, identity)


async def test_nobody_changes_what_they_may_not_see(client: Client, town: Town) -> None:
    for (name, identity), allowed in MATRIX.items():
        token = await town.acts(name, identity)
        for owned in town.numbers.keys() - allowed:
            for method, path in CHANGED_BY:
                answer = await client(method, at(path, town.numbers[owned]), token=token)
                assert (answer.status, answer.code) == (404, "case_unknown"), (name, identity, owned, path)


async def test_anothers_case_and_none_at_all_are_one_answer(client: Client, town: Town) -> None:
    token = await town.acts("stranger", "themselves")

    def told(answer: Answer) -> tuple[int, dict[str, str]]:
        return answer.status, {**answer.body, "request_id": ""}

    theirs = await client.get(at(READ_BY[1], town.numbers["of ann"]), token=token)
    nobodys = await client.get(at(READ_BY[1], "11440106MB2DEMA0293440131012002202611169999"), token=token)
    assert told(theirs) == told(nobodys)
