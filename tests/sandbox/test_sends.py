"""The two sends refuse what the platform refuses, and show the rest on the phone."""

from datetime import timedelta
from typing import Any

import pytest

from app.kit import clock
from app.sandbox import world
from app.sandbox.options import Options
from app.sandbox.running import Running
from app.sandbox.world import KEPT_MESSAGES

_SEND = "/cgi-bin/message/template/send"


@pytest.fixture(autouse=True)
async def follower(talk: Any) -> None:
    await talk.tap("follow")


async def test_a_template_message_arrives_as_a_card(talk: Any, options: Options) -> None:
    target = {"appid": options.mp.appid, "pagepath": "pages/appointment?id=1"}
    sent = await talk.template(url="https://example.gov.cn/a", miniprogram=target, client_msg_id="m1")
    (card,) = await talk.messages()
    assert sent == {"errcode": 0, "errmsg": "ok", "msgid": card["msgid"]}
    assert card["kind"] == "template"
    assert (card["title"], card["template_id"], card["path"]) == ("预约成功通知", "T-BOOKED", _SEND)
    assert card["lines"] == [
        {"label": "办理事项", "key": "thing1", "value": "发票领用"},
        {"label": "预约时间", "key": "time2", "value": "2026年1月5日 09:00"},
    ]
    assert card["data"]["thing1"] == {"value": "发票领用"}
    assert (card["url"], card["page"]) == ("https://example.gov.cn/a", "pages/appointment?id=1")
    assert card["client_msg_id"] == "m1"
    assert card["at"].endswith("+08:00")


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"touser": "o-nobody"}, 40003),
        ({"touser": None}, 40003),
        ({"template_id": "T-OTHER"}, 40037),
        ({"template_id": "S-BOOKED"}, 40037),
        ({"data": "x"}, 47001),
        ({"data": {}}, 47003),
        ({"url": "javascript:alert(1)"}, 40097),
        ({"miniprogram": {"appid": "wx1", "pagepath": "p"}}, 40013),
        ({"client_msg_id": "x" * 33}, 40097),
        ({"client_msg_id": 5}, 40097),
    ],
)
async def test_a_wrong_template_message_is_refused(talk: Any, changes: dict[str, Any], errcode: int) -> None:
    answer = await talk.template(**changes)
    assert answer["errcode"] == errcode
    assert "rid: " in answer["errmsg"]
    assert await talk.messages() == []


@pytest.mark.parametrize("value", ["", " ", "长" * 21, None, 5])
async def test_a_wrong_value_is_refused_by_name(talk: Any, value: object) -> None:
    data = {"thing1": {"value": value}, "time2": {"value": "09:00"}}
    for answer in (await talk.template(data=data),):
        assert answer["errcode"] == 47003
        assert "data.thing1.value" in answer["errmsg"]


async def test_missing_and_unknown_fields_are_refused_by_name(talk: Any) -> None:
    whole = {"thing1": {"value": "发票"}, "time2": {"value": "09:00"}}
    lacking = await talk.template(data={"thing1": whole["thing1"]})
    assert (lacking["errcode"], "data.time2.value" in lacking["errmsg"]) == (47003, True)
    excess = await talk.template(data={**whole, "thing9": {"value": "多"}})
    assert (excess["errcode"], "data.thing9.value" in excess["errmsg"]) == (47003, True)


async def test_who_does_not_follow_gets_no_template(talk: Any) -> None:
    await talk.tap("unfollow")
    assert (await talk.template())["errcode"] == 43004


async def test_the_same_client_msg_id_is_delivered_once_within_ten_minutes(talk: Any) -> None:
    start = clock.now()
    with clock.frozen(start):
        first = await talk.template(client_msg_id="m1")
        assert await talk.template(client_msg_id="m1") == first
    with clock.frozen(start + timedelta(seconds=599)):
        assert await talk.template(client_msg_id="m1") == first
        assert len(await talk.messages()) == 1
    with clock.frozen(start + timedelta(seconds=601)):
        again = await talk.template(client_msg_id="m1")
        assert again["msgid"] != first["msgid"]
    assert len(await talk.messages()) == 2


async def test_one_accept_is_one_subscribe_message(talk: Any) -> None:
    assert (await talk.subscribe())["errcode"] == 43101
    await talk.tap("accept", template_ids=["S-BOOKED"])
    await talk.tap("accept", template_ids=["S-BOOKED"])
    for expected in (0, 0, 43101):
        assert (await talk.subscribe(page="pages/x?id=1", miniprogram_state="trial", lang="zh_CN"))[
            "errcode"
        ] == expected
    kinds = [(message["kind"], message["page"]) for message in await talk.messages()]
    assert kinds == [("subscribe", "pages/x?id=1")] * 2


async def test_a_refused_subscribe_message_costs_no_consent(talk: Any) -> None:
    await talk.tap("accept", template_ids=["S-BOOKED"])
    data = {"thing1": {"value": "长" * 21}, "time2": {"value": "09:00"}}
    assert (await talk.subscribe(data=data))["errcode"] == 47003
    assert (await talk.subscribe())["errcode"] == 0


async def test_a_long_term_grant_is_not_used_up_and_ends_with_a_reject(talk: Any) -> None:
    await talk.tap("accept", template_ids=["S-LONG"])
    for _ in range(3):
        assert (await talk.subscribe(template_id="S-LONG"))["errcode"] == 0
    await talk.tap("reject", template_ids=["S-LONG"])
    assert (await talk.subscribe(template_id="S-LONG"))["errcode"] == 43101


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"template_id": "T-BOOKED"}, 40037),
        ({"page": "https://example.com"}, 41030),
        ({"page": 5}, 41030),
        ({"miniprogram_state": "beta"}, 40097),
        ({"lang": "de_DE"}, 40097),
    ],
)
async def test_a_wrong_subscribe_message_is_refused(talk: Any, changes: dict[str, Any], errcode: int) -> None:
    await talk.tap("accept", template_ids=["S-BOOKED"])
    assert (await talk.subscribe(**changes))["errcode"] == errcode


async def test_the_daily_quota_ends_at_midnight_in_shanghai(talk: Any) -> None:
    await talk.ask("PUT", "/_sandbox/quotas", json={"path": _SEND, "per_day": 2})
    evening = clock.now().replace(hour=23, minute=59)
    with clock.frozen(evening):
        assert [(await talk.template())["errcode"] for _ in range(3)] == [0, 0, 45009]
    with clock.frozen(evening + timedelta(minutes=2)):
        assert (await talk.template())["errcode"] == 0


async def test_a_phone_keeps_its_last_500_messages(talk: Any, platform: Running) -> None:
    person = platform.sandbox.world.person("zhang")
    for number in range(KEPT_MESSAGES + 5):
        platform.sandbox.world.show(person, {"kind": "text", "text": str(number)})
    texts = [message["text"] for message in await talk.messages()]
    assert (len(texts), texts[0], texts[-1]) == (KEPT_MESSAGES, "5", "504")


async def test_all_phones_together_keep_the_latest_messages(
    talk: Any, platform: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world, "KEPT_ALTOGETHER", 4)
    people = [platform.sandbox.world.person(name) for name in ("zhang", "li", "wang")]
    for number in range(2):
        for person in people:
            platform.sandbox.world.show(person, {"kind": "text", "text": str(number)})
    kept = [[message["text"] for message in await talk.messages(person.name)] for person in people]
    assert kept == [["1"], ["1"], ["0", "1"]]
