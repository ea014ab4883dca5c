"""The mini-program reports what a person answered to WeChat's prompt."""

from uuid import UUID

import pytest

from app.domain.accounts import followers, subscriptions
from app.kit import db
from app.sandbox.world import openid_of
from config import messages, settings
from tests.client import Client

BOOKED = messages.current()["appointment_booked"].mp_template_id
REMINDER = messages.current()["appointment_reminder"].mp_template_id


async def _person() -> UUID:
    appid = settings.current().mp_appid
    found = await followers.person_behind(appid, openid_of(appid, "zhang"))
    assert found is not None
    return found


async def test_accepted_templates_become_consents(client: Client) -> None:
    token = await client.log_in("zhang")
    results = {BOOKED: "accept", REMINDER: "reject"}
    answer = await client.post("/api/v1/subscriptions", token=token, json={"results": results})
    assert answer.status == 200, answer.body
    left = {item["template_id"]: item["left"] for item in answer.body["items"]}
    assert (left[BOOKED], left[REMINDER]) == (1, 0)
    listed = await client.get("/api/v1/subscriptions/templates", token=token)
    assert listed.body == answer.body


async def test_after_a_booking_its_own_templates_are_asked_for(client: Client) -> None:
    token = await client.log_in("zhang")
    listed = await client.get("/api/v1/subscriptions/templates?moment=booking", token=token)
    assert [item["message"] for item in listed.body["items"]] == [
        "appointment_booked",
        "appointment_reminder",
        "appointment_cancelled_by_hall",
    ]
    wrong = await client.get("/api/v1/subscriptions/templates?moment=birthday", token=token)
    assert wrong.status == 422


async def test_same_report_with_the_same_key_counts_once(client: Client) -> None:
    token = await client.log_in("zhang")
    for _ in range(2):
        answer = await client.post(
            "/api/v1/subscriptions",
            token=token,
            json={"results": {BOOKED: "accept"}},
            headers={"Idempotency-Key": "one-tap"},
        )
        assert answer.status == 200
    assert sum((await subscriptions.count_unspent([await _person()], [BOOKED])).values()) == 1


@pytest.mark.parametrize("first", ["client", "callback"])
async def test_one_tap_reported_by_the_client_and_by_wechat_counts_once(client: Client, first: str) -> None:
    await client.log_in("zhang")
    person, appid = await _person(), settings.current().mp_appid

    async def from_client() -> None:
        await subscriptions.grant(person, appid, [BOOKED], reported_by="client")

    async def from_callback() -> None:
        await subscriptions.grant(person, appid, [BOOKED], reported_by="callback", occasion="tap 1")

    for report in (from_client, from_callback) if first == "client" else (from_callback, from_client):
        await report()
    assert sum((await subscriptions.count_unspent([person], [BOOKED])).values()) == 1
    await from_callback()
    assert len(await db.fetch("SELECT 1 FROM subscription_credit")) == 1


async def test_two_taps_are_two_consents(client: Client) -> None:
    await client.log_in("zhang")
    person, appid = await _person(), settings.current().mp_appid
    for tap in range(2):
        await subscriptions.grant(person, appid, [BOOKED], reported_by="client")
        await subscriptions.grant(person, appid, [BOOKED], reported_by="callback", occasion=f"tap {tap}")
    assert sum((await subscriptions.count_unspent([person], [BOOKED])).values()) == 2


async def test_made_up_consents_are_believed_only_so_far(client: Client) -> None:
    await client.log_in("zhang")
    person, appid = await _person(), settings.current().mp_appid
    await subscriptions.grant(
        person, appid, [BOOKED] * (subscriptions.MOST_UNSPENT + 5), reported_by="client"
    )
    counts = await subscriptions.count_unspent([person], [BOOKED])
    assert counts[person, BOOKED] == subscriptions.MOST_UNSPENT


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "results"),
        ({"results": {}}, "results"),
        ({"results": []}, "results"),
        ({"results": {"unknown-template": "accept"}}, "results.unknown-template"),
        ({"results": {BOOKED: "yes"}}, f"results.{BOOKED}.value"),
        ({"results": {BOOKED: None}}, f"results.{BOOKED}.value"),
        ({"results": {BOOKED: "accept"}, "more": 1}, "more"),
    ],
)
async def test_malformed_report_is_refused_and_writes_nothing(
    client: Client, body: dict[str, object], field: str
) -> None:
    token = await client.log_in("zhang")
    answer = await client.post("/api/v1/subscriptions", token=token, json=body)
    assert answer.status == 422
    assert field in answer.body["fields"]
    assert not await db.fetch("SELECT 1 FROM subscription_credit")


async def test_stranger_is_refused(client: Client) -> None:
    answer = await client.post("/api/v1/subscriptions", json={"results": {BOOKED: "accept"}})
    assert answer.status == 401
