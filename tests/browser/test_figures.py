"""Boards of figures in a browser: plots drawn from their tables, within the narrowest window."""

from playwright.async_api import expect

from tests.browser.at_desk import OpenDesk

# A plot lies on several canvases, one above the other.
_INKED = """canvases => Math.max(...canvases.map(canvas => {
    const { width, height } = canvas;
    const seen = canvas.getContext("2d").getImageData(0, 0, width, height).data;
    return new Set(new Uint32Array(seen.buffer)).size;
}))"""


async def test_a_supervisor_sees_free_seats_hall_by_hall_and_follows_one(open_desk: OpenDesk) -> None:
    desk = await open_desk("supervisor")
    await desk.page.set_viewport_size({"width": 320, "height": 800})
    await desk.open("/console/figures/")
    await desk.page.get_by_role("link", name="空余号源").click()
    plot = desk.page.get_by_role("img", name="各大厅空余")
    await expect(plot.locator("canvas").first).to_be_visible()
    assert await plot.locator("canvas").evaluate_all(_INKED) > 2, "something is drawn"
    assert await desk.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    hall = desk.page.locator("#table-free_by_hall tbody a").first
    name = await hall.inner_text()
    await hall.click()
    await expect(desk.page.get_by_label("大厅", exact=True).locator("option:checked")).to_have_text(name)
    await expect(desk.page.get_by_role("img", name="各时段空余")).to_be_visible()


async def test_a_period_is_chosen_and_a_wrong_one_is_said(open_desk: OpenDesk) -> None:
    desk = await open_desk("system_admin")
    await desk.open("/console/figures/bookings")
    await desk.page.get_by_role("link", name="最近 7 天").click()
    await expect(desk.page.locator("#table-by_day tbody tr")).to_have_count(7)
    until = await desk.page.get_by_label("结束日期").input_value()
    await desk.page.get_by_label("开始日期").fill(until)
    await desk.page.get_by_role("button", name="查看").click()
    await expect(desk.page.locator("#table-by_day tbody tr")).to_have_count(1)
    async with desk.page.expect_download() as sent:
        await desk.page.get_by_role("link", name="导出每日预约为 CSV").click()
    assert (await sent.value).suggested_filename.endswith(".csv")
