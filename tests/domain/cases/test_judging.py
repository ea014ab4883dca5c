"""What the office finds of a material: only by clerks, once, with a reason, and every reading on record."""

from pathlib import Path
from uuid import UUID

import pytest

from app.domain.accounts.models import StaffRole
from app.domain.cases import judging, materials, supplements
from app.domain.cases.paper_errors import CannotJudge, MaterialNotFound
from app.domain.cases.paper_models import CaseMaterial, MaterialState, Trust
from app.domain.cases.supplements import Answer
from app.kit import audit
from app.kit.errors import InvalidInput, NotAllowed
from app.kit.ids import uuid7
from app.kit.models import AuditEntry
from config import settings
from tests.factories.appointments import make_person
from tests.factories.notices import PDF, member
from tests.factories.papers import asked_case, citizen, upload

pytestmark = pytest.mark.usefixtures("db")

CLERK = member(StaffRole.CLERK)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = settings.current().model_copy(update={"files_dir": str(tmp_path)})
    monkeypatch.setattr(settings, "current", lambda: chosen)


@pytest.fixture
async def me() -> UUID:
    return await make_person()


@pytest.fixture
async def handed_in(me: UUID) -> CaseMaterial:
    case = await asked_case(me)
    made = await upload(case, me)
    await supplements.answer(case.number, citizen(me), Answer([made.id]))
    return made


async def test_a_checked_material_is_trusted_more_and_judged_once(handed_in: CaseMaterial) -> None:
    await judging.approve(CLERK, handed_in.id)
    found = await CaseMaterial.get()
    assert (found.state, found.trust) == (MaterialState.CHECKED, Trust.CHECKED)
    with pytest.raises(CannotJudge):
        await judging.reject(CLERK, handed_in.id, "模糊")
    assert (await AuditEntry.get(action="material.checked")).actor == CLERK.caller_id


async def test_a_rejected_material_says_why_and_can_be_replaced(me: UUID, handed_in: CaseMaterial) -> None:
    with pytest.raises(InvalidInput):
        await judging.reject(CLERK, handed_in.id, " ")
    await judging.reject(CLERK, handed_in.id, "图片模糊，请重新拍摄")
    assert (await CaseMaterial.get()).reason == "图片模糊，请重新拍摄"
    number = handed_in.case_number
    fresh = await materials.add(number, citizen(me), "新图.pdf", PDF, replaces=handed_in.id)
    states = [one.state for one in await materials.of_case(number, citizen(me))]
    assert states == [MaterialState.REPLACED, MaterialState.UPLOADED]
    assert fresh.handed_in_seq == 3


async def test_what_was_not_handed_in_is_not_judged(me: UUID) -> None:
    waiting = await upload(await asked_case(me), me)
    with pytest.raises(CannotJudge):
        await judging.approve(CLERK, waiting.id)
    with pytest.raises(MaterialNotFound):
        await judging.approve(CLERK, uuid7())


async def test_only_clerks_judge_and_read(handed_in: CaseMaterial) -> None:
    for role in set(StaffRole) - {StaffRole.CLERK}:
        with pytest.raises(NotAllowed):
            await judging.approve(member(role), handed_in.id)
        with pytest.raises(NotAllowed):
            await judging.read(member(role), handed_in.id, reason="核对")


async def test_every_reading_is_on_record(handed_in: CaseMaterial) -> None:
    _, content = await judging.read(CLERK, handed_in.id, reason="核对原件")
    assert content == PDF
    assert (await AuditEntry.get(action="material.read")).reason == "核对原件"
    assert await audit.verify() == 1


async def test_what_was_not_handed_in_is_not_read_and_nothing_without_a_reason(
    me: UUID, handed_in: CaseMaterial
) -> None:
    waiting = await upload(await asked_case(me), me)
    with pytest.raises(MaterialNotFound):
        await judging.read(CLERK, waiting.id, reason="核对")
    for reason in (" ", "字" * 201):
        with pytest.raises(InvalidInput):
            await judging.read(CLERK, handed_in.id, reason=reason)
        with pytest.raises(InvalidInput):
            await judging.reject(CLERK, handed_in.id, reason)
    assert not await AuditEntry.all().exists()
