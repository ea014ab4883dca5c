"""The credit rating on the phone: its plot comes when it is looked for, and the page needs neither."""

from playwright.async_api import Page, expect

from tests.browser import at_phone
from tests.browser.conftest import Window
from tests.factories.accounts import id_number

CODE = "91440106MA5DEMQ021"


async def test_the_plot_is_fetched_when_the_years_come_into_sight(window: Window) -> None:
    page = await at_phone.sign_in(window, "credit-plot")
    await page.set_viewport_size({"width": 375, "height": 760})
    fetched: list[str] = []
    page.on("request", lambda one: fetched.append(one.url))
    await act_for_an_enterprise(page, window.system.server)
    await page.goto(f"{window.system.server}/h5/credit", wait_until="networkidle")
    await expect(page.get_by_role("heading", name="历年变化")).to_be_attached()
    assert not [url for url in fetched if "echarts" in url], "the page does without it"
    await page.locator("#history").scroll_into_view_if_needed()
    await expect(page.locator("#plot canvas")).to_be_visible()
    await expect(page.get_by_role("table")).to_contain_text("2025")


async def act_for_an_enterprise(page: Page, server: str) -> None:
    """Prove one's name, be bound to an enterprise with a rating of several years, and act for it."""
    await page.goto(f"{server}/h5/me/real-name")
    await page.get_by_role("button", name="我已阅读并同意").click()
    await page.get_by_label("姓名").fill("欧阳小明")
    await page.get_by_label("身份证号").fill(id_number())
    await page.get_by_role("button", name="提交核验").click()
    await page.goto(f"{server}/h5/me/enterprises")
    await page.get_by_label("统一社会信用代码").fill(CODE)
    await page.get_by_role("button", name="绑定", exact=True).click()
    await page.get_by_role("button", name="的身份办理").click()
    await expect(page.get_by_role("banner")).to_contain_text("天河云帆")
