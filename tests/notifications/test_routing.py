"""Telling people: the channel by what is known of them, the inbox always, and everything once."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest

from app.domain.accounts import subscriptions
from app.domain.accounts.models import Person, PersonStatus
from app.kit import cache, clock, db
from config import messages, settings
from notifications import routing, windows
from notifications.inbox import preferences
from notifications.inbox.preferences import Wish
from notifications.models import Channel
from notifications.routing import Told
from tests.factories.appointments import make_person
from tests.factories.messages import agree_to_service, follow, tell, telling, use_mini_program

pytestmark = pytest.mark.usefixtures("db")

BOOKED = messages.current()["appointment_booked"].mp_template_id
NOTICE = messages.current()["notice_published"].mp_template_id


async def queued() -> list[tuple[str, str]]:
    rows = await db.fetch("SELECT channel, route FROM notification ORDER BY id")
    return [(row["channel"], row["route"]) for row in rows]


async def inbox() -> list[str]:
    return [row["told"] for row in await db.fetch("SELECT told FROM inbox_item ORDER BY id")]


async def somebody(name: str = "a", *, follows: bool = True, accepted: Sequence[str] = ()) -> UUID:
    person_id = await make_person()
    await use_mini_program(person_id, f"mp-{name}")
    if follows:
        await follow(person_id, f"oa-{name}")
    for template_id in accepted:
        await subscriptions.grant(person_id, settings.current().mp_appid, [template_id], reported_by="client")
    return person_id


@pytest.fixture(params=["demo"])
def sms(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """How text messages are connected."""
    chosen = settings.current().model_copy(update={"sms_connector": request.param})
    monkeypatch.setattr(settings, "current", lambda: chosen)


async def test_every_message_lies_in_the_inbox_whatever_channel_it_takes() -> None:
    told = [
        await tell("appointment_booked", await somebody("a", accepted=[BOOKED])),
        await tell("appointment_booked", await somebody("b", follows=False, accepted=[BOOKED])),
        await tell("appointment_booked", await somebody("c", follows=False)),
    ]
    assert [(one.channel, one.reason) for one in told] == [
        (Channel.TEMPLATE, None),
        (Channel.SUBSCRIBE, None),
        (None, "no_channel"),
    ]
    assert await queued() == [("template", "subscribe"), ("subscribe", "")]
    assert await inbox() == ["template", "subscribe", "no_channel"]


async def test_an_open_window_is_a_way_for_what_concerns_one_person() -> None:
    person_id = await somebody()
    await cache.client().set(f"{windows.PREFIX}{windows.talker_of(settings.current().oa_appid, 'oa-a')}", 2)
    await tell("appointment_booked", person_id)
    await tell("notice_published", person_id)
    assert await queued() == [("template", "custom"), ("template", "")]


async def test_a_proven_phone_is_the_last_way(sms: None) -> None:
    person_id = await somebody(follows=False)
    await Person.filter(id=person_id).update(phone_sealed="-", phone_verified_at=clock.now())
    assert (await tell("appointment_cancelled_by_hall", person_id)).channel is Channel.SMS
    assert (await tell("appointment_booked", person_id)).reason == "no_channel"
    await Person.filter(id=person_id).update(phone_verified_at=None)
    assert (await tell("appointment_cancelled_by_hall", person_id)).reason == "no_channel"


@pytest.mark.parametrize("sms", ["off"], indirect=True)
async def test_a_phone_is_no_way_without_a_connector(sms: None) -> None:
    person_id = await somebody(follows=False)
    await Person.filter(id=person_id).update(phone_sealed="-", phone_verified_at=clock.now())
    assert (await tell("appointment_cancelled_by_hall", person_id)).reason == "no_channel"


async def test_many_peoples_notices_take_a_long_term_grant_first() -> None:
    person_id = await somebody()
    await subscriptions.grant(
        person_id, settings.current().mp_appid, [NOTICE], reported_by="client", long_term=[NOTICE]
    )
    await tell("notice_published", person_id)
    assert await queued() == [("subscribe", "template")]


async def test_who_muted_a_kind_finds_it_in_the_inbox_alone() -> None:
    person_id = await somebody()
    await preferences.wish(person_id, [Wish("appointment_booked", is_muted=True)])
    assert (await tell("appointment_booked", person_id)).reason == "muted"
    assert (await tell("appointment_cancelled_by_hall", person_id)).channel is Channel.TEMPLATE
    await preferences.wish(
        person_id, [Wish("appointment_booked", switched_off=frozenset(Channel) - {Channel.SMS})]
    )
    assert (await tell("appointment_booked", person_id)).reason == "muted"
    assert await inbox() == ["muted", "template", "muted"]


async def test_whoever_has_left_is_told_nothing() -> None:
    person_id = await somebody()
    await Person.filter(id=person_id).update(status=PersonStatus.DELETED)
    assert await tell("appointment_booked", person_id) == Told(person_id, None, "gone")
    assert await queued() == []
    assert await inbox() == []


async def test_telling_again_changes_nothing_and_answers_the_same() -> None:
    follower, stranger, muted = await somebody("a"), await somebody("b", follows=False), await somebody("c")
    await preferences.wish(muted, [Wish("notice_published", is_muted=True)])
    batch = [
        telling("notice_published", follower, campaign_id=7),
        telling("notice_published", stranger, campaign_id=7),
        telling("notice_published", muted, campaign_id=7),
    ]
    batch = [_at_one_moment(one) for one in batch]
    first = await routing.tell(batch)
    await follow(stranger, "oa-late")
    assert await routing.tell(batch) == first
    assert [one.reason for one in first] == [None, "no_channel", "muted"]
    assert len(await queued()) == 1
    assert await db.fetch_value("SELECT notices FROM digest_day") == 1


_MOMENT = clock.now()


def _at_one_moment(one: routing.Telling) -> routing.Telling:
    return routing.Telling(one.kind, one.person_id, one.params, _MOMENT, campaign_id=one.campaign_id)


async def test_what_fails_is_not_told_by_half() -> None:
    person_id = await somebody()
    with suppress(InterruptedError):
        async with db.transaction():
            await tell("appointment_booked", person_id)
            raise InterruptedError
    assert await inbox() == []
    assert await queued() == []


async def test_the_count_of_statements_does_not_grow_with_the_people(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    fetch, execute = db.fetch, db.execute

    async def counted(sql: str, *args: Any) -> Any:
        asked.append(sql)
        return await fetch(sql, *args)

    async def counted_too(sql: str, *args: Any) -> Any:
        asked.append(sql)
        return await execute(sql, *args)

    people = [await somebody(str(number)) for number in range(12)]
    monkeypatch.setattr(db, "fetch", counted)
    monkeypatch.setattr(db, "execute", counted_too)
    await routing.tell([telling("notice_published", people[0])])
    alone = len(asked)
    asked.clear()
    await routing.tell([telling("notice_published", person) for person in people[1:]])
    assert len(asked) == alone < 10


async def test_documents_are_served_only_on_who_agreed() -> None:
    person_id = await somebody()
    assert (await tell("document_served", person_id)).reason == "not_agreed"
    await agree_to_service(person_id)
    assert (await tell("document_served", person_id)).channel is Channel.TEMPLATE
    refused = await tell("document_served", person_id, params={"document": "税务处理决定书"})
    assert refused.reason == "not_servable"
    await agree_to_service(person_id, is_granted=False)
    assert (await tell("document_served", person_id)).reason == "not_agreed"
    assert await inbox() == ["template"]


async def test_a_served_document_lies_in_the_inbox_of_who_can_be_reached_nowhere() -> None:
    person_id = await make_person()
    await agree_to_service(person_id)
    assert (await tell("document_served", person_id)).reason == "no_channel"
    assert await db.fetch_value("SELECT count(*) FROM service_proof WHERE step = 'arrived'") == 1
