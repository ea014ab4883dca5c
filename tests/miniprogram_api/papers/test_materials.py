"""Answering a 补正 over HTTP: files come in one by one, and go to the office together."""

import asyncio
import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.domain.cases import service
from app.domain.cases.models import Case, CaseEvent
from app.domain.cases.models import CaseState as S
from app.domain.cases.paper_models import CaseMaterial, CaseSupplement
from app.kit import clock, db, files
from app.kit.files import Scan, ScannerDown
from app.kit.uploads import LARGEST
from app.kit.web import idempotency
from config import settings
from tests.client import Answer
from tests.factories.cases import make_case, step
from tests.factories.notices import PDF, PNG, package
from tests.kit.files.pretend_clamd import EICAR, pretend_clamd
from tests.miniprogram_api.papers.conftest import Applicant


def kept_in(folder: Path) -> list[Path]:
    """The files of a folder, however deep."""
    return [path for path in folder.rglob("*") if path.is_file()]


async def state_of(case: Case) -> str:
    return (await Case.get(number=case.number)).state


async def test_a_correction_goes_to_the_office_with_its_files(me: Applicant, asked: Case) -> None:
    first = await me.uploaded(asked.number)
    second = await me.uploaded(asked.number, "照片.png", PNG)
    shown = (await me.get(f"{asked.number}/materials")).body["items"]
    assert [(one["name"], one["trust"], one["is_handed_in"]) for one in shown] == [
        ("平面图.pdf", "C", False),
        ("照片.png", "C", False),
    ]
    answer = await me.answer(asked.number, first, second, text="已按要求补齐")
    assert answer.status == 200
    assert await state_of(asked) == S.SUBMITTED
    event = await CaseEvent.filter(case_number=asked.number).order_by("-seq").first()
    assert event is not None
    assert event.text == "申请人已补正材料 2 份"
    assert "已按要求补齐" not in (await CaseSupplement.get()).text_sealed
    assert all(one["is_handed_in"] for one in (await me.get(f"{asked.number}/materials")).body["items"])
    assert await service.is_whole(asked.number)


async def test_a_case_accepted_before_returns_to_review(me: Applicant) -> None:
    case = await make_case(S.ACCEPTED, S.REVIEW, S.SUPPLEMENT, person_id=me.person_id)
    assert (await me.answer(case.number, await me.uploaded(case.number))).status == 200
    assert await state_of(case) == S.REVIEW


async def test_the_same_answer_sent_again_changes_nothing(me: Applicant, asked: Case) -> None:
    made = await me.upload(asked.number, key="one")
    assert (await me.upload(asked.number, key="one")).body == made.body
    assert (await me.upload(asked.number, content=PDF + b" ", key="one")).status == 422
    first = await me.answer(asked.number, made.body["id"], key="two")
    assert (await me.answer(asked.number, made.body["id"], key="two")).body == first.body
    assert await CaseMaterial.all().count() == 1
    assert await CaseEvent.filter(case_number=asked.number).count() == 3


async def test_a_file_whose_reply_was_lost_is_kept_once(me: Applicant, asked: Case) -> None:
    made = await me.upload(asked.number, key="lost")
    await db.execute("DELETE FROM idempotency_key")
    again = await me.upload(asked.number, key="lost")
    assert (again.status, again.body) == (201, made.body)
    assert await CaseMaterial.all().count() == 1


class _Slow:
    """A scanner that takes its time, and counts."""

    def __init__(self) -> None:
        self.asked = 0

    async def scan(self, content: bytes) -> Scan:
        del content
        self.asked += 1
        await asyncio.sleep(0.6)
        return Scan.CLEAN


async def test_a_repeat_during_a_slow_scan_waits_and_scans_nothing(
    me: Applicant, asked: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A scan three times as long as a claim, as thirty seconds are to fifteen.
    monkeypatch.setattr(idempotency, "_CLAIM", timedelta(seconds=0.2))
    monkeypatch.setattr(idempotency, "_RENEW_S", 0.05)
    slow = _Slow()
    monkeypatch.setattr("app.kit.files.choice._scanner", slow)

    async def repeated(after: float) -> Answer:
        await asyncio.sleep(after)
        return await me.upload(asked.number, key="slow")

    answers = await asyncio.gather(*(repeated(after) for after in (0, 0.1, 0.4)))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body["id"] for answer in answers}) == 1
    assert (slow.asked, await CaseMaterial.all().count()) == (1, 1)


async def test_a_claim_taken_over_is_not_given_away_by_whoever_lost_it(
    me: Applicant, asked: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Fails:
        async def scan(self, content: bytes) -> Scan:
            del content
            await db.execute("UPDATE idempotency_key SET claimed_until = now() + interval '1 minute'")
            raise ScannerDown

    monkeypatch.setattr("app.kit.files.choice._scanner", Fails())
    assert (await me.upload(asked.number, key="stolen")).status == 503
    assert await db.fetch_value("SELECT status IS NULL FROM idempotency_key")


async def test_an_answer_whose_reply_was_lost_is_found_again(me: Applicant, asked: Case) -> None:
    made = await me.uploaded(asked.number)
    first = await me.answer(asked.number, made, key="lost")
    await db.execute("DELETE FROM idempotency_key")
    again = await me.answer(asked.number, made, key="lost")
    assert (again.status, again.body) == (200, first.body)
    assert (await me.answer(asked.number, made, key="new")).code == "case_asks_for_nothing"


async def test_nothing_is_taken_that_was_not_asked_for(me: Applicant) -> None:
    case = await make_case(S.ACCEPTED, person_id=me.person_id)
    assert (await me.upload(case.number)).code == "case_asks_for_nothing"
    assert (await me.answer(case.number, str(case.person_id))).code == "case_asks_for_nothing"


async def test_only_files_of_this_case_that_wait_are_handed_in(me: Applicant, asked: Case) -> None:
    other = await make_case(S.SUPPLEMENT, person_id=me.person_id)
    elsewhere = await me.uploaded(other.number)
    assert (await me.answer(asked.number, elsewhere)).code == "material_not_found"
    assert (await me.answer(asked.number)).code == "nothing_handed_in"
    assert await state_of(asked) == S.SUPPLEMENT


async def test_promises_are_handed_in_and_kept_later(me: Applicant, asked: Case) -> None:
    on = (clock.today() + timedelta(days=10)).isoformat()
    late = (clock.today() + timedelta(days=91)).isoformat()
    refused = await me.answer(asked.number, promises=[{"name": "消防证明", "on": late}])
    assert refused.code == "promise_date_invalid"
    assert (await me.answer(asked.number, promises=[{"name": "消防证明", "on": on}])).status == 200
    [promised] = (await me.get(f"{asked.number}/materials")).body["items"]
    assert (promised["state"], promised["trust"], promised["promised_on"]) == ("declared", "D", on)
    assert (await me.get(f"{asked.number}/materials/{promised['id']}/file")).code == "material_not_found"
    await service.record(asked.number, step(S.ACCEPTED, days=5))
    kept = await me.upload(asked.number, replaces=promised["id"])
    assert (kept.status, kept.body["is_handed_in"]) == (201, True)
    shown = (await me.get(f"{asked.number}/materials")).body["items"]
    assert [one["state"] for one in shown] == ["replaced", "uploaded"]
    assert (await me.upload(asked.number, replaces=promised["id"])).code == "material_handed_in"


async def test_a_file_is_saved_under_its_name_and_never_shown_as_a_page(
    me: Applicant, asked: Case, folder: Path
) -> None:
    made = await me.uploaded(asked.number, "../../图 1.pdf")
    file = await me.get(f"{asked.number}/materials/{made}/file")
    assert file.body == PDF
    assert file.headers["content-disposition"] == "attachment; filename*=UTF-8''%E5%9B%BE%201.pdf"
    assert file.headers["x-content-type-options"] == "nosniff"
    assert [path.name for path in kept_in(folder)] == [hashlib.sha256(PDF).hexdigest()]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.exe", b"MZ" + bytes(20)),
        ("a.pdf", b"<html>"),
        ("a.png", PDF),
        ("a.pdf", b""),
        ("a\u202efdp.pdf", PDF),
    ],
)
async def test_what_is_not_what_it_says_is_refused_and_not_kept(
    me: Applicant, asked: Case, folder: Path, name: str, content: bytes
) -> None:
    assert (await me.upload(asked.number, name, content)).code == "unfit_file"
    assert kept_in(folder) == []
    assert not await CaseMaterial.exists()


async def test_a_file_has_to_be_one(me: Applicant, asked: Case) -> None:
    path = f"/api/v1/cases/{asked.number}/materials"
    for data in ({"file": "words"}, {}, b"nonsense"):
        answer = await me.client.post(path, token=me.token, data=data)
        assert (answer.status, list(answer.body["fields"])) == (422, ["file"])


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data; boundary=a", b"--" + b"a" * 10_000),
        ("multipart/form-data; boundary=bb", b"--bb\r\n" + b"a:b\r\n" * 10_000 + b"\r\n--bb--"),
        ("application/x-www-form-urlencoded", b"a&" * 10_000),
        ("multipart/form-data", b"--"),
    ],
)
async def test_a_form_that_takes_long_to_take_apart_is_not(
    me: Applicant, asked: Case, monkeypatch: pytest.MonkeyPatch, kind: str, body: bytes
) -> None:
    taken_apart: list[object] = []
    for parser in ("parse_multipart_form", "parse_qs"):
        monkeypatch.setattr(f"sanic.request.types.{parser}", lambda *said, **_: taken_apart.append(said))
    path = f"/api/v1/cases/{asked.number}/materials"
    answer = await me.client.post(path, token=me.token, data=body, headers={"Content-Type": kind})
    assert (answer.status, list(answer.body["fields"])) == (422, ["file"])
    assert taken_apart == []


async def test_too_large_a_body_is_refused_before_it_is_kept(me: Applicant, asked: Case) -> None:
    answer = await me.upload(asked.number, content=PDF + bytes(LARGEST))
    assert answer.code == "unfit_file"
    answer = await me.upload(asked.number, content=PDF + bytes(LARGEST + 2**16))
    assert answer.status == 413


async def test_a_stranger_is_not_listened_to(me: Applicant, asked: Case) -> None:
    answer = await replace(me, token="").upload(asked.number)
    assert answer.status == 401
    assert not await CaseMaterial.exists()


async def test_a_case_has_room_for_so_many_files(
    me: Applicant, asked: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.domain.cases.paper_rules.MOST_FILES", 2)
    first = await me.uploaded(asked.number)
    await me.uploaded(asked.number)
    assert (await me.upload(asked.number)).code == "too_many_materials"
    path = f"/api/v1/cases/{asked.number}/materials/{first}"
    assert (await me.client.delete(path, token=me.token)).status == 204
    await me.uploaded(asked.number)
    monkeypatch.setattr("app.domain.cases.paper_rules.MOST_BYTES", 2 * len(PDF))
    assert (await me.upload(asked.number)).code == "too_many_materials"


async def test_what_was_handed_in_stays(me: Applicant, asked: Case) -> None:
    made = await me.uploaded(asked.number)
    await me.answer(asked.number, made)
    path = f"/api/v1/cases/{asked.number}/materials/{made}"
    assert (await me.client.delete(path, token=me.token)).code == "material_handed_in"


class _Scanner:
    def __init__(self, found: Scan | None) -> None:
        self.found = found

    async def scan(self, content: bytes) -> Scan:
        del content
        if self.found is None:
            raise ScannerDown(retry_after=60)
        return self.found


async def test_a_file_nobody_could_look_at_is_not_taken(
    me: Applicant, asked: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.kit.files.choice._scanner", _Scanner(None))
    down = await me.upload(asked.number)
    assert (down.status, down.code, down.headers["retry-after"]) == (503, "scanner_down", "60")
    files.use_scanner(_Scanner(Scan.INFECTED))
    assert (await me.upload(asked.number)).code == "unfit_file"
    assert not await CaseMaterial.exists()
    files.use_scanner(_Scanner(Scan.CLEAN))
    await me.uploaded(asked.number)
    assert (await CaseMaterial.get()).scan == Scan.CLEAN


async def test_malware_is_refused_in_words_and_a_scanner_that_is_gone_says_what_to_do(
    me: Applicant, asked: Case, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with pretend_clamd() as port:
        chosen = settings.current().model_copy(
            update={"scanner": "clamd", "scanner_address": f"127.0.0.1:{port}"}
        )
        monkeypatch.setattr(settings, "current", lambda: chosen)
        refused = await me.upload(asked.number, content=PDF + EICAR)
        assert (refused.status, refused.body["fields"]) == (422, {"file": ["文件带有病毒"]})
        assert kept_in(folder) == []
        await me.uploaded(asked.number)
        assert (await CaseMaterial.get()).scan == Scan.CLEAN
    gone = await me.upload(asked.number, content=PDF + b" ")
    assert (gone.status, gone.code, gone.headers["retry-after"]) == (503, "scanner_down", "60")
    assert "稍后重新上传" in gone.body["detail"]
    assert "窗口" in gone.body["detail"]
    assert len(kept_in(folder)) == 1


_PAGE = b"<html><script>alert(1)</script></html>"
_DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


async def test_nothing_a_browser_runs_is_taken_under_any_name(me: Applicant, asked: Case) -> None:
    for name in ("a.html", "a.svg", "a.pdf", "a.png", "a.jpg", "a.docx"):
        for content in (_PAGE, _DRAWING, b"\xef\xbb\xbf" + _PAGE):
            assert (await me.upload(asked.number, name, content)).code == "unfit_file", name


async def test_what_is_two_things_at_once_is_served_as_the_harmless_one(me: Applicant, asked: Case) -> None:
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    for name, content, media_type in (
        ("a.pdf", PDF + _PAGE, "application/pdf"),
        ("a.png", PNG + _DRAWING, "image/png"),
        ("a.docx", package("word/document.xml", **{"a.html": _PAGE}), word),
    ):
        made = await me.uploaded(asked.number, name, content)
        file = await me.get(f"{asked.number}/materials/{made}/file")
        assert file.headers["content-type"] == media_type
        assert file.headers["content-disposition"].startswith("attachment; ")
        assert file.headers["x-content-type-options"] == "nosniff"
        assert file.headers["content-security-policy"] == "default-src 'none'; sandbox"


async def test_a_replaced_draft_is_not_handed_in_with_its_successor(me: Applicant, asked: Case) -> None:
    first = await me.uploaded(asked.number)
    second = await me.upload(asked.number, content=PDF + b" ", replaces=first)
    assert (await me.answer(asked.number, second.body["id"])).status == 200
    states = {str(one.id): (one.state, one.handed_in_seq) for one in await CaseMaterial.all()}
    assert states == {first: ("replaced", None), second.body["id"]: ("uploaded", 3)}
