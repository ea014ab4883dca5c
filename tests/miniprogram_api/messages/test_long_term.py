"""Templates WeChat grants for good: one accept is enough, and WeChat's settings take it back."""

from typing import Any

import pytest

from app.gateways.wechat import Event, parse
from app.kit import clock
from app.kit import db as raw
from app.public_account import consents
from app.sandbox.world import openid_of
from config import messages, settings
from notifications import prompts
from notifications.prompts import Moment
from tests.client import Client

NOTICE = messages.current()["notice_published"].mp_template_id
BOOKED = messages.current()["appointment_booked"].mp_template_id


@pytest.fixture(autouse=True)
async def library(db: None) -> None:
    """Our copy of the library says that notices are granted for good."""
    await raw.execute(
        "INSERT INTO wechat_template (appid, template_id, channel, title, content, lines, choices,"
        " is_long_term, example, synced_at) VALUES ($1, $2, 'subscribe', '通知公告提醒', '', '[]', '{}',"
        " true, '', $3)",
        settings.current().mp_appid,
        NOTICE,
        clock.now(),
    )


async def template(client: Client, token: str, template_id: str) -> dict[str, Any]:
    answer = await client.get("/api/v1/subscriptions/templates", token=token)
    found: dict[str, Any] = next(one for one in answer.body["items"] if one["template_id"] == template_id)
    return found


async def test_accepting_twice_is_one_grant_and_no_count(client: Client) -> None:
    token = await client.log_in("zhang")
    for _ in range(2):
        await client.post(
            "/api/v1/subscriptions", token=token, json={"results": {NOTICE: "accept", BOOKED: "accept"}}
        )
    notice, booked = await template(client, token, NOTICE), await template(client, token, BOOKED)
    assert (notice["is_long_term"], notice["left"]) == (True, 0)
    assert (booked["is_long_term"], booked["left"]) == (False, 2)


async def test_what_is_granted_for_good_is_asked_for_no_more(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(prompts.ASKED, Moment.BOOKING, ("notice_published", "appointment_booked"))
    token = await client.log_in("zhang")
    for expected in (["notice_published", "appointment_booked"], ["appointment_booked"]):
        listed = await client.get("/api/v1/subscriptions/templates?moment=booking", token=token)
        assert [one["message"] for one in listed.body["items"]] == expected
        await client.post(
            "/api/v1/subscriptions", token=token, json={"results": {NOTICE: "accept", BOOKED: "accept"}}
        )


async def test_the_switch_in_wechats_settings_ends_it_and_begins_it_anew(client: Client) -> None:
    token = await client.log_in("zhang")
    await client.post("/api/v1/subscriptions", token=token, json={"results": {NOTICE: "accept"}})
    for status, expected in (("reject", False), ("accept", True)):
        await consents.enter(settings.current().mp_appid, changed(status, NOTICE, BOOKED))
        assert (await template(client, token, NOTICE))["is_long_term"] is expected
        assert (await template(client, token, BOOKED))["left"] == 0


def changed(status: str, *template_ids: str) -> Event:
    """WeChat tells of a change in its settings."""
    entries = [
        f"<List><TemplateId>{one}</TemplateId><SubscribeStatusString>{status}</SubscribeStatusString></List>"
        for one in template_ids
    ]
    openid = openid_of(settings.current().mp_appid, "zhang")
    said = parse(
        f"<xml><ToUserName>gh_1</ToUserName><FromUserName>{openid}</FromUserName>"
        f"<CreateTime>{int(clock.now().timestamp())}</CreateTime><MsgType>event</MsgType>"
        "<Event>subscribe_msg_change_event</Event>"
        f"<SubscribeMsgChangeEvent>{''.join(entries)}</SubscribeMsgChangeEvent></xml>".encode()
    )
    assert isinstance(said, Event)
    return said
