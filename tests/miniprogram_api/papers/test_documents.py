"""Documents over HTTP: issued once, drawn when asked for, and checked by anybody."""

from app.domain.cases import documents, service
from app.domain.cases.models import Case
from app.domain.cases.models import CaseState as S
from app.domain.cases.paper_models import CaseDocument
from tests.factories.cases import make_case, step
from tests.miniprogram_api.papers.conftest import Applicant

WHOLE = (S.SUPPLEMENT, S.SUBMITTED, S.ACCEPTED, S.REVIEW, S.DENIED, S.ISSUED, S.DELIVERED)


async def test_the_documents_of_a_case_follow_its_history(me: Applicant) -> None:
    case = await make_case(*WHOLE, person_id=me.person_id)
    shown = (await me.get(f"{case.number}/documents")).body["items"]
    assert [one["title"] for one in shown] == [
        "收件凭证", "一次性补正告知书", "受理通知书", "不予决定书", "送达回证",
    ]  # fmt: skip
    assert shown[2]["office"] == "天河区审核岗"
    assert shown[2]["dated_at"].startswith("2026-11-19T09:00:00")
    assert len({one["code"] for one in shown}) == 5


async def test_a_document_is_issued_once_and_stays_what_it_was(me: Applicant) -> None:
    case = await make_case(S.ACCEPTED, person_id=me.person_id)
    first = (await me.get(f"{case.number}/documents")).body["items"]
    await Case.filter(number=case.number).update(item_name="改了名的事项")
    await service.record(case.number, step(S.REVIEW, days=2))
    again = (await me.get(f"{case.number}/documents")).body["items"]
    assert again == first
    assert await CaseDocument.all().count() == 2


async def test_a_document_is_a_file_to_be_saved(me: Applicant) -> None:
    case = await make_case(S.ACCEPTED, person_id=me.person_id)
    document = (await me.get(f"{case.number}/documents")).body["items"][1]
    path = f"{case.number}/documents/{document['id']}"
    file = await me.get(path)
    assert (file.status, file.headers["content-type"]) == (200, "application/pdf")
    assert file.body.startswith(b"%PDF-")
    assert file.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert file.headers["x-content-type-options"] == "nosniff"
    known = await me.get(path, headers={"If-None-Match": file.headers["etag"]})
    assert (known.status, known.body) == (304, b"")


async def test_a_document_of_another_case_is_not_found_under_this_one(me: Applicant) -> None:
    one = await make_case(person_id=me.person_id)
    other = await make_case(person_id=me.person_id)
    document = (await me.get(f"{other.number}/documents")).body["items"][0]
    assert (await me.get(f"{one.number}/documents/{document['id']}")).code == "document_not_found"


async def test_codes_are_long_and_cannot_be_misread() -> None:
    assert documents.CODE_LENGTH >= 12
    assert not set("01IO") & set(documents.CODE_SIGNS)
