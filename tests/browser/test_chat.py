"""The chat of the public account: following, its menu, words, and every kind of message."""

import re
from typing import Any

import aiohttp
from playwright.async_api import expect

from config.settings import current
from tests.browser.conftest import System, Window


async def test_following_brings_a_welcome_and_the_menu(window: Window) -> None:
    [phone] = await window.open("chat-follow")
    await phone.follow()
    for name in ("微办税", "微服务", "微发布"):
        await expect(phone.button(name)).to_be_visible()


async def test_a_menu_button_is_answered_in_the_chat(window: Window) -> None:
    [phone] = await window.open("chat-menu")
    await phone.follow()
    await phone.press("微办税", "排队取号")
    await expect(phone.log).to_contain_text("尚未开通")


async def test_the_menu_opens_upwards_and_closes_with_escape(window: Window) -> None:
    [phone] = await window.open("chat-escape")
    await phone.follow()
    await phone.tap("微服务")
    item = phone.button("办事指南")
    await expect(item).to_be_visible()
    await window.page.keyboard.press("Escape")
    await expect(item).to_be_hidden()
    await expect(phone.button("微服务")).to_be_focused()


async def test_a_menu_button_opens_the_mini_program(window: Window) -> None:
    [phone] = await window.open("chat-program")
    await phone.follow()
    await phone.press("微服务", "我的空间")
    await phone.shows("微办")
    await expect(phone.itself.get_by_role("tab", name="我的", exact=True)).to_have_attribute(
        "aria-selected", "true"
    )
    await expect(phone.itself).to_contain_text("未绑定")


async def test_words_are_answered(window: Window) -> None:
    [phone] = await window.open("chat-words")
    await phone.follow()
    await phone.say("帮助")
    await expect(phone.log.get_by_text("您可以这样说")).to_have_count(2)


async def test_a_place_is_answered_with_the_nearest_halls(window: Window) -> None:
    [phone] = await window.open("chat-place")
    await phone.follow()
    await phone.tap("切换到键盘")
    await phone.tap("更多")
    await phone.tap("位置")
    await phone.sheet.get_by_role("button", name="体育中心").click()
    await expect(phone.log).to_contain_text("离您最近的大厅")


async def test_a_picture_is_shown_in_the_chat(window: Window) -> None:
    [phone] = await window.open("chat-picture")
    await phone.follow()
    await phone.tap("切换到键盘")
    await phone.tap("更多")
    picture = await phone.itself.screenshot()
    await phone.itself.locator("input[type=file]").set_input_files(
        {"name": "picture.png", "mimeType": "image/png", "buffer": picture}
    )
    await expect(phone.log.get_by_role("img", name="图片")).to_have_js_property("complete", value=True)


async def test_unfollowing_ends_the_chat(window: Window) -> None:
    [phone] = await window.open("chat-unfollow")
    await phone.follow()
    await phone.tap("公众号资料")
    await phone.tap("不再关注")
    await phone.sheet.get_by_role("button", name="不再关注").click()
    await expect(phone.button("关注公众号")).to_be_visible()
    await expect(phone.log).to_have_count(0)


async def test_news_does_not_disturb_typing(window: Window, system: System) -> None:
    [phone] = await window.open("chat-typing")
    await phone.follow()
    await phone.tap("切换到键盘")
    box = phone.itself.get_by_role("textbox")
    await box.press_sequentially("我要")
    await send(system, "chat-typing", {"msgtype": "text", "text": {"content": "打字时来的消息"}})
    await expect(phone.log).to_contain_text("打字时来的消息")
    await expect(box).to_be_focused()
    await box.press_sequentially("预约")
    await expect(box).to_have_value("我要预约")


async def test_texts_become_links_only_where_wechat_makes_them(window: Window, system: System) -> None:
    [phone] = await window.open("chat-links")
    await phone.follow()
    words = (
        '<img src=x onerror=alert(1)> <a href="javascript:alert(1)">脚本</a> '
        f'<a href="{system.server}/h5/guides">网页</a> '
        f'<a href="{system.server}/h5/" data-miniprogram-appid="{current().mp_appid}"'
        ' data-miniprogram-path="pages/me/index">小程序</a>'
    )
    await send(system, "chat-links", {"msgtype": "text", "text": {"content": words}})
    said = phone.log.locator(".said").last
    await expect(said).to_have_text(re.compile(r"<img src=x onerror=alert\(1\)> 脚本 网页 小程序"))
    assert await said.get_by_role("button").all_inner_texts() == ["网页", "小程序"]
    assert await phone.log.locator("img").count() == 0
    await said.get_by_role("button", name="小程序").click()
    await phone.shows("微办")


async def test_an_option_of_a_message_menu_is_said_with_its_id(window: Window, system: System) -> None:
    [phone] = await window.open("chat-options")
    await phone.follow()
    options = [{"id": "101", "content": "满意"}, {"id": "102", "content": "不满意"}]
    menu = {"head_content": "对本次服务是否满意？", "list": options, "tail_content": "谢谢"}
    await send(system, "chat-options", {"msgtype": "msgmenu", "msgmenu": menu})
    await phone.tap("满意", exact=True)
    await expect(phone.log.locator(".mine")).to_have_text(re.compile("满意"))


async def test_an_article_opens_inside_the_phone(window: Window, system: System) -> None:
    [phone] = await window.open("chat-article")
    await phone.follow()
    article = {"title": "征期提醒", "description": "本月征期到 15 日", "url": f"{system.server}/h5/guides"}
    await send(system, "chat-article", {"msgtype": "news", "news": {"articles": [article]}})
    await phone.tap("征期提醒")
    await phone.shows("征期提醒")
    await expect(phone.web_page.get_by_role("heading").first).to_be_visible()


async def test_a_page_of_somebody_else_is_not_opened(window: Window, system: System) -> None:
    [phone] = await window.open("chat-foreign")
    await phone.follow()
    article = {"title": "外面的网页", "url": "https://example.com/"}
    await send(system, "chat-foreign", {"msgtype": "news", "news": {"articles": [article]}})
    await phone.tap("外面的网页")
    await expect(phone.itself).to_contain_text("这不是本机服务的网页")
    await expect(phone.itself.get_by_role("link", name="在浏览器中打开")).to_be_visible()


async def test_a_page_of_an_absent_server_is_told_in_words(window: Window) -> None:
    [phone] = await window.open("chat-absent")
    await phone.follow()
    await phone.say("帮助")
    await window.page.route(
        "**/_app/healthz", lambda route: route.fulfill(status=502, body='{"detail": "没有响应"}')
    )
    await phone.button("打开我的微办").last.click()
    await expect(phone.itself).to_contain_text("没有响应")
    assert ["502" in fault for fault in window.faults] == [True]
    window.faults.clear()
    await window.page.unroute("**/_app/healthz")
    await phone.tap("重新打开")
    await phone.agree()
    await expect(phone.web_page.get_by_role("heading", name="我的预约")).to_be_visible()


async def send(system: System, person: str, message: dict[str, Any]) -> None:
    """A customer-service message from our account, as its own server would send it."""
    account = current()
    async with aiohttp.ClientSession(system.sandbox) as session:
        found = await _json(session, "GET", "/_sandbox/persons")
        openid = next(one["openid_oa"] for one in found["items"] if one["person"] == person)
        wish = {"appid": account.oa_appid, "secret": account.oa_secret.get_secret_value()}
        grant = await _json(
            session, "POST", "/cgi-bin/stable_token", {**wish, "grant_type": "client_credential"}
        )
        path = f"/cgi-bin/message/custom/send?access_token={grant['access_token']}"
        assert (await _json(session, "POST", path, {"touser": openid, **message}))["errcode"] == 0


async def _json(session: aiohttp.ClientSession, method: str, path: str, body: Any = None) -> Any:
    async with session.request(method, path, json=body) as answer:
        return await answer.json(content_type=None)
