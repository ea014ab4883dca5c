"""Nobody reads another's papers: people, enterprises, and agents whose time is over."""

import pytest

from app.domain.accounts.models import BindingStatus, Enterprise
from app.domain.cases.models import Case
from app.domain.cases.models import CaseState as S
from app.domain.cases.paper_models import CaseMaterial
from app.kit.ids import uuid7
from tests.client import Client
from tests.factories.cases import make_case
from tests.miniprogram_api.papers.conftest import Applicant, applicant


async def enterprise() -> Enterprise:
    return await Enterprise.create(id=uuid7(), uscc_sealed="-", uscc_hash=uuid7().bytes, name="某公司")


async def statuses(who: Applicant, case: Case, material: str, document: str) -> set[int]:
    """What somebody is answered on every route of papers of a case."""
    number = case.number
    answers = [
        await who.get(f"{number}/materials"),
        await who.get(f"{number}/materials/{material}/file"),
        await who.get(f"{number}/documents"),
        await who.get(f"{number}/documents/{document}"),
        await who.upload(number),
        await who.answer(number, material),
        await who.client.delete(f"/api/v1/cases/{number}/materials/{material}", token=who.token),
    ]
    return {answer.status for answer in answers}


@pytest.fixture
async def agent(client: Client) -> Applicant:
    return await applicant(client, "agent")


async def papers_of(who: Applicant, case: Case) -> tuple[str, str]:
    """A material and a document of a case, by whoever may."""
    material = await who.uploaded(case.number)
    return material, (await who.get(f"{case.number}/documents")).body["items"][0]["id"]


async def test_a_persons_papers_are_their_own(client: Client, me: Applicant, asked: Case) -> None:
    papers = await papers_of(me, asked)
    stranger = await applicant(client, "stranger")
    assert await statuses(stranger, asked, *papers) == {404}
    await me.act_for(await enterprise())
    assert await statuses(me, asked, *papers) == {404}, "acting for an enterprise one sees its cases"
    assert await CaseMaterial.filter(handed_in_seq=None).count() == 1


async def test_an_enterprises_papers_are_its_agents(client: Client, me: Applicant, agent: Applicant) -> None:
    ours, theirs = await enterprise(), await enterprise()
    await me.act_for(ours)
    case = await make_case(S.SUPPLEMENT, person_id=me.person_id, enterprise_id=ours.id)
    papers = await papers_of(me, case)
    colleague, rival = await applicant(client, "colleague"), agent
    await rival.act_for(theirs)
    assert await statuses(rival, case, *papers) == {404}
    await colleague.act_for(ours)
    assert (await colleague.get(f"{case.number}/materials/{papers[0]}/file")).status == 200
    assert (await colleague.answer(case.number, papers[0])).status == 200


@pytest.mark.parametrize("ended", ["expired", "fired"])
async def test_a_former_agent_reads_nothing_not_even_their_own_uploads(agent: Applicant, ended: str) -> None:
    firm = await enterprise()
    binding = await agent.act_for(firm)
    case = await make_case(S.SUPPLEMENT, person_id=agent.person_id, enterprise_id=firm.id)
    papers = await papers_of(agent, case)
    if ended == "expired":
        binding.expires_on = binding.expires_on.replace(year=binding.expires_on.year - 1)
    else:
        binding.status = BindingStatus.UNBOUND
    await binding.save()
    assert await statuses(agent, case, *papers) == {404}


async def test_no_case_and_somebody_elses_are_answered_alike(client: Client, asked: Case) -> None:
    stranger = await applicant(client, "stranger")
    theirs = await stranger.get(f"{asked.number}/documents")
    unknown = await stranger.get("99999999/documents")
    assert (theirs.status, theirs.code) == (unknown.status, unknown.code) == (404, "case_unknown")
