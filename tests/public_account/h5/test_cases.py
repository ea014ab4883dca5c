"""One's own cases on the pages: found, understood, withdrawn, confirmed; and nobody else's."""

import re
from datetime import timedelta
from uuid import UUID

import pytest

from app.domain.accounts import sessions
from app.domain.accounts.models import AgentRole, EnterpriseBinding, IdentityLevel
from app.domain.cases import texts
from app.domain.cases.models import Case
from app.domain.cases.models import CaseState as S
from app.kit import clock
from app.kit.ids import uuid7
from app.public_account.h5.entry.sign_in import SESSION_COOKIE
from app.public_account.h5.pages import site
from tests.factories.accounts import uscc_number
from tests.factories.appointments import make_person
from tests.factories.cases import HANDED_IN, make_case
from tests.factories.messages import FACTS, tell
from tests.factories.sharing import make_enterprise
from tests.public_account.h5.conftest import Browser, OpenBrowser


async def acting(browser: Browser, person_id: UUID, enterprise_id: UUID) -> None:
    """Sign in for an enterprise the person is an agent of."""
    await EnterpriseBinding.create(
        id=uuid7(), person_id=person_id, enterprise_id=enterprise_id, role=AgentRole.TAX_AGENT,
        expires_on=clock.today() + timedelta(days=30),
    )  # fmt: skip
    begun = await sessions.begin(person_id, IdentityLevel.REALNAME_L1)
    browser.plant(SESSION_COOKIE, begun.token)
    await sessions.act_as(await sessions.citizen_of(begun.token), enterprise_id)


def test_the_words_of_the_pages_are_those_of_the_api() -> None:
    said = site.texts.of("zh").gettext
    for state in S:
        assert said(f"case.kind.{state}") == texts.STATE_TEXTS[state]
        assert said(f"case.next.{state}") == texts.NEXT_TEXTS[state]
    for kind, words in texts.OTHER_TEXTS.items():
        assert said(f"case.kind.{kind}") == words


async def test_a_case_says_where_it_stands_and_what_happened(signed_in: Browser, person_id: UUID) -> None:
    assert "还没有办件" in (await signed_in.get("/h5/cases")).text
    case = await make_case(S.ACCEPTED, S.REVIEW, person_id=person_id, contact="020-8888 0000")
    listed = (await signed_in.get("/h5/cases")).text
    assert "食品经营许可" in listed
    assert f'href="/h5/cases/{case.number}"' in listed
    with clock.frozen(HANDED_IN + timedelta(days=3)):
        page = (await signed_in.get(f"/h5/cases/{case.number}")).text
    assert "审核中" in page
    assert "您暂时不用做什么" in page
    assert "办结期限" in page
    assert "还剩" in page
    assert 'href="tel:020-88880000"' in page
    assert page.index("2026-11-18") < page.index("2026-11-16 09:00"), "the newest step comes first"
    assert "理由和要求" in page, "the applicant reads what the office said"


async def test_what_is_asked_stands_first_and_leads_to_the_answer(
    signed_in: Browser, person_id: UUID
) -> None:
    case = await make_case(S.SUPPLEMENT, person_id=person_id)
    page = (await signed_in.get(f"/h5/cases/{case.number}")).text
    assert "需要您补正" in page
    assert page.index("理由和要求") < page.index("办理经过")
    assert f'href="/h5/cases/{case.number}/papers"' in page


@pytest.mark.parametrize(("path", "word"), [((), "open"), ((S.NOT_ACCEPTED,), "done")])
async def test_cases_are_sorted_by_what_is_over(
    signed_in: Browser, person_id: UUID, path: tuple[S, ...], word: str
) -> None:
    case = await make_case(*path, person_id=person_id)
    other = {"open": "done", "done": "open"}[word]
    assert case.number in (await signed_in.get(f"/h5/cases?status={word}")).text
    assert "没有这样的办件" in (await signed_in.get(f"/h5/cases?status={other}")).text


async def test_a_long_list_goes_on_behind_the_last_one(signed_in: Browser, person_id: UUID) -> None:
    made = {(await make_case(person_id=person_id)).number for _ in range(22)}
    first = await signed_in.get("/h5/cases?status=open")
    older = re.search(r'href="(/h5/cases\?status=open&amp;cursor=[^"]+)"', first.text)
    assert older is not None
    second = await signed_in.get(older[1].replace("&amp;", "&"))
    shown = [re.findall(r'href="/h5/cases/([0-9A-Z]{43})"', page.text) for page in (first, second)]
    assert [len(one) for one in shown] == [20, 2]
    assert {*shown[0], *shown[1]} == made
    assert (await signed_in.get("/h5/cases?cursor=forged")).status == 422


async def test_anothers_case_is_as_good_as_none(signed_in: Browser) -> None:
    theirs = await make_case(person_id=await make_person())
    for number in (theirs.number, "11440106MB2DEMA0293440131012002202611169999"):
        for path in ("", "/papers"):
            page = await signed_in.get(f"/h5/cases/{number}{path}")
            assert (page.status, "食品经营" in page.text) == (404, False)
    home = await signed_in.get("/h5/cases")
    token = (await signed_in.get("/h5/cases/followed")).text
    assert theirs.number not in home.text + token


async def test_an_enterprises_case_is_seen_in_its_identity(
    open_browser: OpenBrowser, signed_in: Browser, person_id: UUID
) -> None:
    firm = await make_enterprise(uscc_number(1))
    case = await make_case(S.ACCEPTED, person_id=person_id, enterprise_id=firm)
    refused = await signed_in.get(f"/h5/cases/{case.number}")
    assert (refused.status, "切换" in refused.text) == (404, True)
    agent = await open_browser()
    await acting(agent, person_id, firm)
    assert "企业的办件" in (await agent.get("/h5/cases")).text
    assert (await agent.get(f"/h5/cases/{case.number}")).status == 200


async def test_one_withdraws_until_the_decision(signed_in: Browser, person_id: UUID) -> None:
    case = await make_case(S.ACCEPTED, person_id=person_id)
    path = f"/h5/cases/{case.number}"
    page = await signed_in.get(path)
    done = await signed_in.post(f"{path}/withdraw", csrf=page.field("csrf"))
    assert (done.status, done.location) == (303, f"{path}?done=withdrawn")
    after = await signed_in.get(done.location)
    assert "申请已撤回" in after.text
    assert f"{path}/withdraw" not in after.text
    again = await signed_in.post(f"{path}/withdraw", csrf=page.field("csrf"))
    assert (again.status, 'role="alert"' in again.text) == (409, True)
    assert (await Case.get(number=case.number)).state is S.WITHDRAWN


async def test_one_confirms_that_the_result_has_come(signed_in: Browser, person_id: UUID) -> None:
    case = await make_case(S.ACCEPTED, S.REVIEW, S.GRANTED, S.ISSUED, person_id=person_id)
    path = f"/h5/cases/{case.number}"
    page = await signed_in.get(path)
    assert f"{path}/withdraw" not in page.text
    done = await signed_in.post(f"{path}/confirm-receipt", csrf=page.field("csrf"))
    assert "已确认收到" in (await signed_in.get(done.location)).text
    assert (await Case.get(number=case.number)).state is S.DELIVERED
    again = await signed_in.post(f"{path}/confirm-receipt", csrf=page.field("csrf"))
    assert again.status == 409


async def test_what_an_office_writes_cannot_become_markup(signed_in: Browser, person_id: UUID) -> None:
    case = await make_case(person_id=person_id, item_name="<script>alert(1)</script>", office="<b>窗口</b>")
    for path in ("/h5/cases", f"/h5/cases/{case.number}", f"/h5/cases/{case.number}/papers"):
        page = (await signed_in.get(path)).text
        assert "<script>alert" not in page
        assert "<b>窗口" not in page


async def test_a_message_of_a_case_leads_to_it(
    signed_in: Browser, person_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await make_case(S.SUPPLEMENT, person_id=person_id)
    facts = {
        "case_number": case.number, "item": "食品经营许可", "office": "天河区受理窗口",
        "changed_at": "2026年11月17日 09:00", "hint": "一次补齐",
    }  # fmt: skip
    monkeypatch.setitem(FACTS, "case_correction", facts)
    await tell("case_correction", person_id)
    found = re.search(r'href="(/h5/inbox/[0-9a-f-]{36})"', (await signed_in.get("/h5/inbox")).text)
    assert found is not None
    assert f'href="/h5/cases/{case.number}"' in (await signed_in.get(found[1])).text


async def test_the_pages_speak_english(signed_in: Browser, person_id: UUID) -> None:
    case = await make_case(S.ACCEPTED, person_id=person_id)
    await signed_in.get("/h5/language?to=en&back=/h5/cases")
    with clock.frozen(HANDED_IN + timedelta(days=3)):
        page = (await signed_in.get(f"/h5/cases/{case.number}")).text
    assert "working days" in page
    assert "What happened" in page
