"""My space on the phone: proved by name, acting for an enterprise, which every page then says."""

from playwright.async_api import expect

from tests.browser.conftest import Window
from tests.factories.accounts import id_number


async def test_a_person_proves_their_name_and_acts_for_an_enterprise(window: Window) -> None:
    [phone] = await window.open("space-one")
    await phone.follow()
    await phone.say("帮助")
    await phone.button("打开我的微办").last.click()
    await phone.agree()
    page = phone.web_page
    await page.get_by_role("link", name="我的", exact=True).click()
    await page.get_by_role("link", name="实名核验").click()
    await page.get_by_role("button", name="我已阅读并同意").click()
    await page.get_by_label("姓名").fill("欧阳小明")
    await page.get_by_label("身份证号").fill(id_number())
    await page.get_by_role("button", name="提交核验").click()
    await expect(page.get_by_role("status")).to_contain_text("实名核验通过")
    await page.get_by_role("link", name="我的企业").click()
    await page.get_by_label("统一社会信用代码").fill("91440101MA5DEMQ01M")
    await page.get_by_label("在企业的身份").select_option(label="办税员")
    await page.get_by_role("button", name="绑定", exact=True).click()
    await page.get_by_role("button", name="的身份办理").click()
    await page.get_by_role("link", name="消息", exact=True).click()
    await expect(page.get_by_role("banner")).to_contain_text("广州珠江晨光贸易有限公司")
    await page.get_by_role("link", name="English").click()
    await expect(page.get_by_role("heading", name="My messages")).to_be_visible()
    await expect(page.get_by_role("banner")).to_contain_text("Acting for: 广州珠江晨光贸易有限公司")
