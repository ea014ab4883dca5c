"""What a person does with the phone reaches our server as WeChat tells it."""

import base64
from typing import Any

import aiohttp
import pytest

from app.gateways.wechat import Event, Message, parse
from app.gateways.wechat.envelope import Envelope
from app.sandbox.options import Options
from app.sandbox.running import Running
from app.sandbox.world import openid_of


@pytest.fixture
def last(ours: Any, options: Options) -> Any:
    """The message our server was pushed last."""

    def opened() -> Event | Message:
        path, query, body = ours.got[-1]
        account = options.oa if path == "/wechat/oa" else options.mp
        return parse(Envelope(account).open(body, query).message)

    return opened


async def test_a_picture_is_pushed_with_an_address_to_fetch_it(talk: Any, last: Any) -> None:
    await talk.tap("image")
    message = last()
    assert message.kind == "image"
    async with aiohttp.ClientSession() as session, session.get(message.raw["PicUrl"]) as answer:
        assert (await answer.read()).startswith(b"\x89PNG")
    (shown,) = await talk.messages()
    assert (shown["kind"], shown["from"]) == ("image", "person")
    assert shown["image"].endswith(message.raw["MediaId"])
    content = base64.b64encode(b"own picture").decode()
    await talk.tap("image", content=content)
    async with aiohttp.ClientSession() as session, session.get(last().raw["PicUrl"]) as answer:
        assert await answer.read() == b"own picture"


async def test_voice_and_location_are_messages_and_a_position_is_an_event(talk: Any, last: Any) -> None:
    await talk.tap("voice", text="我要预约")
    assert (last().kind, last().text) == ("voice", "我要预约")
    await talk.tap("location", latitude=31.23, longitude=121.47, label="人民广场")
    assert (last().kind, last().raw["Location_X"], last().raw["Label"]) == (
        "location",
        "31.230000",
        "人民广场",
    )
    await talk.tap("position", latitude=31.23, longitude=121.47)
    assert (last().event, last().position) == ("location", (31.23, 121.47))


async def test_an_option_of_a_message_menu_is_said_with_its_number(talk: Any, last: Any) -> None:
    await talk.tap("text", text="满意", menu_id="101")
    assert (last().text, last().raw["bizmsgmenuid"]) == ("满意", "101")


async def test_menu_buttons_tell_their_menu(talk: Any, last: Any, options: Options) -> None:
    program = {"type": "miniprogram", "name": "办事", "url": "https://example.gov.cn/m"}
    buttons = [
        {"type": "view", "name": "官网", "url": "https://example.gov.cn/"},
        {**program, "appid": options.mp.appid, "pagepath": "pages/index/index"},
        {"type": "scancode_waitmsg", "name": "扫码", "key": "scan"},
    ]
    await talk.call("/cgi-bin/menu/create", {"button": buttons})
    await talk.tap("menu", key="https://example.gov.cn/")
    assert (last().event, last().key) == ("view", "https://example.gov.cn/")
    menu_id = last().raw["MenuId"]
    assert menu_id.isdigit()
    await talk.tap("miniprogram", page="pages/index/index")
    assert (last().event, last().key, last().raw["MenuId"]) == (
        "view_miniprogram",
        "pages/index/index",
        menu_id,
    )
    await talk.tap("menu", key="scan", scan_result="01,10,031001600211")
    assert last().event == "scancode_waitmsg"
    assert last().raw["ScanCodeInfo"]["ScanResult"] == "01,10,031001600211"


async def test_a_person_s_rights_come_as_json_with_the_person_named(
    talk: Any, last: Any, ours: Any, options: Options
) -> None:
    await talk.tap("revoke", info=["8", "19"])
    event = last()
    assert ours.got[-1][2].startswith(b"{")
    assert (event.event, event.openid) == ("user_authorization_revoke", openid_of(options.mp.appid, "zhang"))
    assert (event.told("RevokeInfo"), event.told("AppID")) == ("8,19", options.mp.appid)
    await talk.tap("modified")
    assert last().event == "user_info_modified"
    await talk.tap("enter", session_from="pages/me/index")
    assert (last().event, last().told("SessionFrom")) == ("user_enter_tempsession", "pages/me/index")


async def test_refusing_in_the_settings_ends_a_long_term_grant(talk: Any, last: Any) -> None:
    await talk.tap("accept", template_ids=["S-LONG"])
    await talk.tap("change", template_ids=["S-LONG"])
    assert last().event == "subscribe_msg_change_event"
    assert last().entries[0]["SubscribeStatusString"] == "reject"
    assert (await talk.subscribe(template_id="S-LONG"))["errcode"] == 43101


async def test_the_public_account_is_told_of_its_own_prompts_in_its_own_form(
    talk: Any, last: Any, ours: Any, options: Options
) -> None:
    template_ids = []
    for _ in range(2):
        body = {"tid": "43216", "kidList": [1, 2], "sceneDesc": "预约"}
        template_ids.append((await talk.call("/wxaapi/newtmpl/addtemplate", body))["priTmplId"])
    await talk.tap("accept", template_ids=template_ids)
    path, query, body = ours.got[-1]
    plain = Envelope(options.oa).open(body, query).message
    assert path == "/wechat/oa"
    assert plain.count(b"<List>") == 2
    assert b"<SubscribeMsgPopupEvent>" in plain
    assert [entry["TemplateId"] for entry in last().entries] == template_ids


async def test_a_message_to_the_mini_program_goes_there(talk: Any, ours: Any, last: Any) -> None:
    await talk.tap("text", text="在吗", account="mp")
    assert (ours.got[-1][0], last().text) == ("/wechat/mp", "在吗")


@pytest.mark.parametrize(
    "wish",
    [
        {"kind": "scan"},
        {"kind": "scan", "ticket": "none"},
        {"kind": "location", "latitude": 91, "longitude": 0},
        {"kind": "location", "latitude": "1", "longitude": 0},
        {"kind": "image", "content": "not base64!"},
        {"kind": "revoke", "info": []},
        {"kind": "text", "text": "x", "account": "wx0"},
        {"kind": "accept", "template_ids": ["S-BOOKED", "S-NONE"]},
    ],
)
async def test_a_tap_nobody_can_do_is_answered_with_words(talk: Any, wish: dict[str, Any]) -> None:
    answer = await talk.ask("POST", "/_sandbox/tap", json={"person": "zhang", **wish}, expect=400)
    assert answer["detail"]


async def test_pictures_nobody_made_are_not_there(platform: Running) -> None:
    async with aiohttp.ClientSession(platform.url) as session:
        for path in ("/_sandbox/media/none", "/_sandbox/pictures/none.png"):
            async with session.get(path) as answer:
                assert answer.status == 404
