"""My space: who one is, whom one acts for, what one agreed to and wishes, taking along and leaving."""

from uuid import UUID, uuid4

import orjson
import pytest

from app.domain.accounts import agency, consents, queries, sessions
from app.domain.accounts.models import ConsentEntry, IdentityLevel, Person, PersonStatus
from app.domain.accounts.sessions import Citizen
from app.domain.appointments import booking
from app.gateways.exchange.demo import NAME_DOWN, NAME_MISMATCH, USCC_NO_AGENT
from app.kit import crypto
from app.public_account.h5.entry.sign_in import SESSION_COOKIE
from notifications.inbox import preferences
from notifications.models import Channel
from tests.factories import accounts as make
from tests.factories.appointments import make_hall, make_slot, seat
from tests.public_account.h5.conftest import Browser, OpenBrowser

USCC = "91440101MA5DEMQ01M"
COMPANY = "广州珠江晨光贸易有限公司"


async def agree(browser: Browser, path: str) -> None:
    """Press the button of the consent that a page asks for first."""
    page = await browser.get(path)
    names = ("csrf", "purpose", "version", "answer", "back")
    done = await browser.post("/h5/me/consents", **{name: page.field(name) for name in names})
    assert (done.status, done.location) == (303, path)


@pytest.fixture
async def proved(signed_in: Browser, person_id: UUID) -> Browser:
    """The browser of somebody the registry has confirmed."""
    await Person.filter(id=person_id).update(
        level=IdentityLevel.REALNAME_L1,
        name_sealed=crypto.seal("欧阳小明"),
        id_number_sealed=crypto.seal(make.id_number()),
    )
    return signed_in


@pytest.fixture
async def bound(proved: Browser) -> Browser:
    """One who is bound to a company, too."""
    page = await proved.get("/h5/me/enterprises")
    done = await proved.post(
        "/h5/me/enterprises", csrf=page.field("csrf"), uscc=USCC.lower(), role="finance_officer"
    )
    assert done.location == "/h5/me/enterprises?done=bound"
    return proved


async def citizen_in(browser: Browser) -> Citizen:
    return await sessions.citizen_of(browser.holds(SESSION_COOKIE) or "")


async def test_one_sees_oneself_masked(proved: Browser) -> None:
    page = (await proved.get("/h5/me")).text
    assert "欧**明" in page
    assert "欧阳小明" not in page
    assert "已实名" in page


async def test_consent_comes_before_the_registry(signed_in: Browser, person_id: UUID) -> None:
    page = await signed_in.get("/h5/me/real-name")
    assert "国家人口信息核验服务" in page.text
    assert 'name="id_number"' not in page.text
    told = {"csrf": page.field("csrf"), "name": "欧阳小明", "id_number": make.id_number()}
    assert "国家人口信息核验服务" in (await signed_in.post("/h5/me/real-name", **told)).text
    assert (await Person.get(id=person_id)).level is IdentityLevel.WX_BOUND
    await agree(signed_in, "/h5/me/real-name")
    assert (await ConsentEntry.get(person_id=person_id)).channel == "WX_OA"
    done = await signed_in.post("/h5/me/real-name", **told)
    assert done.location == "/h5/me?done=real_name"
    assert "核验通过" in (await signed_in.get(done.location)).text
    assert 'name="id_number"' not in (await signed_in.get("/h5/me/real-name")).text


@pytest.mark.parametrize(
    ("name", "number", "status", "words"),
    [
        ("欧阳小明", "440106199003071230", 422, "身份证号"),
        ("", make.id_number(), 422, "aria-invalid"),
        (NAME_MISMATCH, make.id_number(), 409, "不一致"),
        (NAME_DOWN, make.id_number(), 503, "稍后"),
    ],
)
async def test_a_refused_proof_keeps_what_was_typed(
    signed_in: Browser, name: str, number: str, status: int, words: str
) -> None:
    await agree(signed_in, "/h5/me/real-name")
    page = await signed_in.get("/h5/me/real-name")
    refused = await signed_in.post("/h5/me/real-name", csrf=page.field("csrf"), name=name, id_number=number)
    assert (refused.status, words in refused.text) == (status, True), refused.text
    assert ("retry-after" in refused.headers) is (status == 503)
    assert f'value="{number}"' in refused.text
    assert f'value="{name}"' in refused.text


async def test_without_a_real_name_the_way_leads_to_it(signed_in: Browser) -> None:
    page = (await signed_in.get("/h5/me/enterprises")).text
    assert 'href="/h5/me/real-name"' in page
    assert 'name="uscc"' not in page


async def test_an_enterprise_is_bound_and_the_binding_ended(bound: Browser) -> None:
    page = await bound.get("/h5/me/enterprises")
    assert COMPANY in page.text
    assert "财务负责人" in page.text
    [binding] = await queries.enterprises_of((await citizen_in(bound)).person_id)
    ended = await bound.post(f"/h5/me/enterprises/{binding.binding_id}/unbind", csrf=page.field("csrf"))
    assert ended.location == "/h5/me/enterprises?done=unbound"
    assert "还没有绑定企业" in (await bound.get(ended.location)).text


async def test_the_binding_of_another_stays(bound: Browser, open_browser: OpenBrowser) -> None:
    [binding] = await queries.enterprises_of((await citizen_in(bound)).person_id)
    other = await open_browser()
    stranger = await Person.create(id=uuid4(), level=IdentityLevel.WX_BOUND)
    other.plant(SESSION_COOKIE, (await sessions.begin(stranger.id, stranger.level)).token)
    csrf = (await other.get("/h5/me")).field("csrf")
    refused = await other.post(f"/h5/me/enterprises/{binding.binding_id}/unbind", csrf=csrf)
    assert refused.status == 404
    assert await queries.enterprises_of((await citizen_in(bound)).person_id)


async def test_a_refused_binding_keeps_what_was_typed(proved: Browser) -> None:
    csrf = (await proved.get("/h5/me/enterprises")).field("csrf")
    for code, status, words in ((USCC_NO_AGENT, 409, "没有所选身份"), ("123", 422, "aria-invalid")):
        refused = await proved.post("/h5/me/enterprises", csrf=csrf, uscc=code, role="invoice_collector")
        assert (refused.status, words in refused.text) == (status, True)
        assert f'value="{code}"' in refused.text
        assert '<option value="invoice_collector" selected>' in refused.text


async def test_every_page_says_whose_things_one_is_looking_at(bound: Browser) -> None:
    [binding] = await queries.enterprises_of((await citizen_in(bound)).person_id)
    assert "<strong>本人</strong>" in (await bound.get("/h5/inbox")).text
    page = await bound.get("/h5/me/identity?back=/h5/inbox")
    chosen = {"csrf": page.field("csrf"), "back": "/h5/inbox", "enterprise": str(binding.enterprise_id)}
    assert (await bound.post("/h5/me/identity", **chosen)).location == "/h5/inbox"
    for path in ("/h5/", "/h5/inbox", "/h5/me", "/h5/notices"):
        assert f"<strong>{COMPANY}</strong>" in (await bound.get(path)).text
    # What anybody may read and keep says nothing of who reads it.
    assert COMPANY not in (await bound.get("/h5/halls")).text
    del chosen["enterprise"]
    await bound.post("/h5/me/identity", **chosen)
    assert "<strong>本人</strong>" in (await bound.get("/h5/")).text


async def test_one_acts_for_nobody_one_is_not_bound_to(bound: Browser, signed_in: Browser) -> None:
    csrf = (await bound.get("/h5/me/identity")).field("csrf")
    refused = await bound.post("/h5/me/identity", csrf=csrf, enterprise=str(uuid4()))
    assert (refused.status, "没有绑定该企业" in refused.text) == (404, True)
    assert (await citizen_in(bound)).enterprise_id is None


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example", "/h5/inbox/0198a0a0-0000-7000-8000-000000000000"]
)
async def test_after_a_switch_one_lands_on_a_page_of_ours_that_is_there(bound: Browser, back: str) -> None:
    csrf = (await bound.get("/h5/me/identity")).field("csrf")
    assert (await bound.post("/h5/me/identity", csrf=csrf, back=back)).location == "/h5/"


async def test_the_binding_that_ends_ends_acting(bound: Browser) -> None:
    citizen = await citizen_in(bound)
    [binding] = await queries.enterprises_of(citizen.person_id)
    await sessions.act_as(citizen, binding.enterprise_id)
    assert (await citizen_in(bound)).enterprise_name == COMPANY
    await agency.unbind(citizen, binding.binding_id)
    fallen = await citizen_in(bound)
    assert (fallen.enterprise_id, fallen.enterprise_name) == (None, None)


async def test_a_consent_is_given_and_taken_back(signed_in: Browser, person_id: UUID) -> None:
    text = consents.texts()["location"]
    page = await signed_in.get("/h5/me/consents")
    assert text.text in page.text
    told = {"csrf": page.field("csrf"), "purpose": "location", "version": text.version}
    for answer, is_granted in (("yes", True), ("no", False)):
        done = await signed_in.post("/h5/me/consents", answer=answer, **told)
        assert done.location == "/h5/me/consents"
        assert await consents.is_granted(person_id, "location") is is_granted
    assert await ConsentEntry.filter(person_id=person_id).count() == 2


@pytest.mark.parametrize(("purpose", "version"), [("location", "0"), ("anything", "1"), ("<b>", "1")])
async def test_words_that_are_not_in_force_are_not_agreed_to(
    signed_in: Browser, purpose: str, version: str
) -> None:
    csrf = (await signed_in.get("/h5/me/consents")).field("csrf")
    refused = await signed_in.post(
        "/h5/me/consents", csrf=csrf, purpose=purpose, version=version, answer="yes"
    )
    assert refused.status == 422
    assert await ConsentEntry.all().count() == 0


async def test_wishes_are_kept_and_statutory_ones_not_offered(signed_in: Browser, person_id: UUID) -> None:
    page = await signed_in.get("/h5/me/messages")
    assert "免打扰" in page.text
    assert 'value="document_served"' not in page.text
    done = await signed_in(
        "POST",
        "/h5/me/messages",
        data=[
            ("csrf", page.field("csrf")), ("shown", "appointment_booked"), ("shown", "appointment_cancelled"),
            ("shown", "document_served"), ("on", "appointment_booked"),
            ("ways", "appointment_booked:subscribe"),
        ],
    )  # fmt: skip
    assert done.location == "/h5/me?done=messages"
    wishes = {one.kind.name: one.wish for one in await preferences.choices(person_id)}
    assert not wishes["appointment_booked"].is_muted
    assert Channel.TEMPLATE in wishes["appointment_booked"].switched_off
    assert Channel.SUBSCRIBE not in wishes["appointment_booked"].switched_off
    assert wishes["appointment_cancelled"].is_muted
    assert not wishes["document_served"].is_muted
    assert not wishes["appointment_rescheduled"].is_muted, "it was not on the page"
    assert "checked" in (await signed_in.get("/h5/me/messages")).text


async def test_ones_data_come_as_a_file(proved: Browser, person_id: UUID) -> None:
    file = await proved.get("/h5/me/export")
    assert file.headers["content-disposition"].startswith('attachment; filename="weiban-')
    assert file.headers["cache-control"] == "no-store"
    assert orjson.loads(file.text)["sections"]["person"]["name"] == "欧阳小明"


async def test_signing_out_everywhere_ends_every_session(signed_in: Browser, person_id: UUID) -> None:
    elsewhere = await sessions.begin(person_id, IdentityLevel.WX_BOUND)
    done = await signed_in.post("/h5/me/sign-out", csrf=(await signed_in.get("/h5/me")).field("csrf"))
    assert "都已退出" in done.text
    signed_in.plant(SESSION_COOKIE, elsewhere.token)
    assert (await signed_in.get("/h5/me")).status in (303, 401)


async def test_leaving_wants_a_tick_and_clears_the_person(proved: Browser, person_id: UUID) -> None:
    csrf = (await proved.get("/h5/me/leave")).field("csrf")
    refused = await proved.post("/h5/me/leave", csrf=csrf)
    assert (refused.status, "勾选" in refused.text) == (422, True)
    left = await proved.post("/h5/me/leave", csrf=csrf, sure="yes")
    assert "已注销" in left.text
    gone = await Person.get(id=person_id)
    assert gone.status is PersonStatus.DELETED
    assert not gone.name_sealed
    assert (await proved.get("/h5/me")).location.startswith("/h5/sign-in")


async def test_a_promised_seat_keeps_one_from_leaving(signed_in: Browser, person_id: UUID) -> None:
    await booking.book(seat(await make_slot(await make_hall()), person_id))
    csrf = (await signed_in.get("/h5/me/leave")).field("csrf")
    refused = await signed_in.post("/h5/me/leave", csrf=csrf, sure="yes")
    assert (refused.status, "请先取消预约" in refused.text) == (409, True)
    assert (await Person.get(id=person_id)).status is PersonStatus.ACTIVE
