"""One's own cases: those of oneself and of enterprises one acts for now, and nobody else's."""

from datetime import timedelta
from uuid import UUID

import pytest

from app.domain.accounts.models import AgentRole, BindingStatus, Enterprise, EnterpriseBinding
from app.domain.cases import queries
from app.domain.cases.models import Case
from app.domain.cases.models import CaseState as S
from app.kit import clock
from app.kit.ids import uuid7
from tests.factories.appointments import make_person
from tests.factories.cases import case_number, make_case

pytestmark = pytest.mark.usefixtures("db")


async def enterprise_of(person_id: UUID, *, days: int = 30) -> Enterprise:
    """An enterprise the person acts for until so many days from now."""
    made = await Enterprise.create(id=uuid7(), uscc_sealed="-", uscc_hash=uuid7().bytes, name="某公司")
    await EnterpriseBinding.create(
        id=uuid7(), person_id=person_id, enterprise=made, role=AgentRole.TAX_AGENT,
        expires_on=clock.today() + timedelta(days=days),
    )  # fmt: skip
    return made


async def own(person_id: UUID, **asked: int) -> list[str]:
    return [one.number for one in await queries.recent(person_id, **asked)]


async def test_own_cases_come_latest_change_first_and_others_not_at_all() -> None:
    me, other = await make_person(), await make_person()
    still = await make_case(person_id=me)
    moved = await make_case(S.ACCEPTED, person_id=me)
    await make_case(person_id=other)
    await make_case()
    assert await own(me) == [moved.number, still.number]
    assert await own(me, limit=1) == [moved.number]


async def test_an_agent_sees_the_enterprises_cases_while_the_binding_stands() -> None:
    me, colleague = await make_person(), await make_person()
    firm = await enterprise_of(me)
    case = await make_case(person_id=colleague, enterprise_id=firm.id)
    assert await own(me) == [case.number]
    assert await own(colleague) == []


@pytest.mark.parametrize("ended", ["expired", "unbound"])
async def test_a_former_agent_sees_nothing_not_even_what_they_handed_in(ended: str) -> None:
    me = await make_person()
    firm = await enterprise_of(me, days=-1 if ended == "expired" else 30)
    if ended == "unbound":
        await EnterpriseBinding.all().update(status=BindingStatus.UNBOUND)
    await make_case(person_id=me, enterprise_id=firm.id)
    assert await own(me) == []


async def test_the_binding_is_valid_on_its_last_day() -> None:
    me = await make_person()
    firm = await enterprise_of(me, days=0)
    case = await make_case(enterprise_id=firm.id)
    assert await own(me) == [case.number]


async def test_a_case_that_is_over_is_due_no_more() -> None:
    me = await make_person()
    await make_case(S.ACCEPTED, S.WITHDRAWN, person_id=me)
    (found,) = await queries.own(me)
    assert found.due_on is None
    assert (await Case.get(number=found.number)).due_at is not None


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("12441500196720244T3442199806003202206230068", True),
        (" 12441500196720244t3442199806003 202206230068\n", True),
        ("１２441500196720244T3442199806003202206230068", True),
        ("12441500196720244T3442199806003202213230068", False),
        ("12441500196720244T344219980600320220623006", False),
        ("12441500196720244T34421998060032022062300680", False),
        ("12441500196720244I3442199806003202206230068", False),
        ("26312000000012345678", False),
        ("12345678", False),
        ("发票", False),
        ("", False),
    ],
)
def test_the_official_form_is_known_by_its_signs_and_its_day(text: str, is_one: bool) -> None:
    assert queries.looks_like_number(text) is is_one


def test_numbers_of_tests_have_that_form() -> None:
    assert queries.looks_like_number(case_number())
