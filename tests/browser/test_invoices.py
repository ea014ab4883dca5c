"""Checking invoices on the phone: scanned with WeChat, read from a photo, typed in where no script runs."""

from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from json import dumps
from typing import Any

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from app.kit import qr
from tests.browser import at_phone
from tests.browser.conftest import Window

CODE = "01,32,,26427000000316294884,100.76,20260330,,5F98"
NUMBER = "26427000000316294884"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.50"
ANDROID = "Mozilla/5.0 (Linux; Android 14; V2309A) AppleWebKit/537.36 Chrome/126.0 MicroMessenger/8.0.50"
# The bridge that WeChat puts into pages, answering as WeChat does.
BRIDGE = """
window.WeixinJSBridge = {
  invoke(name, told, answered) { setTimeout(() => answered({ err_msg: `${name}:${%s}`, resultStr: %s })); },
  on() {},
};
"""

# WeChat lets a page use its functions whose signature, forty signs long, it can verify.
SIGNED = 'name !== "preVerifyJSAPI" || /^[0-9a-f]{40}$/.test(told.verifySignature) ? "ok" : "fail"'


async def photo(browser: Browser, text: str | None) -> FilePayload:
    """A photo as phones take them, a little askew; with the code of a text in it, or with none."""
    shown = f'<img src="data:image/png;base64,{b64encode(qr.png(text)).decode()}">' if text else ""
    look = (
        "background: #cdc8be } img { position: absolute; top: 500px; left: 900px; width: 620px; rotate: 8deg"
    )
    page = await browser.new_page(viewport={"width": 2400, "height": 3200})
    await page.set_content(f"<style>body {{ {look} }}</style>{shown}")
    taken = await page.screenshot(type="jpeg", quality=80)
    await page.close()
    return {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": taken}


@asynccontextmanager
async def beside(window: Window, **options: Any) -> AsyncIterator[Page]:
    """Another browser of the person who is signed in, made otherwise."""
    signed_in = window.page.context
    assert signed_in.browser is not None
    other = await signed_in.browser.new_context(
        storage_state=await signed_in.storage_state(), locale="zh-CN", **options
    )
    try:
        yield await other.new_page()
    finally:
        await other.close()


async def test_a_photo_of_the_code_is_read_on_the_phone_itself(window: Window, browser: Browser) -> None:
    page = await at_phone.sign_in(window, "scan-photo")
    await page.goto(f"{window.system.server}/h5/invoices")
    sent: list[bytes] = []
    page.on("request", lambda one: sent.append(one.post_data_buffer or b""))
    chosen = page.locator("#scan input[type=file]")
    await chosen.set_input_files(await photo(browser, None))
    await expect(page.locator("#scan [role=status]")).to_contain_text("没有")
    assert not any(sent), "nothing is sent of a photo without a code"
    await chosen.set_input_files(await photo(browser, CODE))
    await expect(page.get_by_role("status")).to_contain_text("查验一致")
    await expect(page.locator("main")).to_contain_text(NUMBER)
    assert max(map(len, sent)) < 2_000, "the text is sent, the photo is not"


@pytest.mark.parametrize(
    ("phone", "scanned"),
    [(ANDROID, dumps(CODE)), (IPHONE, dumps(dumps({"scan_code": {"scan_result": CODE}})))],
    ids=["android", "iphone"],
)
async def test_wechats_scanner_is_used_inside_wechat(window: Window, phone: str, scanned: str) -> None:
    await at_phone.sign_in(window, f"scan-{len(scanned)}")
    async with beside(window, user_agent=phone) as page:
        await page.add_init_script(BRIDGE % (SIGNED, scanned))
        await page.goto(f"{window.system.server}/h5/invoices")
        await page.get_by_role("button", name="扫一扫").click()
        await expect(page.get_by_role("status")).to_contain_text("查验一致")
        await expect(page.locator("main")).to_contain_text(NUMBER)


@pytest.mark.parametrize(
    "said", ['"fail"', 'name === "scanQRCode" ? "fail" : "ok"'], ids=["at once", "later"]
)
async def test_a_scanner_that_wechat_refuses_leaves_the_other_ways(window: Window, said: str) -> None:
    await at_phone.sign_in(window, f"refused-{len(said)}")
    async with beside(window, user_agent=ANDROID) as page:
        await page.add_init_script(BRIDGE % (said, "null"))
        await page.goto(f"{window.system.server}/h5/invoices")
        await page.get_by_role("button", name="扫一扫").click()
        await expect(page.locator("#scan [role=status]")).to_contain_text("拍照识别")
        await expect(page.get_by_text("拍照或选择照片识别")).to_be_visible()


async def test_without_scripts_an_invoice_is_typed_in(window: Window) -> None:
    await at_phone.sign_in(window, "scan-none")
    async with beside(window, java_script_enabled=False) as page:
        await page.goto(f"{window.system.server}/h5/invoices")
        await expect(page.locator("#scan")).to_be_hidden()
        await page.get_by_label("发票号码").fill(NUMBER)
        await page.get_by_label("开票日期").fill("2026-03-30")
        await page.get_by_label("发票种类").select_option("32")
        await page.get_by_label("金额或校验码").fill("100.76")
        await page.get_by_role("button", name="查验", exact=True).last.click()
        await expect(page.get_by_role("status")).to_contain_text("查验一致")
