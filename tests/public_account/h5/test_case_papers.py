"""Papers on the pages: several files in one form, the answer to a correction, documents to be saved."""

import io
import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import aiohttp
import pytest

from app.domain.cases.models import Case
from app.domain.cases.models import CaseState as S
from app.domain.cases.paper_models import CaseMaterial, MaterialState
from app.kit import clock
from config import settings
from tests.factories.appointments import make_person
from tests.factories.cases import make_case
from tests.factories.notices import PDF
from tests.factories.papers import SilentScanner, asked_case, upload
from tests.public_account.h5.conftest import Browser, Page


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the files of this test are kept."""
    chosen = settings.current().model_copy(update={"files_dir": str(tmp_path / "files")})
    monkeypatch.setattr(settings, "current", lambda: chosen)
    return tmp_path / "files"


def papers(case: Case) -> str:
    return f"/h5/cases/{case.number}/papers"


async def send(browser: Browser, case: Case, *files: tuple[str, bytes], **fields: str) -> Page:
    """The form for files, as a browser sends it."""
    form = aiohttp.FormData(quote_fields=False)
    for name, value in fields.items():
        form.add_field(name, value)
    for name, content in files:
        form.add_field("files", io.BytesIO(content), filename=name, content_type="application/octet-stream")
    return await browser("POST", f"/h5/cases/{case.number}/materials", data=form)


def waiting(page: Page) -> list[str]:
    return re.findall(r'name="materials" value="([0-9a-f-]{36})"', page.text)


async def test_files_are_uploaded_looked_at_and_handed_in(signed_in: Browser, person_id: UUID) -> None:
    case = await asked_case(person_id)
    page = await signed_in.get(papers(case))
    assert "20 MB" in page.text
    assert "PDF" in page.text
    given = {"csrf": page.field("csrf"), "key": page.field("key"), "replaces": ""}
    sent = await send(signed_in, case, ("平面图.pdf", PDF), ("租约.pdf", PDF + b"x"), **given)
    assert (sent.status, sent.location) == (303, f"{papers(case)}?done=uploaded")
    page = await signed_in.get(sent.location)
    assert "平面图.pdf" in page.text
    assert len(waiting(page)) == 2
    assert (await Case.get(number=case.number)).state is S.SUPPLEMENT, "nothing is handed in yet"
    form = aiohttp.FormData({"csrf": page.field("csrf"), "key": page.field("key"), "text": "已补齐"})
    for one in waiting(page):
        form.add_field("materials", one)
    done = await signed_in("POST", f"/h5/cases/{case.number}/supplement", data=form)
    assert (done.status, done.location) == (303, f"/h5/cases/{case.number}?done=corrected")
    assert "到时要提醒您吗" in (await signed_in.get(done.location)).text
    assert "补正已提交" in (await signed_in.get(done.location)).text
    assert (await Case.get(number=case.number)).state is S.SUBMITTED
    after = await signed_in.get(papers(case))
    assert "已提交" in after.text
    assert "提交补正" not in after.text


async def test_the_same_form_sent_twice_uploads_once(signed_in: Browser, person_id: UUID) -> None:
    case = await asked_case(person_id)
    page = await signed_in.get(papers(case))
    given = {"csrf": page.field("csrf"), "key": page.field("key")}
    for _ in range(2):
        await send(signed_in, case, ("平面图.pdf", PDF), **given)
    assert await CaseMaterial.filter(case_number=case.number).count() == 1
    await send(signed_in, case, ("租约.pdf", PDF), **given)
    assert await CaseMaterial.filter(case_number=case.number).count() == 2


async def test_a_bad_file_is_named_and_the_good_ones_stay(signed_in: Browser, person_id: UUID) -> None:
    case = await asked_case(person_id)
    page = await signed_in.get(papers(case))
    given = {"csrf": page.field("csrf"), "key": page.field("key")}
    bad = ("页面.html", b"<script>alert(1)</script>")
    answer = await send(signed_in, case, ("平面图.pdf", PDF), bad, **given)
    assert answer.status == 422
    assert "页面.html" in answer.text
    assert "文件不能上传" in answer.text
    assert len(waiting(answer)) == 1
    nothing = await send(signed_in, case, ("", b""), **given)
    assert (nothing.status, 'role="alert"' in nothing.text) == (422, True)


async def test_files_nobody_can_look_at_now_are_named_with_when_to_try_again(
    signed_in: Browser, person_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.kit.files.choice._scanner", SilentScanner())
    case = await asked_case(person_id)
    page = await signed_in.get(papers(case))
    given = {"csrf": page.field("csrf"), "key": page.field("key"), "replaces": ""}
    sent = await send(signed_in, case, ("平面图.pdf", PDF), **given)
    assert (sent.status, sent.headers["retry-after"]) == (503, "60")
    assert sent.text.count('role="alert"') == 1, "said once, with the file it is about"
    assert "平面图.pdf" in sent.text


async def test_a_form_of_another_site_uploads_nothing(signed_in: Browser, person_id: UUID) -> None:
    case = await asked_case(person_id)
    for csrf in ("", "0" * 128):
        refused = await send(signed_in, case, ("平面图.pdf", PDF), csrf=csrf, key="k")
        assert refused.status == 403
    assert await CaseMaterial.all().count() == 0


async def test_what_is_too_large_is_refused_with_the_way_out(signed_in: Browser, person_id: UUID) -> None:
    case = await asked_case(person_id)
    page = await signed_in.get(papers(case))
    given = {"csrf": page.field("csrf"), "key": page.field("key")}
    try:
        answer = await send(signed_in, case, ("大.pdf", PDF + bytes(21 * 2**20)), **given)
    except aiohttp.ClientError:
        answer = None  # The server hangs up before all of it is sent.
    assert answer is None or answer.status == 413
    assert await CaseMaterial.all().count() == 0


async def test_one_takes_a_file_back_before_it_is_handed_in(signed_in: Browser, person_id: UUID) -> None:
    case = await asked_case(person_id)
    made = await upload(case, person_id)
    page = await signed_in.get(papers(case))
    path = f"/h5/cases/{case.number}/materials/{made.id}"
    got = await signed_in.get(f"{path}/file")
    assert got.status == 200
    assert got.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in got.headers["content-security-policy"]
    done = await signed_in.post(f"{path}/remove", csrf=page.field("csrf"))
    assert "已删除" in (await signed_in.get(done.location)).text
    assert (await signed_in.get(f"{path}/file")).status == 404
    assert (await signed_in.post(f"{path}/remove", csrf=page.field("csrf"))).status == 404


async def test_what_is_missing_is_promised_with_a_day(signed_in: Browser, person_id: UUID) -> None:
    case = await asked_case(person_id)
    page = await signed_in.get(papers(case))
    path = f"/h5/cases/{case.number}/supplement"
    given = {"csrf": page.field("csrf"), "key": page.field("key")}
    on = str(clock.today() + timedelta(days=10))
    nothing = await signed_in.post(path, **given)
    assert (nothing.status, "至少上传或承诺一份材料" in nothing.text) == (422, True)
    dayless = await signed_in.post(path, **given, promise_1="验资报告", text="请容缺")
    assert (dayless.status, "请选择补齐的日期" in dayless.text) == (422, True)
    assert 'value="验资报告"' in dayless.text, "what was typed stays"
    assert "请容缺</textarea>" in dayless.text
    odd = await signed_in.post(path, **given, promise_1="验资报告", by_1="明天")
    assert (odd.status, "应为日期" in odd.text) == (422, True)
    late = await signed_in.post(path, **given, promise_1="验资报告", by_1=str(clock.today()))
    assert (late.status, "90 天" in late.text) == (422, True)
    done = await signed_in.post(path, **given, promise_1="验资报告", by_1=on)
    assert done.status == 303
    again = await signed_in.post(path, **given, promise_1="验资报告", by_1=on)
    assert again.status == 303, "the same form sent twice is one answer"
    [promised] = await CaseMaterial.filter(case_number=case.number)
    assert (promised.state, str(promised.promised_on)) == (MaterialState.DECLARED, on)


async def test_what_was_promised_comes_later(signed_in: Browser, person_id: UUID) -> None:
    case = await asked_case(person_id)
    page = await signed_in.get(papers(case))
    assert "补交承诺的" not in page.text
    given = {"csrf": page.field("csrf"), "key": page.field("key")}
    on = str(clock.today() + timedelta(days=10))
    await signed_in.post(f"/h5/cases/{case.number}/supplement", **given, promise_1="验资报告", by_1=on)
    page = await signed_in.get(papers(case))
    [promised] = await CaseMaterial.filter(case_number=case.number)
    assert f'<option value="{promised.id}">' in page.text
    given = {"csrf": page.field("csrf"), "key": page.field("key")}
    unasked = await send(signed_in, case, ("验资报告.pdf", PDF), **given)
    assert (unasked.status, "没有要求补正" in unasked.text) == (409, True)
    done = await send(signed_in, case, ("验资报告.pdf", PDF), **given, replaces=str(promised.id))
    assert done.status == 303
    await promised.refresh_from_db()
    assert promised.state is MaterialState.REPLACED


async def test_documents_are_listed_saved_and_checked(signed_in: Browser, person_id: UUID) -> None:
    case = await make_case(S.ACCEPTED, person_id=person_id)
    page = await signed_in.get(papers(case))
    assert "受理通知书" in page.text
    links = re.findall(r'href="(/h5/cases/[^"]+/documents/[^"]+)"', page.text)
    assert len(links) == 2
    async with signed_in.session.get(links[1]) as file:
        assert file.headers["content-type"] == "application/pdf"
        assert (await file.read()).startswith(b"%PDF-")
    check = re.search(r'href="(/h5/verify\?[^"]+)"', page.text)
    assert check is not None
    assert "文书真实" in (await signed_in.get(check[1].replace("&amp;", "&"))).text


async def test_nobody_else_comes_near_the_papers(signed_in: Browser, person_id: UUID) -> None:
    stranger = await make_person()
    case = await asked_case(stranger)
    made = await upload(case, stranger)
    own = await asked_case(person_id)
    csrf = (await signed_in.get(papers(own))).field("csrf")
    assert (await signed_in.get(f"/h5/cases/{case.number}/materials/{made.id}/file")).status == 404
    assert (await signed_in.get(f"/h5/cases/{own.number}/materials/{made.id}/file")).status == 404
    assert (await send(signed_in, case, ("平面图.pdf", PDF), csrf=csrf, key="k")).status == 404
    removed = await signed_in.post(f"/h5/cases/{case.number}/materials/{made.id}/remove", csrf=csrf)
    assert removed.status == 404
    taken = await signed_in.post(
        f"/h5/cases/{own.number}/supplement", csrf=csrf, key="k", materials=str(made.id)
    )
    assert taken.status == 404
    assert await CaseMaterial.filter(case_number=case.number).count() == 1
