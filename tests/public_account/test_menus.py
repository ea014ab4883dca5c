"""The menu at WeChat becomes that of the list, for everybody and each group, and only where it differs."""

from typing import Any

import pytest

from app import worker
from app.domain.accounts import tagging
from app.domain.accounts.models import TaxpayerGroup
from app.gateways import wechat
from app.gateways.wechat import WeChatRefused
from app.public_account import menus
from app.sandbox.running import Running
from app.sandbox.world import openid_of
from config import settings

pytestmark = pytest.mark.usefixtures("wechat_sandbox")

CREATE = "/cgi-bin/menu/create"
ADD = "/cgi-bin/menu/addconditional"
DROP = "/cgi-bin/menu/delconditional"


def calls(sandbox: Running) -> dict[str, int]:
    return {path: sandbox.sandbox.calls[path] for path in (CREATE, ADD, DROP)}


async def seen_by(sandbox: Running, name: str, group: TaxpayerGroup) -> list[str]:
    """The names of the first column of the menu, as a follower of this group sees it."""
    oa, openid = wechat.current().oa, openid_of(settings.current().oa_appid, name)
    world = sandbox.sandbox.world
    world.follow(world.person(name), following=True, appid=oa.appid)
    await oa.tag_people((await tagging.tag_ids(oa))[group], [openid])
    menu = await oa.match_menu(openid)
    return [button["name"] for button in menu["button"][0]["sub_button"]]


async def test_without_a_menu_all_of_it_is_new() -> None:
    assert await menus.show() == []
    difference = await menus.difference()
    assert "+  微办税" in difference
    assert (
        "+    预约办税  小程序 wx0sandboxmp000001 pages/index/index（旧版微信 http://127.0.0.1:8000/h5/）"
        in difference
    )
    assert "+    排队取号  点击 queue" in difference
    assert not [line for line in difference if line.startswith("-") and not line.startswith("---")]


async def test_after_a_push_nothing_differs(wechat_sandbox: Running) -> None:
    before = await menus.difference()
    assert await menus.push() == before
    assert await menus.difference() == []
    assert calls(wechat_sandbox) == {CREATE: 1, ADD: 2, DROP: 0}
    assert [line for line in await menus.show() if not line.startswith(" ")] == [
        "默认菜单",
        "分组菜单 办税人员",
        "分组菜单 法定代表人",
    ]


async def test_a_second_push_sends_nothing(wechat_sandbox: Running) -> None:
    await menus.push()
    assert await menus.push() == []
    assert calls(wechat_sandbox) == {CREATE: 1, ADD: 2, DROP: 0}


async def test_each_group_sees_its_own_menu(wechat_sandbox: Running) -> None:
    await menus.push()
    assert (await seen_by(wechat_sandbox, "zhang", TaxpayerGroup.VISITOR))[0] == "预约办税"
    assert (await seen_by(wechat_sandbox, "li", TaxpayerGroup.ENTERPRISE_AGENT))[0] == "发票查验"
    assert (await seen_by(wechat_sandbox, "wang", TaxpayerGroup.LEGAL_REPRESENTATIVE))[0] == "办件进度"


async def test_only_the_menu_that_differs_is_sent(wechat_sandbox: Running) -> None:
    await menus.push()
    oa = wechat.current().oa
    body: dict[str, Any] = {"button": [{"type": "click", "name": "旧菜单", "key": "old"}]}
    await oa.create_menu(body)
    assert "-  旧菜单  点击 old" in await menus.push()
    assert calls(wechat_sandbox) == {CREATE: 3, ADD: 2, DROP: 0}
    assert await menus.difference() == []


async def test_menus_nobody_wants_go(wechat_sandbox: Running) -> None:
    await menus.push()
    oa = wechat.current().oa
    foreign = [{"type": "view", "name": "别处", "url": "https://elsewhere.example/"}]
    ids = {group: str(tag_id) for group, tag_id in (await tagging.tag_ids(oa)).items()}
    for rule in (
        {"tag_id": ids[TaxpayerGroup.VISITOR], "client_platform_type": "1"},
        {"tag_id": ids[TaxpayerGroup.ENTERPRISE_AGENT]},
    ):
        await oa.add_conditional_menu({"button": foreign, "matchrule": rule})
    difference = await menus.push()
    assert "-分组菜单 访客 client_platform_type=1" in difference
    assert difference.count("-  别处  网页 https://elsewhere.example/") == 2
    assert await menus.difference() == []
    assert (await seen_by(wechat_sandbox, "li", TaxpayerGroup.ENTERPRISE_AGENT))[0] == "发票查验"


async def test_an_interrupted_push_is_finished_by_the_next(wechat_sandbox: Running) -> None:
    wechat_sandbox.sandbox.faults.order({"path": ADD, "errcode": 45009, "times": 1})
    with pytest.raises(WeChatRefused):
        await menus.push()
    assert await menus.push() != []
    assert await menus.difference() == []
    assert calls(wechat_sandbox)[CREATE] == 1


async def test_a_menu_of_another_type_is_shown_whole() -> None:
    button = {"type": "scancode_push", "name": "扫一扫", "key": "scan"}
    await wechat.current().oa.create_menu({"button": [button]})
    assert await menus.show() == ["默认菜单", "  扫一扫  scancode_push {'key': 'scan'}"]


async def test_the_sandbox_of_one_machine_gets_its_menu_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    await worker.furnish_sandbox()
    assert await menus.show() == []
    embedded = settings.current().model_copy(update={"engines": "embedded"})
    monkeypatch.setattr(settings, "current", lambda: embedded)
    await worker.furnish_sandbox()
    assert await menus.difference() == []


async def test_a_sandbox_that_is_away_does_not_stop_the_worker(
    wechat_sandbox: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    embedded = settings.current().model_copy(update={"engines": "embedded"})
    monkeypatch.setattr(settings, "current", lambda: embedded)
    wechat_sandbox.sandbox.faults.order({"path": "/cgi-bin/menu/get", "errcode": 48001, "times": 1})
    await worker.furnish_sandbox()
    assert "without our menu" in caplog.text
