"""What is thrown away: uploads nobody handed in, and then files no material refers to; nothing else."""

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from app.domain.cases import materials, paper_keeping, service, supplements
from app.domain.cases.models import Case
from app.domain.cases.models import CaseState as S
from app.domain.cases.paper_models import CaseMaterial, CaseUpload
from app.domain.cases.supplements import Answer
from app.kit import clock, db, files
from app.kit.files import StoreDown
from config import settings
from tests.factories.appointments import make_person
from tests.factories.cases import step
from tests.factories.notices import PDF
from tests.factories.papers import asked_case, citizen, upload

pytestmark = pytest.mark.usefixtures("db")

OTHER = PDF + b"other"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    chosen = settings.current().model_copy(update={"files_dir": str(tmp_path)})
    monkeypatch.setattr(settings, "current", lambda: chosen)
    return tmp_path


@pytest.fixture
async def me() -> UUID:
    return await make_person()


@pytest.fixture
async def case(me: UUID) -> Case:
    return await asked_case(me)


async def days_later(days: float) -> int:
    with clock.frozen(clock.now() + timedelta(days=days)):
        return await paper_keeping.tidy()


async def is_kept(material: CaseMaterial) -> bool:
    return await files.store(materials.ROOM).exists(material.sha256 or "")


async def test_what_waits_and_what_was_handed_in_stays(me: UUID, case: Case) -> None:
    handed_in, waiting = await upload(case, me), await upload(await asked_case(me), me, OTHER)
    await supplements.answer(case.number, citizen(me), Answer([handed_in.id]))
    assert await days_later(60) == 0
    assert await is_kept(handed_in)
    assert await is_kept(waiting)
    assert await CaseMaterial.all().count() == 2


async def test_what_the_case_wants_no_more_goes_with_its_file(me: UUID, case: Case) -> None:
    left, handed_in = await upload(case, me), await upload(case, me, OTHER)
    await supplements.answer(case.number, citizen(me), Answer([handed_in.id]))
    assert await days_later(2) == 1
    assert not await is_kept(left)
    assert await is_kept(handed_in)
    assert await CaseUpload.all().count() == 1


async def test_what_nobody_came_back_for_goes(me: UUID, case: Case) -> None:
    left = await upload(case, me)
    assert await days_later(91) == 1
    assert not await is_kept(left)
    assert not await CaseMaterial.exists()


async def test_what_is_handed_in_at_this_very_moment_stays(me: UUID, case: Case) -> None:
    late, is_handed_in = await upload(case, me), asyncio.Event()

    async def tidied() -> int:
        await is_handed_in.wait()
        return await days_later(91)

    tidying = asyncio.create_task(tidied())
    async with db.transaction():
        await CaseMaterial.filter(id=late.id).update(handed_in_seq=3)
        is_handed_in.set()
        await asyncio.sleep(0.2)
    assert await tidying == 0
    assert await is_kept(late)
    assert await CaseMaterial.all().count() == 1


async def test_files_of_any_number_go_in_one_night(
    me: UUID, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper_keeping, "_BATCH", 1)
    for words in (b"one", b"two", b"three"):
        await upload(case, me, PDF + words)
    assert await days_later(91) == 3


async def test_a_file_two_cases_share_stays_as_long_as_one_needs_it(me: UUID, case: Case) -> None:
    await upload(case, me)
    other = await asked_case(me)
    shared = await upload(other, me)
    await supplements.answer(other.number, citizen(me), Answer([shared.id]))
    await service.record(case.number, step(S.TERMINATED, days=3))
    assert await days_later(2) == 0
    assert await is_kept(shared)


async def test_an_upload_under_way_keeps_its_file(me: UUID, case: Case) -> None:
    left = await upload(case, me)
    await left.delete()
    assert await days_later(0.9) == 0
    assert await is_kept(left)
    with clock.frozen(clock.now() + timedelta(days=2)):
        await upload(case, me)
        await CaseMaterial.all().delete()
        assert await paper_keeping.tidy() == 0
    assert await days_later(4) == 1


async def test_a_store_that_is_down_is_asked_again(
    me: UUID, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = await upload(case, me)
    await left.delete()

    async def down(*_: object) -> None:
        raise StoreDown

    with monkeypatch.context() as patched:
        patched.setattr("app.kit.files.disk.DiskStore.delete", down)
        assert await days_later(2) == 0
    assert await days_later(2) == 1
    assert not await is_kept(left)


async def test_the_database_counts_what_refers_to_a_file(me: UUID, case: Case) -> None:
    first, other = await upload(case, me), await asked_case(me)
    await upload(other, me)
    assert (await CaseUpload.get()).materials == 2
    await asyncio.gather(first.delete(), upload(await asked_case(me), me), upload(other, me, OTHER))
    assert {one.sha256: one.materials for one in await CaseUpload.all()}[first.sha256 or ""] == 2
    with pytest.raises(Exception, match="append-only"):
        await db.execute("UPDATE case_material SET sha256 = repeat('0', 64)")


async def test_what_is_loose_is_found_by_an_index_however_many_files_there_are(me: UUID, case: Case) -> None:
    await db.execute(
        "INSERT INTO case_upload (sha256, touched_at, materials)"
        " SELECT encode(sha256(n::text::bytea), 'hex'), now() - interval '1 year', 1"
        " FROM generate_series(1, 20000) AS n"
    )
    left = await upload(case, me)
    await left.delete()
    await db.execute("ANALYZE case_upload, case_material")
    for sql, values in (
        (paper_keeping._LOOSE, ("now()", "500")),
        (paper_keeping._CLAIM, ("repeat('0', 64)", "now()")),
        (paper_keeping._DROP, ("now()", "now()", "500")),
    ):
        for place, value in enumerate(values, start=1):
            sql = sql.replace(f"${place}", value)  # noqa: PLW2901
        plan = "\n".join(row[0] for row in await db.fetch(f"EXPLAIN {sql}"))
        assert "Seq Scan on case_upload" not in plan, plan
        if sql.lstrip().startswith("SELECT"):
            assert "case_upload_touched" in plan
    assert await days_later(2) == 1
