"""How much one person may upload on one day: never more, however many files come at once."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from app.domain.cases import materials, paper_keeping, paper_quota, paper_rules
from app.domain.cases.paper_errors import UploadsUsedUp
from app.domain.cases.paper_models import CaseMaterial, UploadDay
from app.kit import clock, files
from app.kit.files import Scan, ScannerDown
from app.kit.uploads import UnfitFile
from config import settings
from tests.factories.appointments import make_person
from tests.factories.notices import PDF
from tests.factories.papers import asked_case, citizen, upload

pytestmark = pytest.mark.usefixtures("db")

NOON = datetime(2026, 11, 20, 12, tzinfo=clock.SHANGHAI)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = settings.current().model_copy(update={"files_dir": str(tmp_path)})
    monkeypatch.setattr(settings, "current", lambda: chosen)
    monkeypatch.setattr(paper_rules, "MOST_BYTES_A_DAY", 3 * len(PDF))


@pytest.fixture
async def me() -> UUID:
    return await make_person()


async def test_uploads_that_come_at_once_are_counted_one_by_one(me: UUID) -> None:
    cases = [await asked_case(me) for _ in range(8)]
    answers = await asyncio.gather(*(upload(case, me) for case in cases), return_exceptions=True)
    refused = [one for one in answers if isinstance(one, UploadsUsedUp)]
    assert (len(refused), await CaseMaterial.all().count()) == (5, 3)
    assert (await UploadDay.get()).size == 3 * len(PDF)


async def test_another_person_and_another_day_have_their_own_allowance(me: UUID) -> None:
    other = await make_person()
    with clock.frozen(NOON):
        await paper_quota.count(me, 3 * len(PDF))
        await paper_quota.count(other, 1)
        with pytest.raises(UploadsUsedUp) as refused:
            await paper_quota.count(me, 1)
    assert (refused.value.status, refused.value.retry_after) == (429, 12 * 3600 + 1)
    assert "500 MB" in refused.value.message
    with clock.frozen(NOON + timedelta(days=1)):
        await paper_quota.count(me, 1)
        await paper_keeping.tidy()
        assert [one.size for one in await UploadDay.all()] == [1]


async def test_more_than_a_day_holds_is_refused_at_once(me: UUID) -> None:
    with pytest.raises(UploadsUsedUp):
        await paper_quota.count(me, 3 * len(PDF) + 1)
    assert not await UploadDay.exists()


class _Down:
    async def scan(self, content: bytes) -> Scan:
        del content
        raise ScannerDown


async def test_a_scanner_that_is_down_costs_nobody_their_day_but_an_unfit_file_does(me: UUID) -> None:
    case = await asked_case(me)
    files.use_scanner(_Down())
    try:
        with pytest.raises(ScannerDown):
            await upload(case, me)
    finally:
        files.use_scanner(None)
    assert (await UploadDay.get()).size == 0
    with pytest.raises(UnfitFile):
        await materials.add(case.number, citizen(me), "a.pdf", b"<html>")
    assert (await UploadDay.get()).size == 6


async def test_nobody_is_named_in_the_counts(me: UUID) -> None:
    await paper_quota.count(me, 1)
    assert me.bytes not in bytes((await UploadDay.get()).uploader_hash)
