"""A campaign in a browser: one writes it, another approves it; both watch it, stop it, resume and end it."""

from collections.abc import Awaitable, Callable

import aiohttp
import asyncpg
import pytest
from playwright.async_api import Locator, Page, expect

from app.kit.ids import uuid7
from app.sandbox.world import openid_of
from config import settings
from config.database import credentials
from tests.browser.at_desk import OpenDesk
from tests.browser.conftest import System
from tests.processes import until

_TAG = "申报提醒对象"
# At the rate of a local start some ten people a second are told: it lasts as long as anybody looks.
_PEOPLE = 1500


async def gather(system: System) -> None:
    """So many followers with the tag, known to the sandbox and to us."""
    wish = {"prefix": "campaign", "count": _PEOPLE, "follow": True, "consents": []}
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{system.sandbox}/_sandbox/people", json=wish) as answer,
    ):
        assert answer.status == 200, await answer.text()
    appid = settings.current().oa_appid
    people = [uuid7() for _ in range(_PEOPLE)]
    openids = [openid_of(appid, f"campaign-{number}") for number in range(_PEOPLE)]
    database = await asyncpg.connect(**credentials(system.settings["WEIBAN_DATABASE_URL"]))
    try:
        async with database.transaction():
            await database.execute(
                "INSERT INTO person (id, level, status)"
                " SELECT id, 'wx_bound', 'active' FROM unnest($1::uuid[]) AS p (id)",
                people,
            )
            await database.execute(
                "INSERT INTO wechat_identity (person_id, appid, openid, is_follower, followed_at)"
                " SELECT id, $3, openid, true, now() FROM unnest($1::uuid[], $2::text[]) AS p (id, openid)",
                people, openids, appid,
            )  # fmt: skip
            await database.execute(
                "INSERT INTO person_tag (tag, person_id, given_by, given_at)"
                " SELECT $2, id, 'system', now() FROM unnest($1::uuid[]) AS p (id)",
                people, _TAG,
            )  # fmt: skip
    finally:
        await database.close()


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


async def told(page: Page) -> int:
    """How many are done with, as the bar shows it."""
    return int(await page.get_by_role("progressbar").get_attribute("value") or 0)


def beyond(page: Page, before: int) -> Callable[[], Awaitable[bool]]:
    async def has_moved() -> bool:
        return await told(page) > before

    return has_moved


# The first story of a session waits for the whole system to start.
@pytest.mark.timeout(240)
async def test_a_campaign_is_written_approved_watched_stopped_and_ended(
    system: System, open_desk: OpenDesk
) -> None:
    await gather(system)
    publisher, reviewer = await open_desk("publisher"), await open_desk("reviewer")
    author, other = publisher.page, reviewer.page

    await publisher.open("/console/campaigns/list")
    await author.get_by_role("link", name="新建群发").click()
    await author.get_by_role("link", name="申报期限提醒").click()
    await author.get_by_label("任务名称").fill("增值税申报提醒")
    await author.get_by_label("税费种").fill("增值税")
    await author.get_by_label("所属期").fill("2026年9月")
    await author.get_by_label("截止时间").fill("2026年10月20日 18:00")
    await author.get_by_label("标签").first.fill(_TAG)
    await author.get_by_role("button", name="保存").click()
    await author.get_by_role("button", name="试算").click()
    await expect(author.get_by_text(f"共 {_PEOPLE} 人")).to_be_visible()
    await expect(author.get_by_role("button", name="批准")).to_have_count(0)
    await author.get_by_role("button", name="提交审批").click()
    await expect(heading(author)).to_contain_text("待审批")
    path = author.url.partition("?")[0].removeprefix(system.server)

    await reviewer.open(path)
    await other.get_by_role("button", name="批准").click()
    # The worker approves it, and the page shows by itself what became of that.
    await expect(other.get_by_text("已批准。")).to_be_visible()
    await expect(other.get_by_text("实时更新中")).to_be_visible()
    await publisher.open(path)
    await expect(heading(author)).to_contain_text("发送中")
    await expect(author.get_by_text("实时更新中")).to_be_visible()

    # What somebody is typing outlives the numbers that come in meanwhile.
    await author.get_by_label("原因", exact=True).fill("电话说有误")
    await until(beyond(author, await told(author)), within_s=15)
    await author.get_by_role("button", name="暂停").click()
    await expect(heading(author)).to_contain_text("已暂停")
    # The reviewer has not touched the page, and it offers what can be done now.
    await expect(heading(other)).to_contain_text("已暂停")
    await expect(other.get_by_text("电话说有误").first).to_be_visible()
    stopped_at = await told(other)
    assert 0 < stopped_at < _PEOPLE
    await other.get_by_role("button", name="继续发送").click()
    await expect(heading(author)).to_contain_text("发送中")
    await until(beyond(author, stopped_at), within_s=15)

    await author.get_by_label("原因", exact=True).fill("不发了")
    await author.get_by_role("button", name="取消任务").click()
    await expect(heading(other)).to_contain_text("已取消")
    await expect(other.get_by_role("button", name="取消任务")).to_have_count(0)
    await expect(author.get_by_text(f"已处理 {_PEOPLE} 人，共 {_PEOPLE} 人")).to_be_visible()
    await author.get_by_role("link", name="查看报告").click()
    await expect(heading(author)).to_contain_text("报告")
    await expect(author.get_by_role("main")).to_contain_text("未发送")
