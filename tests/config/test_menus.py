"""The menu list is refused as a whole if any of it is wrong, and keeps within WeChat's limits."""

from pathlib import Path
from typing import Any

import pytest

from app.domain.accounts.models import TaxpayerGroup
from app.sandbox.menu_limits import check_menu
from config import menu_limits, menus
from config.menu_shape import GROUP_CODES
from config.menus import BadMenus, Menus

SITE: dict[str, Any] = {"public_url": "https://hall.example", "mp_appid": "wx0sandboxmp000001"}

_TRANSACT = ["booking", "queue", "invoice_check", "case_progress", "certificates"]


def load(tmp_path: Path, *changes: tuple[str, str], **site: Any) -> Menus:
    text = menus.FILE.read_text("utf-8")
    for change in changes:
        assert change[0] in text
        text = text.replace(*change, 1)
    path = tmp_path / "menus.toml"
    path.write_text(text, "utf-8")
    return menus.load(path, **{**SITE, **site})


def buttons(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [sub for top in body["button"] for sub in top["sub_button"]]


def test_three_categories_hold_fifteen_functions() -> None:
    listed = menus.current()
    assert [category.name for category in listed.categories] == ["微办税", "微服务", "微发布"]
    assert [len(listed.shown(category.code)) for category in listed.categories] == [5, 5, 5]
    assert [function.name for function in listed.functions][:6] == [
        "预约办税",
        "排队取号",
        "发票查验",
        "办件进度",
        "证明打印",
        "信用查询",
    ]


def test_a_closed_function_stays_in_the_menu_and_answers_with_a_way_out() -> None:
    queue = menus.current().function("queue")
    button = next(one for one in buttons(menus.current().body(**SITE)) if one["name"] == queue.name)
    assert button == {"type": "click", "name": "排队取号", "key": "queue"}
    assert queue.closed_text.startswith("“排队取号”尚未开通。")
    assert "回复“预约”" in queue.closed_text


def test_a_closed_function_is_a_click_whatever_it_will_be(tmp_path: Path) -> None:
    closed = load(tmp_path, ("is_open = true", 'is_open = false\nway_out = "请到大厅"'))
    assert buttons(closed.body(**SITE))[0] == {"type": "click", "name": "预约办税", "key": "booking"}


def test_addresses_and_appid_come_from_the_settings() -> None:
    booking, _, invoice, *_ = buttons(menus.load(menus.FILE, **SITE).body(**SITE))
    assert booking == {
        "type": "miniprogram",
        "name": "预约办税",
        "url": "https://hall.example/h5/",
        "appid": SITE["mp_appid"],
        "pagepath": "pages/index/index",
    }
    assert invoice == {"type": "view", "name": "发票查验", "url": "https://hall.example/h5/invoices"}


def test_every_menu_is_one_the_platform_takes() -> None:
    listed = menus.current()
    for group in (None, *listed.groups):
        check_menu(listed.body(**SITE, group=group), frozenset({SITE["mp_appid"]}))


def test_a_group_sees_its_own_functions_first_and_all_the_others_after() -> None:
    listed = menus.current()
    agent = listed.group("enterprise_agent")
    shown = [function.code for function in listed.shown("transact", agent)]
    assert shown == ["invoice_check", "case_progress", "booking", "queue", "certificates"]


def test_a_group_can_do_without_a_function(tmp_path: Path) -> None:
    listed = load(tmp_path, ('name = "自然人"', 'name = "自然人"\nwithout = ["credit_rating"]'))
    group = listed.group("natural_person")
    assert group.has_own_menu
    assert "credit_rating" not in {function.code for function in listed.shown("serve", group)}
    assert not menus.current().group("natural_person").has_own_menu


def test_the_groups_are_those_the_rules_know() -> None:
    assert tuple(TaxpayerGroup) == GROUP_CODES
    assert [group.code for group in menus.current().groups] == list(TaxpayerGroup)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (('name = "微办税"', 'name = "微办税务大厅"'), "一级菜单“微办税务大厅”的名称有 18 字节，最多 16"),
        (('name = "预约办税"', f'name = "{"预" * 21}"'), "63 字节，最多 60"),
        (('name = "预约办税"', 'name = " "'), "booking: name 必填"),
        (('code = "booking"', 'code = "预约"'), "code 应以小写字母开头"),
        (('code = "queue"', 'code = "booking"'), "功能编码 booking 重复"),
        (('category = "transact"', 'category = "trade"'), "没有一级菜单 trade"),
        (('code = "serve"', 'code = "transact"'), "一级菜单编码 transact 重复"),
        (('kind = "click"', 'kind = "scancode_push"'), "kind 应为 mini_program、page、click 之一"),
        (('level = "anyone"', 'level = "everyone"'), "level 应为 anyone"),
        (('"pages/index/index"\nlevel', '"pages/nowhere/index"\nlevel'), "小程序没有页面 pages/nowhere"),
        (('kind = "click"\ntarget = "取号"', 'kind = "page"\ntarget = "/queue"'), "网页路径应以 /h5/ 开头"),
        (("is_open = true", 'is_open = "yes"'), "is_open 应为 true 或 false"),
        (("way_out = ", "wayout = "), "未开通的功能要写明 way_out"),
        (("way_out = ", "wayout = "), "queue: 不认识的内容：wayout"),
        (("[groups.visitor]", "[groups.stranger]"), "分组应恰好有 visitor、"),
        (('name = "访客"', 'name = "自然人"'), "分组名称 自然人 重复"),
        (('name = "访客"', f'name = "{"访" * 11}"'), "分组 visitor 的名称最多 30 字节"),
        (('first = ["case_progress"', 'first = ["cases"'), "分组 legal_representative: 没有功能 cases"),
        (("pages = [", "sites = []\npages = ["), "不认识的内容：sites"),
        (("[[functions]]", "[[functions"), "menus.toml"),
        (('code = "booking"', 'code = ["booking"]'), "functions 第 1 项的 code 应为文字"),
        (('category = "transact"', "category = [1]"), "functions 第 1 项的 category 应为文字"),
        (('code = "transact"\nname', 'code = ["transact"]\nname'), "categories 第 1 项的 code 应为文字"),
        (("pages = [", "pages = 3\nold = ["), "pages 应为文字列表"),
        (('name = "访客"', 'name = ["访客"]'), "分组 visitor 的 name 应为文字"),
        (('name = "访客"', 'name = "访客"\nfirst = "booking"'), "分组 visitor 的 first 应为文字列表"),
        (('name = "访客"', 'name = "访客"\nwithout = [["booking"]]'), "visitor 的 without 应为文字列表"),
        (('name = "访客"', f'name = "访客"\nwithout = {_TRANSACT}'), "“微办税”既没有类型，也没有二级菜单"),
    ],
)
def test_a_wrong_list_is_refused_with_the_place(
    tmp_path: Path, change: tuple[str, str], complaint: str
) -> None:
    with pytest.raises(BadMenus) as refused:
        load(tmp_path, change)
    assert complaint in str(refused.value)


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadMenus) as refused:
        load(
            tmp_path,
            ('name = "微办税"', 'name = "微办税务大厅"'),
            ('name = "预约办税"', f'name = "{"预" * 21}"'),
        )
    assert len(refused.value.faults) == 2


def test_a_sixth_function_and_a_fourth_category_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadMenus, match="“微办税”下最多 5 项，现有 6 项"):
        load(tmp_path, ('category = "serve"', 'category = "transact"'))
    fourth = '[[categories]]\ncode = "more"\nname = "更多"\n\n# 微办税\n'
    with pytest.raises(BadMenus, match="一级菜单应有 1 到 3 个，现有 4 个"):
        load(tmp_path, ("# 微办税\n", fourth))


def test_a_group_menu_without_a_default_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "menus.toml"
    path.write_text('[groups.visitor]\nname = "访客"\nfirst = ["booking"]\n', "utf-8")
    with pytest.raises(BadMenus, match="缺少默认菜单"):
        menus.load(path, **SITE)


def test_an_address_too_long_for_wechat_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadMenus, match="“预约办税”的 url 超过 1024 字节"):
        load(tmp_path, public_url="https://hall.example/" + "x" * 1010)


def test_a_type_wechat_needs_more_for_is_refused() -> None:
    body = {"button": [{"name": "更多", "type": "location_select"}, {"name": "空", "type": "view"}]}
    assert list(menu_limits.faults(body)) == [
        "“更多”的类型 location_select 不支持，可用的有 click、view、miniprogram",
        "“空”缺少 url",
    ]
