"""Menus of the sandbox: every limit with the platform's own code, and the right menu for each person."""

from typing import Any

import pytest

from app.sandbox.options import Options
from app.sandbox.world import openid_of

CREATE, GET = "/cgi-bin/menu/create", "/cgi-bin/menu/get"
_ADD, _MATCH = "/cgi-bin/menu/addconditional", "/cgi-bin/menu/trymatch"

_CLICK = {"type": "click", "name": "预约", "key": "booking"}
_VIEW = {"type": "view", "name": "官网", "url": "https://example.gov.cn/"}
_SIX = [{**_CLICK, "key": str(number)} for number in range(6)]


def _menu(*buttons: dict[str, Any]) -> dict[str, Any]:
    return {"button": list(buttons)}


def _with_sub(**changes: Any) -> dict[str, Any]:
    return {"name": "服务", "sub_button": [{**_CLICK, **changes}]}


async def test_a_menu_is_created_read_and_deleted(talk: Any) -> None:
    assert (await talk.call(GET))["errcode"] == 46003
    assert (await talk.call(CREATE, _menu(_with_sub(), _VIEW)))["errcode"] == 0
    first, second = (await talk.call(GET))["menu"]["button"]
    assert first["sub_button"] == [{**_CLICK, "sub_button": []}]
    assert second == {**_VIEW, "sub_button": []}
    current = await talk.call("/cgi-bin/get_current_selfmenu_info")
    assert current["is_menu_open"] == 1
    assert current["selfmenu_info"]["button"][0]["sub_button"]["list"] == [_CLICK]
    assert (await talk.call("/cgi-bin/menu/delete"))["errcode"] == 0
    assert (await talk.call(GET))["errcode"] == 46003
    assert await talk.call("/cgi-bin/get_current_selfmenu_info") == {"is_menu_open": 0}


@pytest.mark.parametrize(
    ("button", "errcode"),
    [
        ({**_CLICK, "name": "字" * 6}, 40018),
        ({**_CLICK, "name": ""}, 40018),
        ({**_CLICK, "key": "k" * 129}, 40019),
        ({"type": "click", "name": "x"}, 40019),
        ({**_VIEW, "url": f"https://example.gov.cn/{'u' * 1024}"}, 40020),
        ({**_VIEW, "url": "example.gov.cn"}, 40055),
        ({**_CLICK, "type": "dance"}, 40017),
        ({"name": "x"}, 40017),
        ({"name": "服务", "sub_button": _SIX}, 40023),
        (_with_sub(name="字" * 21), 40025),
        (_with_sub(key=""), 40026),
        (_with_sub(type="dance"), 40024),
        (_with_sub(type="view", url=""), 40027),
        (_with_sub(type="view", url="ftp://example.gov.cn/"), 40054),
        (_with_sub(sub_button=[_CLICK]), 40022),
        ({"type": "miniprogram", "name": "x", "url": "https://a.cn", "appid": "wx0", "pagepath": "p"}, 45064),
        ({"type": "media_id", "name": "x", "media_id": "m"}, 40007),
        ({"type": "article_id", "name": "x", "article_id": "a"}, 53600),
        ("x", 47001),
    ],
)
async def test_a_broken_limit_is_refused_with_its_code(talk: Any, button: Any, errcode: int) -> None:
    assert (await talk.call(CREATE, _menu(button)))["errcode"] == errcode
    assert (await talk.call(GET))["errcode"] == 46003


@pytest.mark.parametrize("count", [0, 4])
async def test_a_menu_has_one_to_three_buttons(talk: Any, count: int) -> None:
    assert (await talk.call(CREATE, _menu(*[_CLICK] * count)))["errcode"] == 40016


async def test_what_just_fits_is_taken(talk: Any) -> None:
    widest = {"type": "click", "name": "五个汉字吗"[:5] + "a", "key": "k" * 128}
    below = {"name": "服务", "sub_button": [{**_CLICK, "name": "字" * 20}] * 5}
    assert (await talk.call(CREATE, _menu(widest, below, _VIEW)))["errcode"] == 0


async def test_escaped_characters_are_refused(talk: Any) -> None:
    token = (await talk.token())["access_token"]
    body = {"button": [{"type": "click", "name": "预约", "key": "booking"}]}
    # aiohttp writes JSON with escapes, as many a library does.
    answer = await talk.ask("POST", CREATE, params={"access_token": token}, json=body)
    assert answer["errcode"] == 40033


async def test_a_button_into_the_mini_program_needs_a_linked_one(talk: Any, options: Options) -> None:
    button = {"type": "miniprogram", "name": "办事", "url": "https://example.gov.cn/"}
    own = {**button, "appid": options.mp.appid, "pagepath": "pages/index/index"}
    assert (await talk.call(CREATE, _menu(own)))["errcode"] == 0
    assert (await talk.call(CREATE, _menu({**own, "pagepath": ""})))["errcode"] == 40165


async def test_a_person_sees_the_youngest_menu_meant_for_them(talk: Any, options: Options) -> None:
    await talk.tap("follow", "zhang")
    await talk.tap("follow", "li")
    zhang = openid_of(options.oa.appid, "zhang")
    assert (await talk.call(_ADD, {**_menu(_VIEW), "matchrule": {"tag_id": "100"}}))["errcode"] == 65303
    await talk.call(CREATE, _menu(_CLICK))
    tag_id = (await talk.call("/cgi-bin/tags/create", {"tag": {"name": "企业"}}))["tag"]["id"]
    await talk.call("/cgi-bin/tags/members/batchtagging", {"openid_list": [zhang], "tagid": tag_id})
    rule = {"matchrule": {"tag_id": str(tag_id)}}
    added = await talk.call(_ADD, {**_menu({**_CLICK, "key": "older"}), **rule})
    youngest = await talk.call(_ADD, {**_menu({**_CLICK, "key": "younger"}), **rule})
    assert await _seen(talk, "zhang") == "younger"
    assert await _seen(talk, "li") == "booking"
    assert (await talk.call(_MATCH, {"user_id": zhang}))["button"][0]["key"] == "younger"
    listed = (await talk.call(GET))["conditionalmenu"]
    assert [one["menuid"] for one in listed] == [int(added["menuid"]), int(youngest["menuid"])]
    await talk.call("/cgi-bin/menu/delconditional", {"menuid": youngest["menuid"]})
    assert await _seen(talk, "zhang") == "older"
    await talk.call("/cgi-bin/menu/delete")
    assert await talk.ask("GET", "/_sandbox/menu", params={"person": "zhang"}) == {"button": []}


async def _seen(talk: Any, person: str) -> str:
    menu = await talk.ask("GET", "/_sandbox/menu", params={"person": person})
    return str(menu["button"][0]["key"])


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"matchrule": {}}, 65304),
        ({"matchrule": {"tag_id": "999"}}, 45159),
        ({"matchrule": {"sex": "1"}}, 40035),
        ({"matchrule": {"client_platform_type": "9"}}, 40035),
        ({"button": []}, 65307),
        ({"button": [{**_VIEW, "name": "一"}, _with_sub(type="x")]}, 40024),
    ],
)
async def test_a_wrong_conditional_menu_is_refused(talk: Any, changes: dict[str, Any], errcode: int) -> None:
    await talk.call(CREATE, _menu(_CLICK))
    right = {"button": [_CLICK], "matchrule": {"client_platform_type": "2"}}
    assert (await talk.call(_ADD, {**right, **changes}))["errcode"] == errcode


async def test_a_conditional_menu_leads_to_three_domains_at_most(talk: Any) -> None:
    await talk.call(CREATE, _menu(_CLICK))
    below = [{"type": "view", "name": "x", "url": f"https://{name}.gov.cn/"} for name in "abcd"]
    body = {**_menu({"name": "x", "sub_button": below}), "matchrule": {"client_platform_type": "2"}}
    assert (await talk.call(_ADD, body))["errcode"] == 65316


async def test_unknown_menus_and_people_are_named(talk: Any) -> None:
    await talk.call(CREATE, _menu(_CLICK))
    assert (await talk.call("/cgi-bin/menu/delconditional", {"menuid": "1"}))["errcode"] == 65301
    assert (await talk.call(_MATCH, {"user_id": "nobody"}))["errcode"] == 65302
