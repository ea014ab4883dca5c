"""A citizen before our pages: signed in through the phone, as WeChat would have it."""

from playwright.async_api import Page, expect

from tests.browser.conftest import Window


async def sign_in(window: Window, name: str) -> Page:
    """The window, whose browser is now signed in as this person; its page may go wherever it likes."""
    [phone] = await window.open(name)
    await phone.follow()
    await phone.say("帮助")
    await phone.button("打开我的微办").last.click()
    await phone.agree()
    await expect(phone.web_page.get_by_role("heading", name="我的预约")).to_be_visible()
    return window.page
