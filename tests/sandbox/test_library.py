"""Templates are added from the public library, listed, and deleted, within the platform's limits."""

from datetime import timedelta
from typing import Any

import pytest

from app.kit import clock
from app.sandbox.options import Options
from app.sandbox.world import openid_of

_ADD, _OWN = "/cgi-bin/template/api_add_template", "/cgi-bin/template/get_all_private_template"
_ADD_SUBSCRIBE, _OWN_SUBSCRIBE = "/wxaapi/newtmpl/addtemplate", "/wxaapi/newtmpl/gettemplate"
_TITLES, _KEYWORDS = "/wxaapi/newtmpl/getpubtemplatetitles", "/wxaapi/newtmpl/getpubtemplatekeywords"


async def test_an_added_template_is_listed_sent_and_deleted(talk: Any) -> None:
    names = ["预约时间", "办理事项"]
    added = await talk.call(_ADD, {"template_id_short": "43216", "keyword_name_list": names})
    own = {one["template_id"]: one for one in (await talk.call(_OWN))["template_list"]}
    assert own[added["template_id"]]["content"] == "预约时间:{{time4.DATA}}\n办理事项:{{thing2.DATA}}"
    assert "example" in own[added["template_id"]]
    await talk.tap("follow")
    data = {"time4": {"value": "09:00"}, "thing2": {"value": "发票领用"}}
    assert (await talk.template(template_id=added["template_id"], data=data))["errcode"] == 0
    gone = {"template_id": added["template_id"]}
    assert (await talk.call("/cgi-bin/template/del_private_template", gone))["errcode"] == 0
    assert (await talk.template(template_id=added["template_id"], data=data))["errcode"] == 40037
    assert (await talk.call("/cgi-bin/template/del_private_template", gone))["errcode"] == 40037


async def test_a_template_of_the_message_list_can_be_deleted(talk: Any) -> None:
    await talk.call("/cgi-bin/template/del_private_template", {"template_id": "T-BOOKED"})
    assert (await talk.call(_OWN))["template_list"] == []


async def test_an_account_adds_twenty_five_templates(talk: Any) -> None:
    codes = [(await talk.call(_ADD, {"template_id_short": "43217"}))["errcode"] for _ in range(26)]
    assert codes == [0] * 25 + [45026]


async def test_unknown_templates_and_keywords_are_refused(talk: Any) -> None:
    assert (await talk.call(_ADD, {"template_id_short": "1"}))["errcode"] == 40036
    wrong = {"template_id_short": "43216", "keyword_name_list": ["天气"]}
    assert (await talk.call(_ADD, wrong))["errcode"] == 40035


async def test_the_industry_changes_once_a_month(talk: Any) -> None:
    chosen = {"industry_id1": "21", "industry_id2": "20"}
    start = clock.now().replace(day=3)
    with clock.frozen(start):
        assert (await talk.call("/cgi-bin/template/api_set_industry", chosen))["errcode"] == 0
        industry = await talk.call("/cgi-bin/template/get_industry")
        assert industry["primary_industry"]["second_class"] == "法律服务"
        assert (await talk.call("/cgi-bin/template/api_set_industry", chosen))["errcode"] == 43100
    with clock.frozen(start + timedelta(days=31)):
        assert (await talk.call("/cgi-bin/template/api_set_industry", chosen))["errcode"] == 0
        wrong = {**chosen, "industry_id1": "1"}
        assert (await talk.call("/cgi-bin/template/api_set_industry", wrong))["errcode"] == 40102


@pytest.mark.parametrize("account", ["oa", "mp"])
async def test_the_library_is_browsed_and_a_subscribe_template_added(talk: Any, account: str) -> None:
    (category, *_) = (await talk.call("/wxaapi/newtmpl/getcategory", account=account))["data"]
    params = {"ids": "10001,10002", "start": "0", "limit": "30"}
    titles = (await talk.call(_TITLES, account=account, **params))["data"]
    found = next(one for one in titles if one["title"] == "办理进度通知")
    assert found["type"] == 3
    keywords = (await talk.call(_KEYWORDS, account=account, tid=str(found["tid"])))["data"]
    assert [one["kid"] for one in keywords] == [1, 2, 3, 4, 5]
    body = {"tid": str(found["tid"]), "kidList": [2, 3], "sceneDesc": "办件进度"}
    added = await talk.call(_ADD_SUBSCRIBE, body, account)
    own = {one["priTmplId"]: one for one in (await talk.call(_OWN_SUBSCRIBE, account=account))["data"]}
    mine = own[added["priTmplId"]]
    assert mine["content"] == "办理事项:{{thing2.DATA}}\n办理状态:{{enum_string3.DATA}}"
    assert mine["keywordEnumValueList"] == [
        {"keywordCode": "enum_string3", "enumValueList": ["办理中", "已办结", "已退回"]}
    ]
    gone = {"priTmplId": added["priTmplId"]}
    assert (await talk.call("/wxaapi/newtmpl/deltemplate", gone, account))["errcode"] == 0
    assert category["id"] == 10001


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"tid": "1"}, 200014),
        ({"kidList": [1]}, 200020),
        ({"kidList": [1, 2, 3, 4, 5, 6]}, 200020),
        ({"kidList": [1, 9]}, 200020),
        ({"sceneDesc": "长" * 16}, 200021),
    ],
)
async def test_a_wrong_subscribe_template_is_refused(
    talk: Any, changes: dict[str, Any], errcode: int
) -> None:
    body = {"tid": "43216", "kidList": [1, 2], "sceneDesc": "预约"}
    assert (await talk.call(_ADD_SUBSCRIBE, {**body, **changes}, "mp"))["errcode"] == errcode


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [({"ids": "7"}, 200019), ({"start": "x"}, 200016), ({"limit": "31"}, 200017)],
)
async def test_a_wrong_page_of_the_library_is_refused(talk: Any, changes: Any, errcode: int) -> None:
    params = {"ids": "10001", "start": "0", "limit": "30", **changes}
    assert (await talk.call(_TITLES, **params))["errcode"] == errcode


async def test_a_public_account_sends_subscribe_messages_by_its_own_consents(
    talk: Any, options: Options, ours: Any
) -> None:
    added = await talk.call(_ADD_SUBSCRIBE, {"tid": "43216", "kidList": [1, 2], "sceneDesc": "预约"})
    template_id = added["priTmplId"]
    body = {
        "touser": openid_of(options.oa.appid, "zhang"),
        "template_id": template_id,
        "page": "https://example.gov.cn/",
        "data": {"character_string1": {"value": "Y1"}, "thing2": {"value": "发票"}},
    }
    await talk.tap("follow")
    send = "/cgi-bin/message/subscribe/bizsend"
    assert (await talk.call(send, body))["errcode"] == 43101
    await talk.tap("accept", template_ids=[template_id])
    assert ours.got[-1][0] == "/wechat/oa"
    assert (await talk.call(send, body))["errcode"] == 0
    assert (await talk.call(send, body))["errcode"] == 43101
    card = (await talk.messages())[-1]
    assert (card["kind"], card["url"], card["path"]) == ("subscribe", "https://example.gov.cn/", send)
