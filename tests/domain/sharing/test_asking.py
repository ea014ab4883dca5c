"""Asking what the state already knows: with consent alone, least fields, and no answer not to be believed."""

from datetime import timedelta

import pytest

from app.domain.sharing import asking, keeping, offers, prefills
from app.domain.sharing.errors import (
    ShareNeedsConsent,
    ShareNeedsRealName,
    ShareNotOffered,
    ShareRequestNotFound,
)
from app.domain.sharing.models import Occasion, ShareRequest, ShareState
from app.gateways import exchange
from app.gateways.exchange import ExchangeDown, Library, Purpose, calls
from app.gateways.exchange.contract import NotGenuine
from app.gateways.exchange.http_libraries import HttpLibraries
from app.gateways.exchange.purposes import GRANTS, Source
from app.kit import cache, clock, db
from app.kit.errors import TooOften
from tests.factories.accounts import id_number, uscc_number
from tests.factories.certificates import certificate
from tests.factories.partners import make_partner
from tests.factories.sharing import Libraries, consent, make_citizen, make_enterprise
from tests.gateways.exchange.registry import SIGNER, Wrong, running

P, A, B = Library.POPULATION, Occasion.APPLICATION, Occasion.BOOKING


def test_no_occasion_asks_for_more_than_the_purpose_has_a_ground_for() -> None:
    grant = GRANTS[Purpose.PREFILL, Source.LIBRARIES]
    assert grant.needs_consent
    for asked in offers.FIELDS.values():
        assert grant.learns.issuperset(asked)
        assert set(asked) <= set(offers.FIELD_NAMES)


async def test_what_is_found_stands_in_the_form_with_its_source_and_age(libraries: Libraries) -> None:
    number = id_number()
    citizen = await make_citizen(number=number)
    found = await prefills.one(citizen, await asking.ask(citizen, P, A))
    assert (found.state, found.department, found.is_stale) == (ShareState.PREFILLED, "公安机关", False)
    assert found.records == [{"name": "张三", "residence": "天河区某街 1 号", "sex": "男"}]
    assert found.as_of is not None
    assert clock.now() - found.as_of < timedelta(minutes=1)
    fields = frozenset(offers.FIELDS[P, A])
    assert libraries.asked == [(P, number, fields, Purpose.PREFILL.value)]
    row = await ShareRequest.get()
    assert (row.state, row.consent_version) == (ShareState.PREFILLED, "1")
    assert "张三" not in (row.facts_sealed or "")


async def test_a_booking_learns_the_name_alone(libraries: Libraries) -> None:
    citizen = await make_citizen()
    found = await prefills.one(citizen, await asking.ask(citizen, P, B))
    assert found.records == [{"name": "张三"}]
    assert libraries.asked[0][2] == {"name"}


async def test_without_consent_nothing_is_asked(libraries: Libraries) -> None:
    citizen = await make_citizen(has_consent=False)
    with pytest.raises(ShareNeedsConsent):
        await asking.ask(citizen, P, A)
    assert (await ShareRequest.get()).state is ShareState.REQUESTED
    await consent(citizen)
    await asking.ask(citizen, P, A)
    await consent(citizen, is_granted=False)
    with pytest.raises(ShareNeedsConsent):
        await asking.ask(citizen, P, A)
    assert len(libraries.asked) == 1


async def test_who_takes_consent_back_is_shown_nothing_any_more(libraries: Libraries) -> None:
    citizen = await make_citizen()
    asked = await asking.ask(citizen, P, A)
    await consent(citizen, is_granted=False)
    found = await prefills.one(citizen, asked)
    assert (found.state, found.records) == (ShareState.HIT, ())


async def test_without_a_proved_number_there_is_nobody_to_ask_about(libraries: Libraries) -> None:
    citizen = await make_citizen()
    await db.execute("UPDATE person SET id_number_sealed = NULL, id_number_hash = NULL")
    with pytest.raises(ShareNeedsRealName):
        await asking.ask(citizen, P, A)
    assert libraries.asked == []


async def test_people_and_enterprises_have_libraries_of_their_own(libraries: Libraries) -> None:
    uscc = uscc_number(1)
    person, agent = await make_citizen(), await make_citizen(enterprise_id=await make_enterprise(uscc))
    for citizen, library in ((person, Library.LEGAL_PERSONS), (agent, P)):
        with pytest.raises(ShareNotOffered):
            await asking.ask(citizen, library, A)
    with pytest.raises(ShareNotOffered):
        await asking.ask(person, Library.CREDIT, B)
    await asking.ask(agent, Library.LEGAL_PERSONS, A)
    assert [subject for _, subject, *_ in libraries.asked] == [uscc]


async def test_a_stranger_to_the_library_is_told_what_to_bring(libraries: Libraries) -> None:
    citizen = await make_citizen()
    for told in ((), ({},), ({"colour": "red"},)):
        libraries.told = told
        found = await prefills.one(citizen, await asking.ask(citizen, P, A))
        assert found.state is ShareState.MISS
        assert "携带居民身份证原件" in (found.advice or "")
        await cache.client().flushall()  # As if an hour had passed for answers that are kept.


@pytest.mark.parametrize("down", [ExchangeDown(), NotGenuine()], ids=["away", "lying"])
async def test_a_library_that_is_away_or_lies_is_an_error_with_a_way_out(
    libraries: Libraries, down: ExchangeDown
) -> None:
    citizen = await make_citizen()
    libraries.down = down
    found = await prefills.one(citizen, await asking.ask(citizen, P, A))
    assert (found.state, found.records, found.department) == (ShareState.ERROR, (), None)
    assert "稍后重新发起" in (found.advice or "")
    row = await ShareRequest.get()
    assert row.error_code == down.code
    assert row.facts_sealed is None


@pytest.mark.parametrize(
    "wrong",
    [
        Wrong(facts=lambda facts: {**facts, "subject": "440106199003070011"}),
        Wrong(facts=lambda facts: {**facts, "library": "credit"}),
        Wrong(facts=lambda facts: {**facts, "records": "all of them"}),
        Wrong(signature="0" * 64),
        Wrong(nonce="of another question"),
    ],
    ids=["another subject", "another library", "nonsense", "unsigned", "replayed"],
)
async def test_of_a_lying_upstream_nothing_is_kept_or_shown(db: None, wrong: Wrong) -> None:
    citizen = await make_citizen()
    async with running() as registry:
        connector = HttpLibraries(registry.url, SIGNER, timeout_s=2, pause_s=0)
        exchange.use_libraries(connector)
        try:
            registry.always = wrong
            found = await prefills.one(citizen, await asking.ask(citizen, P, A))
            assert (found.state, found.records) == (ShareState.ERROR, ())
            assert (await ShareRequest.get()).error_code == NotGenuine.code
            registry.always = Wrong(
                facts=lambda facts: {
                    **facts, "records": [{**facts["records"][0], "wife": "李四", "income": "100"}],
                }
            )  # fmt: skip
            more = await prefills.one(citizen, await asking.ask(citizen, P, A))
            assert more.state is ShareState.PREFILLED
            assert set(more.records[0]) == set(offers.FIELDS[P, A]), "what was not asked is dropped"
        finally:
            exchange.use_libraries(None)
            await connector.close()


async def test_certificates_pushed_to_us_are_asked_of_nobody_else(libraries: Libraries) -> None:
    uscc = uscc_number(1)
    citizen = await make_citizen(enterprise_id=await make_enterprise(uscc))
    until = clock.today() + timedelta(days=400)
    await (await make_partner()).take_in(
        certificate(1, "KEPT"), certificate(2, "LOCKED", status="locked"), certificate(3, "LOOSE", trust="C")
    )
    found = await prefills.one(citizen, await asking.ask(citizen, Library.CERTIFICATES, A))
    told = {"kind": "食品经营许可证", "number": "KEPT", "valid_until": str(until), "status": "有效"}
    assert found.records == [told], "what nobody vouches for today proves nothing"
    assert found.department == "天河区市场监督管理局"
    assert libraries.asked == []
    other = await make_citizen(enterprise_id=await make_enterprise(uscc_number(2)))
    await asking.ask(other, Library.CERTIFICATES, A)
    assert len(libraries.asked) == 1


async def test_each_question_is_in_the_call_log_with_its_purpose(libraries: Libraries) -> None:
    citizen = await make_citizen()
    await asking.ask(citizen, P, A)
    await calls.flush()
    rows = await db.fetch("SELECT purpose, fields_asked, outcome FROM exchange_call")
    assert [tuple(row) for row in rows] == [("表单预填", "birth_date name residence sex", "answered")]


async def test_nobody_watches_a_register_by_asking_on_and_on(libraries: Libraries) -> None:
    citizen = await make_citizen()
    for _ in range(30):
        await asking.ask(citizen, P, B)
    with pytest.raises(TooOften):
        await asking.ask(citizen, P, B)


async def test_a_request_is_for_whoever_asked_in_the_identity_they_asked_in(libraries: Libraries) -> None:
    enterprise_id = await make_enterprise(uscc_number(1))
    agent = await make_citizen(enterprise_id=enterprise_id)
    colleague = await make_citizen(enterprise_id=enterprise_id)
    asked = await asking.ask(agent, Library.LEGAL_PERSONS, A)
    at_home = type(agent)(agent.person_id, agent.session_id, None, agent.level)
    for stranger in (colleague, at_home, await make_citizen()):
        with pytest.raises(ShareRequestNotFound):
            await prefills.one(stranger, asked)
        assert (await prefills.recent(stranger, limit=10))[0] == []
    assert [one.id for one in (await prefills.recent(agent, limit=10))[0]] == [asked]


async def test_what_was_told_is_gone_after_a_day_and_the_request_after_half_a_year(
    libraries: Libraries,
) -> None:
    citizen = await make_citizen()
    asked = await asking.ask(citizen, P, A)
    with clock.frozen(clock.now() + timedelta(hours=24)):
        assert (await prefills.one(citizen, asked)).records == (), "gone before any task ran"
        await keeping.tidy()
        assert (await ShareRequest.get()).facts_sealed is None
        assert await keeping.forget() == 0
    with clock.frozen(clock.now() + timedelta(days=181)):
        assert await keeping.forget() == 1


async def test_a_question_nobody_came_back_from_ends_in_an_error(libraries: Libraries) -> None:
    citizen = await make_citizen()
    asked = await asking.ask(citizen, P, A)
    await db.execute("DELETE FROM share_request")
    await db.execute(
        "INSERT INTO share_request (id, person_id, library, occasion, fields_asked, state, consent_version,"
        " is_stale, asked_at) VALUES ($1, $2, 'population', 'booking', '[]', 'authorised', '1', false, $3)",
        asked, citizen.person_id, clock.now() - timedelta(minutes=11),
    )  # fmt: skip
    await keeping.tidy()
    assert (await prefills.one(citizen, asked)).state is ShareState.ERROR
