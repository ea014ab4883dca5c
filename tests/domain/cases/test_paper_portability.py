"""Papers of a person who takes their data along, leaves, or turns out to be two."""

import asyncio
from pathlib import Path
from uuid import UUID

import orjson
import pytest

from app.domain.accounts import merging
from app.domain.accounts.models import Person, PersonMerge
from app.domain.cases import documents, paper_portability, portability, service, supplements
from app.domain.cases.models import Case
from app.domain.cases.models import CaseState as S
from app.domain.cases.paper_models import CaseDocument, CaseMaterial, CaseSupplement, MaterialState
from app.domain.cases.supplements import Answer
from app.kit import crypto, db
from app.kit.ids import uuid7
from config import settings
from tests.factories.appointments import make_person
from tests.factories.cases import make_case, step
from tests.factories.papers import asked_case, citizen, upload

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = settings.current().model_copy(update={"files_dir": str(tmp_path)})
    monkeypatch.setattr(settings, "current", lambda: chosen)


async def answered(person_id: UUID) -> str:
    """The number of a case whose correction was answered, with its documents issued."""
    case = await asked_case(person_id)
    made = await upload(case, person_id)
    given = Answer([made.id], text="补正说明", request_key="key")
    await supplements.answer(case.number, citizen(person_id), given)
    await documents.of_case(case.number, citizen(person_id))
    return case.number


async def test_an_export_has_ones_own_papers_and_none_of_others() -> None:
    me, other = await make_person(), await make_person()
    mine, theirs = await answered(me), await answered(other)
    written = orjson.dumps(await paper_portability.export(me)).decode()
    for told in (mine, "平面图.pdf", "补正说明", "correction"):
        assert told in written
    assert theirs not in written


async def test_what_an_office_found_of_an_enterprises_papers_is_not_exported() -> None:
    me = await make_person()
    number = await answered(me)
    await CaseMaterial.all().update(state=MaterialState.REJECTED, reason="图片模糊")
    assert "图片模糊" in orjson.dumps(await paper_portability.export(me)).decode()
    await Case.filter(number=number).update(enterprise_id=uuid7())
    written = orjson.dumps(await paper_portability.export(me)).decode()
    assert "平面图.pdf" in written
    assert "图片模糊" not in written
    assert "rejected" not in written


async def test_what_stays_of_who_left_names_nobody() -> None:
    me = await make_person()
    number = await answered(me)
    waiting = await upload(await asked_case(me), me)
    await service.record(number, step(S.NOT_ACCEPTED, days=4))
    await paper_portability.leave(me)
    assert not await CaseMaterial.filter(id=waiting.id).exists()
    assert set(await CaseMaterial.all().values_list("person_id", flat=True)) == {None}
    answer = await CaseSupplement.get()
    assert {answer.person_id, answer.text_sealed, answer.request_key} == {None}
    kept = await CaseDocument.filter(case_number=number)
    assert {one.content_sealed for one in kept} == {None}
    assert all(one.sha256 and one.code for one in kept), "a paper already handed out can still be checked"


async def test_a_document_asked_for_while_somebody_leaves_does_not_name_them() -> None:
    me, has_left = await make_person(), asyncio.Event()
    await Person.filter(id=me).update(name_sealed=crypto.seal("欧阳小明"))
    case = await make_case(S.NOT_ACCEPTED, person_id=me)

    async def listed() -> None:
        await has_left.wait()
        await documents.of_case(case.number, citizen(me))

    listing = asyncio.create_task(listed())
    async with db.transaction():
        await paper_portability.leave(me)
        await portability.leave(me)
        has_left.set()
        await asyncio.sleep(0.2)
    await listing
    for one in await CaseDocument.filter(case_number=case.number):
        assert "欧阳小明" not in crypto.unseal(one.content_sealed or "")


@pytest.fixture
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "_sections", dict(merging._sections))
    paper_portability.register()


@pytest.mark.usefixtures("_registered")
async def test_papers_move_along_when_two_persons_are_one_and_back_when_they_part() -> None:
    one, other = await make_person(), await make_person()
    numbers = {who: await answered(who) for who in (one, other)}
    kept = await merging.merge(one, other, actor="system", reason="same unionid")
    for table in (CaseMaterial, CaseSupplement):
        assert set(await table.all().values_list("person_id", flat=True)) == {kept}
    await merging.undo((await PersonMerge.get()).id, actor="system", reason="a mistake")
    for who, number in numbers.items():
        assert (await CaseMaterial.get(case_number=number)).person_id == who
        assert (await CaseSupplement.get(case_number=number)).person_id == who
