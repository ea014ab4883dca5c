"""The campaigns' desk: typed, tried out, approved by another, watched, stopped, reported and exported."""

import csv
import io
import re
from datetime import timedelta

import aiohttp
import pytest

from app.domain.accounts.models import StaffRole, StaffSession
from app.domain.accounts.staff import Post
from app.kit import clock, ids
from app.kit import db as raw
from app.kit.web import live
from config import messages as message_list
from notifications.campaigns import feeder
from notifications.campaigns.models import Campaign, CampaignState
from notifications.inbox.cards import messages
from tests.console.campaigns.conftest import (
    NEW,
    WORDS,
    drafted,
    followers,
    have_done,
    heard,
    live_address,
    pending,
    press,
    state_of,
    under_way,
)
from tests.console.conftest import AtWork
from tests.public_account.h5.conftest import Browser, Page

LIST = "/console/campaigns/lists/new"


async def test_a_campaign_goes_its_way_by_two_people(author: Browser, reviewer: Browser) -> None:
    await followers(3)
    path = await drafted(author)
    page = await have_done(author, path, "try-out")
    assert "试算完成" in page.text
    assert "共 3 人" in page.text
    assert "公众号模板消息" in page.text
    assert "2026年10月20日 18:00" in page.text, "a sample shows how it will be read"
    await press(author, path, "submit")
    assert "已批准" in (await have_done(reviewer, path, "approve")).text
    assert await state_of(path) is CampaignState.CANARY
    await feeder.step(messages())
    assert 'max="3"' in (await author.get(path)).text
    assert (await press(author, path, "pause", why="电话说有误")).status == 303
    assert "电话说有误" in (await author.get(path)).text
    assert (await press(reviewer, path, "resume")).status == 303
    assert (await press(author, path, "cancel", why="不发了")).status == 303
    assert await state_of(path) is CampaignState.CANCELLED


async def test_an_open_page_is_told_of_progress_and_of_what_can_be_done_now(
    author: Browser, reviewer: Browser
) -> None:
    path = await under_way(author, reviewer)
    async with author.session.get(live_address(await author.get(path))) as stream:
        assert "待审批" not in await heard(stream.content, "已处理 0 人，共 3 人")
        await feeder.step(messages())
        told = await heard(stream.content, "排队中")
        assert "取消任务" not in told, "a reason that is being typed stays where it is"
        await press(reviewer, path, "pause", why="电话说有误")
        told = await heard(stream.content, f'action="{path}/resume"')
        assert "电话说有误" in told
        await press(reviewer, path, "cancel", why="不发了")
        while (await feeder.step(messages())) > 0:
            pass
        await heard(stream.content, "event: over")
    assert "sse-connect" not in (await author.get(path)).text, "a campaign that is over has nothing to tell"


async def test_looking_on_keeps_no_idle_session_alive(
    author: Browser, reviewer: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_LOOK_S", 0.05)
    path = await under_way(author, reviewer)
    seen = clock.now() - timedelta(minutes=20)
    async with author.session.get(f"{path}/live") as stream:
        await heard(stream.content, "event: progress")
        await StaffSession.all().update(seen_at=seen)
        for _ in range(8):
            await stream.content.readline()
        assert await StaffSession.filter(seen_at=seen).count() == await StaffSession.all().count()
        await StaffSession.all().update(seen_at=clock.now() - timedelta(minutes=31))
        await heard(stream.content, "event: over")


async def test_what_staff_type_never_becomes_markup(author: Browser, reviewer: Browser) -> None:
    await followers(1)
    probe = "<script>alert(1)</script>"
    path = await drafted(author, name=f"提醒{probe}", **{"params.tax": f"税{probe}"})
    await have_done(author, path, "try-out")
    await press(author, path, "submit")
    await press(reviewer, path, "refuse", why=f"退回{probe}")
    refused = await press(author, path, "explain", person=f'"><b>{probe}')
    await raw.execute("UPDATE staff SET display_name = $1", f"名{probe}")
    for page in (
        refused,
        await author.get(path),
        await author.get(f"{path}/edit"),
        await author.get("/console/campaigns/list"),
        await upload(author, "姓名\r\n张三\r\n", name=f"名单{probe}"),
        await upload(author, f"openid,{probe}\r\n{probe},{probe}\r\n", name=f"名单{probe}"),
    ):
        assert probe not in page.text, page.text[:300]
        assert "alert(1)" in page.text, "the probe is shown"


async def test_each_wrong_word_is_marked_where_it_stands(author: Browser) -> None:
    page = await author.get(f"{NEW}?message=tax_reminder")
    said = {**WORDS, "name": "", "audience.halls": "一号厅", "params.tax": "税" * 201, "scheduled_at": "明天"}
    shown = await author.post(NEW, csrf=page.field("csrf"), **said)
    assert shown.status == 422
    assert 'id="scheduled_at-said" class="why"' in shown.text
    del said["scheduled_at"]
    shown = await author.post(NEW, csrf=page.field("csrf"), **said)
    for field in ("name", "audience.halls", "params.tax"):
        assert f'id="{field}-said" class="why"' in shown.text, field
    assert 'value="一号厅"' in shown.text
    assert 'value="重点企业"' in shown.text
    assert not await Campaign.all().exists()


async def test_a_draft_is_changed_as_it_was_typed(author: Browser) -> None:
    path = await drafted(
        author, **{"audience.exclude.told_by_campaign": "4，5", "expires_at": "2027-03-01T08:30"}
    )
    page = await author.get(f"{path}/edit")
    for value in ("增值税", "重点企业", "4，5", "2027-03-01T08:30"):
        assert f'value="{value}"' in page.text, value
    changed = {
        **WORDS,
        "audience.tags": "甲，乙 丙",
        "audience.regions": "440106",
        "audience.exclude.groups": "visitor",
    }
    assert (await author.post(f"{path}/edit", csrf=page.field("csrf"), **changed)).status == 303
    campaign = await Campaign.get(id=int(path.rpartition("/")[2]))
    assert campaign.audience == {
        "tags": ["甲", "乙", "丙"], "regions": ["440106"], "exclude": {"groups": ["visitor"]},
    }  # fmt: skip
    again = (await author.get(f"{path}/edit")).text
    assert re.search(r'name="audience.exclude.groups" value="visitor" checked', again)


async def test_a_deed_without_its_reason_is_not_done(author: Browser, reviewer: Browser) -> None:
    await followers(1)
    path = await pending(author)
    assert (await press(reviewer, path, "refuse", why="")).status == 422
    assert await state_of(path) is CampaignState.PENDING
    assert (await press(reviewer, path, "refuse", why="期限写错了")).status == 303
    assert "期限写错了" in (await author.get(path)).text


async def test_why_somebody_is_meant(author: Browser) -> None:
    (person,) = await followers(1)
    path = await drafted(author)
    told = await press(author, path, "explain", person=str(person))
    assert "tag:重点企业" in told.text
    assert "不在受众里" in (await press(author, path, "explain", person=str(ids.uuid7()))).text
    wrong = await press(author, path, "explain", person="张三")
    assert (wrong.status, 'value="张三"' in wrong.text) == (422, True)


async def test_the_report_and_the_recipients_name_nobody(author: Browser, reviewer: Browser) -> None:
    (person,) = await followers(1)
    path = await pending(author)
    await have_done(reviewer, path, "approve")
    assert "共 1 人" in (await author.get(f"{path}/report")).text
    taken = await author.get(f"{path}/recipients.csv")
    lines = list(csv.reader(io.StringIO(taken.text.removeprefix("\ufeff"))))
    assert "ni-gao" in lines[0][0]
    assert len(lines) == 3
    assert str(person) not in taken.text
    async with author.session.get(f"{path}/recipients.xlsx") as answer:
        assert (await answer.read()).startswith(b"PK")
    rows = await raw.fetch(
        "SELECT detail->>'format' AS form FROM audit_entry WHERE action = 'campaign.exported'"
    )
    assert [row["form"] for row in rows] == ["csv", "xlsx"]


async def test_a_post_within_bounds_sees_no_campaign(author: Browser, at_work: AtWork) -> None:
    path = await drafted(author)
    district = await at_work("qu-ju", Post(StaffRole.PUBLISHER, region_code="440106"))
    for address in ("/console/campaigns/list", path, f"{path}/report", f"{path}/live"):
        assert (await district.get(address)).status == 403, address
    page = await district.get("/console/")
    assert (await district.post(f"{path}/submit", csrf=page.field("csrf"))).status == 403
    assert await state_of(path) is CampaignState.DRAFT


async def upload(browser: Browser, content: str, **said: str) -> Page:
    page = await browser.get(LIST)
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("csrf", page.field("csrf"))
    for name, value in said.items():
        form.add_field(name, value)
    form.add_field("file", content.encode(), filename="list.csv")
    return await browser("POST", LIST, data=form)


async def test_a_list_is_taken_in_and_leads_to_its_campaign(author: Browser) -> None:
    (person,) = await followers(1)
    openid = f"o{str(person).replace('-', '')}"
    said = {"name": "欠税名单", "message": "tax_reminder", "facts": "due_at"}
    label = {line.text: line.label for line in message_list.current()["tax_reminder"].lines}["{due_at}"]
    taken = await upload(author, f"openid,{label}\r\n{openid},2026年10月20日\r\n", **said)
    found = re.search(r'href="(/console/campaigns/new\?list=\d+&amp;message=tax_reminder)"', taken.text)
    assert found is not None
    page = await author.get(found[1].replace("&amp;", "&"))
    assert 'name="audience.lists" type="text" value="1"' in page.text


async def test_a_list_with_faults_is_refused_whole_and_says_each(author: Browser) -> None:
    refused = await upload(author, "姓名\r\n张三\r\n", name="名单")
    assert (refused.status, "没有写入任何数据" in refused.text) == (422, True)
    assert 'value="名单"' in refused.text
    assert "张三" not in refused.text


async def test_uploaded_lists_are_listed_with_the_campaigns_they_are_for(
    author: Browser, reviewer: Browser
) -> None:
    (person,) = await followers(1)
    openid = f"o{str(person).replace('-', '')}"
    for name in ("欠税名单", "备用名单"):
        assert (await upload(author, f"openid\r\n{openid}\r\n", name=name)).status == 200
    await drafted(author, **{"audience.tags": "", "audience.lists": "1"})
    await drafted(author, name="别的提醒", **{"audience.exclude.lists": "1"})
    await drafted(author, name="无关的提醒")
    page = (await reviewer.get("/console/campaigns/lists/")).text
    [spare, owing] = re.findall(r"<tr>\s*<td>\d+</td>.*?</tr>", page, re.DOTALL)
    assert all(words in owing for words in ("欠税名单", "ni-gao", "九月申报提醒、别的提醒")), owing
    assert "备用名单" in spare
    assert "提醒" not in spare
    assert "/campaigns/lists/new" not in page, "a reviewer uploads none"
    found = (await reviewer.get("/console/campaigns/list?list=1")).text
    assert ("别的提醒" in found, "无关的提醒" in found) == (True, False)
    assert "/console/campaigns/lists/" in found
    exported = await reviewer.get("/console/campaigns/lists/all.csv?name=备用")
    assert ("备用名单" in exported.text, "欠税名单" in exported.text) == (True, False)
