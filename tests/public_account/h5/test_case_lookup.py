"""Looking up a case by its query code on a page, and following it: the same guard as everywhere."""

from uuid import UUID

import pytest

from app.domain.cases import followers, lookup, service
from app.domain.cases.models import CaseState as S
from app.domain.cases.particulars import Particulars
from tests.factories.cases import CODE, make_case, step
from tests.public_account.h5.conftest import Browser, Page

LOOKUP = "/h5/cases/lookup"


async def asked(browser: Browser, number: str, code: str = CODE) -> Page:
    return await browser.post(LOOKUP, number=number, query_code=code)


async def test_nobody_need_sign_in_and_no_word_of_an_office_is_told(browser: Browser) -> None:
    case = await make_case(S.SUPPLEMENT)
    assert (await browser.get(LOOKUP)).status == 200
    page = await asked(browser, case.number.lower(), CODE.lower())
    assert page.status == 200
    assert "待补正" in page.text
    assert "理由和要求" not in page.text, "what the office said is for the applicant"
    assert "/h5/sign-in" in page.text, "whoever wants to follow it signs in"


async def test_the_acceptance_number_does_as_well(browser: Browser) -> None:
    case = await make_case()
    told = Particulars(acceptance_number="穗天受〔2026〕12号")
    await service.record(case.number, step(S.ACCEPTED, particulars=told))
    page = await asked(browser, "穗天受[2026]12号")
    assert (page.status, case.number in page.text) == (200, True)


async def test_a_wrong_number_and_a_wrong_code_are_one_answer_and_lock(browser: Browser) -> None:
    case = await make_case()
    first = await asked(browser, case.number, "WRONG2")
    other = await asked(browser, "11440106MB2DEMA0293440131012002202611169999", CODE)
    assert first.status == other.status == 404
    assert "编号或查询码不对" in first.text
    assert 'value="WRONG2"' in first.text, "what was typed stays"
    for _ in range(lookup.TRIES - 2):
        await asked(browser, case.number, "WRONG2")
    locked = await asked(browser, case.number)
    assert (locked.status, "30 分钟" in locked.text) == (429, True)
    assert int(locked.headers["retry-after"]) > 0


@pytest.mark.parametrize("form", [{}, {"number": "1"}, {"query_code": "K7M2XQ"}, {"number": "9" * 101}])
async def test_a_field_left_empty_is_marked(browser: Browser, form: dict[str, str]) -> None:
    page = await browser.post(LOOKUP, **form)
    assert page.status == 422
    assert 'aria-invalid="true"' in page.text
    if "query_code" in form:
        assert 'value="K7M2XQ"' in page.text


async def test_one_agrees_follows_and_ends_it(signed_in: Browser, person_id: UUID) -> None:
    case = await make_case(S.ACCEPTED)
    found = await asked(signed_in, case.number)
    form = {"csrf": found.field("csrf"), "number": case.number, "query_code": CODE}
    terms = await signed_in.post("/h5/cases/follow", **form)
    assert (terms.status, "关注他人办件的进展" in terms.text) == (200, True)
    assert not await followers.followed(person_id)
    version = terms.field("text_version")
    unticked = await signed_in.post("/h5/cases/follow", **form, text_version=version)
    assert (unticked.status, "请先阅读并同意" in unticked.text) == (409, True)
    outdated = await signed_in.post("/h5/cases/follow", **form, text_version="0", agrees="yes")
    assert outdated.status == 422
    done = await signed_in.post("/h5/cases/follow", **form, text_version=version, agrees="yes")
    assert (done.status, done.location) == (303, "/h5/cases/followed?done=followed")
    assert "到时要提醒您吗" in (await signed_in.get(done.location)).text, "nothing could tell them of it"
    listed = await signed_in.get(done.location)
    assert case.number in listed.text
    led = await signed_in.get(f"/h5/cases/{case.number}")
    assert (led.status, led.location) == (303, "/h5/cases/followed"), "a message of it leads here"
    ended = await signed_in.post(f"/h5/cases/{case.number}/unfollow", csrf=listed.field("csrf"))
    assert "已取消关注" in (await signed_in.get(ended.location)).text
    assert not await followers.followed(person_id)
    again = await signed_in.post(f"/h5/cases/{case.number}/unfollow", csrf=listed.field("csrf"))
    assert again.status == 404


async def test_who_agreed_once_is_not_asked_again(signed_in: Browser) -> None:
    for number in [(await make_case()).number for _ in range(2)]:
        page = await asked(signed_in, number)
        form = {"csrf": page.field("csrf"), "number": number, "query_code": CODE}
        answer = await signed_in.post("/h5/cases/follow", **form)
        if answer.status == 200:
            version = answer.field("text_version")
            answer = await signed_in.post("/h5/cases/follow", **form, text_version=version, agrees="yes")
        assert answer.status == 303
    third = await make_case()
    form = {"csrf": form["csrf"], "number": third.number, "query_code": CODE}
    assert (await signed_in.post("/h5/cases/follow", **form)).status == 303


async def test_a_case_that_is_over_is_not_followed(signed_in: Browser) -> None:
    case = await make_case(S.NOT_ACCEPTED)
    page = await asked(signed_in, case.number)
    assert "/h5/cases/follow" not in page.text
    listed = (await signed_in.get("/h5/cases/followed")).text
    assert "您没有关注" in listed
