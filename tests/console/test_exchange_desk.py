"""The desks of the exchange: health, call log, department systems, keys, dead letters, census."""

import re
from datetime import timedelta

import pytest

from app.console import site
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post
from app.domain.partners import dead_letters
from app.domain.partners.kinds import MessageKind
from app.domain.partners.models import PartnerKey, PartnerSystem
from app.domain.sharing import asking, prefills, settling
from app.domain.sharing.models import Occasion, ShareObjection
from app.gateways import exchange
from app.gateways.exchange import Library, calls
from app.gateways.exchange.calls import Call
from app.gateways.exchange.listings import OUTCOMES
from app.gateways.exchange.purposes import Purpose, Source
from app.kit import clock
from app.kit.models import AuditEntry
from app.kit.web.pages import LANGUAGES
from tests.console.conftest import AtWork
from tests.console.test_staff_desk import do
from tests.factories import connections as census
from tests.factories.cases import case_number
from tests.factories.partners import Partner, make_partner
from tests.factories.sharing import Libraries, make_citizen
from tests.public_account.h5.conftest import Browser

SYSTEM = {"code": "gz-xk", "name": "行政审批系统", "department": "天河区政数局"}


@pytest.fixture
async def security(at_work: AtWork) -> Browser:
    return await at_work("an-quan", Post(StaffRole.SECURITY_ADMIN))


@pytest.fixture
async def operator(at_work: AtWork) -> Browser:
    return await at_work("yun-wei", Post(StaffRole.EXCHANGE_OPERATOR))


async def note(outcome: str, source: Source = Source.CREDIT) -> None:
    calls.note(Call(source, Purpose.RATING, ("uscc",), "91440101MA5DEMQ01M", outcome, 20))
    await calls.flush()


async def test_health_tells_of_each_system_and_of_its_last_trouble(operator: Browser) -> None:
    await note("answered")
    await note("down")
    page = (await operator.get("/console/exchange/")).text
    assert all(words in page for words in ("实名核验", "发票查验", "纳税信用", "基础库"))
    assert "1 次异常" in page
    assert "source=credit&amp;outcome=down" in page


async def test_the_call_log_says_who_was_asked_for_what_and_never_about_whom(operator: Browser) -> None:
    await note("answered")
    await note("rejected", Source.IDENTITY)
    page = await operator.get("/console/exchange/calls?outcome=rejected")
    rows = page.text.split("<tbody>")[1].split("</tbody>")[0]
    assert (">实名核验<" in rows, ">纳税信用<" in rows) == (True, False)
    exported = (await operator.get("/console/exchange/calls.csv")).text
    assert "纳税信用查询" in exported
    assert "91440101MA5DEMQ01M" not in exported + page.text


def test_every_outcome_has_its_words_in_every_language() -> None:
    silent = [
        (language, one)
        for language in LANGUAGES
        for one in OUTCOMES
        if not site.texts.says(language, f"calls.outcome.{one}")
    ]
    assert silent == []


async def test_a_post_in_one_hall_does_not_watch_the_whole_exchange(at_work: AtWork) -> None:
    browser = await at_work("ting-yun", Post(StaffRole.EXCHANGE_OPERATOR, region_code="4401"))
    for path in ("exchange/", "exchange/calls", "partners/", "partners/dead-letters", "objections/"):
        assert (await browser.get(f"/console/{path}")).status == 403, path


async def test_a_system_is_registered_given_keys_and_the_secret_is_shown_once(security: Browser) -> None:
    wanting = await do(security, "/console/partners/new", **SYSTEM)
    assert (wanting.status, 'value="gz-xk"' in wanting.text) == (422, True)
    assert not await PartnerSystem.exists()
    made = await do(security, "/console/partners/new", **SYSTEM, any_authority="yes", regions="4401 4403")
    assert made.location == "/console/partners/gz-xk?done=create"
    given = await do(security, "/console/partners/gz-xk/keys", days="90", public_key="")
    key, secret = re.findall(r'class="secret">([^<]+)<', given.text)
    page = (await security.get("/console/partners/gz-xk")).text
    assert (key in page, secret in page) == (True, False)
    await do(security, "/console/partners/gz-xk/keys", days="90", public_key="")
    third = await do(security, "/console/partners/gz-xk/keys", days="90", public_key="")
    assert (third.status, "最多两个" in third.text) == (409, True)
    assert (await do(security, f"/console/partners/gz-xk/keys/{key}/revoke")).status == 303
    assert (await PartnerKey.get(id=key)).revoked_at is not None


async def test_the_operator_sees_systems_and_touches_no_key(operator: Browser) -> None:
    partner = await make_partner()
    page = await operator.get(f"/console/partners/{partner.code}")
    assert (page.status, "/keys" in page.text) == (200, False)
    assert (await do(operator, f"/console/partners/{partner.code}/keys", days="9")).status == 403
    assert (await do(operator, f"/console/partners/{partner.code}/suspend")).status == 403


async def test_a_dead_letter_is_listed_with_its_reason_and_replayed_for_one(operator: Browser) -> None:
    partner, number = await buried()
    listed = (await operator.get(f"/console/partners/dead-letters?system={partner.code}")).text
    assert (number in listed, "等待前序消息超时" in listed) == (True, True)
    place = f"/console/partners/{partner.code}"
    assert (await do(operator, f"{place}/replay", sequence="1", reason="")).status == 422
    assert (await do(operator, f"{place}/replay", sequence="1", reason="已补发前序")).status == 303
    assert (await AuditEntry.get(action="partner.replayed")).reason == "已补发前序"
    assert number not in (await operator.get("/console/partners/dead-letters")).text
    again = await do(operator, f"{place}/replay", sequence="1", reason="再试")
    assert (again.status, "不在待人工处理之列" in again.text) == (409, True)


async def test_a_system_is_suspended_and_takes_messages_again_when_it_is_resumed(security: Browser) -> None:
    partner = await make_partner()
    place = f"/console/partners/{partner.code}"
    assert (await do(security, f"{place}/suspend")).location == f"{place}?done=suspend"
    assert not (await PartnerSystem.get(code=partner.code)).is_active
    assert partner.code in (await security.get("/console/partners/?state=off")).text
    assert (await do(security, f"{place}/resume")).location == f"{place}?done=resume"
    assert (await PartnerSystem.get(code=partner.code)).is_active
    told = await AuditEntry.filter(action__startswith="partner.").order_by("id")
    assert len(told) == 2


async def test_kinds_of_messages_are_ticked_and_stay_ticked_when_refused(security: Browser) -> None:
    csrf = (await security.get("/console/partners/new")).field("csrf")
    said = [("csrf", csrf), ("code", "gz-xk"), ("kinds", "acceptance"), ("kinds", "decision")]
    async with security.session.post("/console/partners/new", data=said) as answer:
        text = await answer.text()
    assert answer.status == 422
    assert [kind for kind in MessageKind if f'value="{kind}" checked' in text] == ["acceptance", "decision"]
    more = [("name", "系统"), ("department", "政数局"), ("any_authority", "yes"), ("any_region", "yes")]
    async with security.session.post(
        "/console/partners/new", data=[*said, *more], allow_redirects=False
    ) as made:
        assert made.status == 303
    assert (await PartnerSystem.get(code="gz-xk")).kinds == ["acceptance", "decision"]


async def test_an_objection_is_read_for_a_reason_and_answered_once(
    operator: Browser, at_work: AtWork
) -> None:
    place = f"/console/objections/{await objected()}"
    supervisor = await at_work("jian-cha", Post(StaffRole.SUPERVISOR))
    assert "天河区新街 2 号" not in (await operator.get(place)).text + (await supervisor.get(place)).text
    assert (await do(supervisor, f"{place}/claim", reason="看看")).status == 403
    assert (await do(operator, f"{place}/claim", reason="")).status == 422
    told = await do(operator, f"{place}/claim", reason="转交核实")
    assert (told.status, "天河区新街 2 号" in told.text) == (200, True)
    assert (await AuditEntry.get(action="share.objection_read")).reason == "转交核实"
    unsaid = await do(operator, f"{place}/answer", verdict="mended", words="")
    assert (unsaid.status, "必填" in unsaid.text) == (422, True)
    assert (await do(operator, f"{place}/answer", verdict="mended", words="已更正")).status == 303
    assert (await do(operator, f"{place}/answer", verdict="kept", words="再答")).status == 409


async def objected() -> int:
    """An objection to an address that the population library told."""
    citizen = await make_citizen()
    exchange.use_libraries(Libraries())
    try:
        asked = await asking.ask(citizen, Library.POPULATION, Occasion.APPLICATION)
        await prefills.one(citizen, asked)
    finally:
        exchange.use_libraries(None)
    await settling.correct(citizen, asked, [(1, "residence", "天河区新街 2 号")], "去年已搬家")
    made = await ShareObjection.get()
    return int(made.pk)


async def buried() -> tuple[Partner, str]:
    """A system with a message that waited too long for the one before it."""
    partner, number = await make_partner(), case_number()
    await partner.take_in(partner.tell("acceptance", number, 2))
    with clock.frozen(clock.now() + timedelta(hours=73)):
        assert await dead_letters.bury() == 1
    return partner, number


async def test_a_connection_is_classified_and_goes_its_way(at_work: AtWork) -> None:
    admin = await at_work("guan-li", Post(StaffRole.SYSTEM_ADMIN))
    place = f"/console/connections/{await census.system()}"
    wanting = await do(admin, f"{place}/classify", category="2", document="", due_on="", next_check_on="")
    assert (wanting.status, wanting.text.count('class="why"')) == (422, 2), "both fields are marked"
    dated = {"document": "汴政办〔2016〕7号", "due_on": "2026-01-31", "next_check_on": ""}
    assert (await do(admin, f"{place}/classify", category="2", **dated)).status == 303
    assert (await do(admin, f"{place}/advance", state="integrating", note="")).status == 303
    refused = await do(admin, f"{place}/advance", state="live", note="")
    assert (refused.status, "不能这样处理" in refused.text) == (409, True)
    assert "不动产登记系统" in (await admin.get("/console/connections/?late=yes")).text
    assert "不动产登记系统" not in (await admin.get("/console/connections/?late=no")).text
    assert (await admin.get("/console/connections/ratios")).status == 200


async def test_supervision_reads_the_census_and_changes_nothing(at_work: AtWork) -> None:
    browser = await at_work("jian-cha", Post(StaffRole.SUPERVISOR))
    place = f"/console/connections/{await census.system()}"
    page = await browser.get(place)
    assert (page.status, "/classify" in page.text) == (200, False)
    assert (await do(browser, f"{place}/survey")).status == 403


async def test_a_duty_is_listed_refused_and_decided(at_work: AtWork) -> None:
    admin = await at_work("guan-li", Post(StaffRole.SYSTEM_ADMIN))
    said = {"supplier": "市公安局", "data": "户籍信息", "due_on": "2026-01-31", "condition": ""}
    made = await do(admin, "/console/connections/duties/new", **said, document="清单1号")
    place = made.location.partition("?")[0]
    late = "/console/connections/duties/?late=yes"
    assert "户籍信息" in (await admin.get(late)).text
    unsaid = await do(admin, f"{place}/refuse", law="", reason="涉密", office="市政数局")
    assert (unsaid.status, "应为 1 到 200 个字" in unsaid.text) == (422, True)
    await do(admin, f"{place}/refuse", law="居民身份证法第六条", reason="涉密", office="市政数局")
    assert (await do(admin, f"{place}/decide", verdict="upheld", document="裁1号")).status == 303
    assert "户籍信息" not in (await admin.get(late)).text, "who rightly refuses owes nothing"
    assert (await do(admin, f"{place}/serve")).status == 409
