"""Dry run and approval as a page asks for them: under way, stopped, done or refused."""

from datetime import timedelta

import pytest

from app.domain.accounts import staff
from app.domain.accounts.staff import StaffMember
from app.kit import clock, ids
from notifications.campaigns import lifecycle, queries
from notifications.campaigns.models import Campaign, CampaignState
from tests.console.campaigns.conftest import (
    WORDS,
    drafted,
    followers,
    have_done,
    heard,
    live_address,
    pending,
    press,
    state_of,
)
from tests.factories.errands import do_errands
from tests.public_account.h5.conftest import Browser


async def test_a_page_shows_at_once_what_the_worker_is_asked_and_hears_of_its_end(
    author: Browser, reviewer: Browser
) -> None:
    await followers(2)
    path = await drafted(author)
    asked = await press(author, path, "try-out")
    for browser in (author, reviewer):
        page = await browser.get(asked.location if browser is author else path)
        assert "正在试算" in page.text
        assert "ni-gao 于" in page.text, "who asked"
        assert "试算完成" not in page.text
        assert f'href="{path}?done=tried_out"' in page.text, "a link reads it again without a script"
        for deed in ("try-out", "edit", "cancel", "submit"):
            assert f"{path}/{deed}" not in page.text, deed
    async with reviewer.session.get(live_address(page)) as stream:
        await heard(stream.content, "等后台接手")
        await do_errands()
        await heard(stream.content, "event: ended")
        await heard(stream.content, "event: over")
    page = await reviewer.get(path)
    assert "正在试算" not in page.text
    assert "共 2 人" in page.text


async def test_an_end_that_came_before_the_page_listened_is_told(author: Browser) -> None:
    await followers(1)
    path = await drafted(author)
    await press(author, path, "try-out")
    address = live_address(await author.get(path))
    await do_errands()
    async with author.session.get(address) as stream:
        await heard(stream.content, "event: ended")


async def test_an_end_while_the_page_is_made_is_told(
    author: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await followers(1)
    path = await drafted(author)
    whole = queries.one

    async def slowly(member: StaffMember, campaign_id: int) -> Campaign:
        campaign = await whole(member, campaign_id)
        await do_errands()
        return campaign

    await press(author, path, "try-out")
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(queries, "one", slowly)
        page = await author.get(path)
    async with author.session.get(live_address(page)) as stream:
        await heard(stream.content, "event: ended")
    asked = await press(author, path, "try-out")
    async with author.session.get(live_address(await author.get(asked.location))) as stream:
        await heard(stream.content, "event: errand")
        monkeypatch.setattr(queries, "one", slowly)
        await heard(stream.content, "event: ended")


async def test_what_is_under_way_is_stopped_from_the_page(author: Browser, reviewer: Browser) -> None:
    await followers(1)
    path = await pending(author)
    await press(reviewer, path, "approve")
    twice = await press(author, path, "call-off")
    assert twice.status == 303
    page = await author.get(twice.location)
    assert "shen-pi 交办的批准没有办成" in page.text
    assert "已停止办理" in page.text
    await do_errands()
    assert await state_of(path) is CampaignState.PENDING
    again = await press(author, path, "call-off")
    assert again.status == 409
    await have_done(reviewer, path, "approve")
    assert await state_of(path) is CampaignState.CANARY


async def test_who_approved_what_was_changed_meanwhile_is_told_so(author: Browser, reviewer: Browser) -> None:
    await followers(1)
    path = await pending(author)
    asked = await press(reviewer, path, "approve")
    (campaign,) = await Campaign.all()
    member = await staff.as_of_now(campaign.author_id, ids.uuid7())
    assert member is not None
    await lifecycle.schedule(member, campaign.id, clock.now() + timedelta(days=1))
    await do_errands()
    page = await reviewer.get(asked.location)
    assert "刚被他人改动" in page.text
    assert "已批准" not in page.text
    assert "刚被他人改动" not in (await reviewer.get(path)).text, "as it stands now it can be approved"


async def test_who_asks_again_is_told_that_it_is_under_way(author: Browser) -> None:
    path = await drafted(author)
    assert (await press(author, path, "try-out")).status == 303
    refused = await press(author, path, "try-out")
    assert (refused.status, "正在试算或批准" in refused.text) == (409, True)


async def test_the_outcome_reads_in_english_too(author: Browser) -> None:
    path = await drafted(author, **{"audience.tags": "没有人"})
    await author.get(f"/console/language?to=en&back={path}")
    await press(author, path, "try-out")
    assert "Dry run under way" in (await author.get(path)).text
    await do_errands()
    assert "The dry run asked for by ni-gao was not done" in (await author.get(path)).text


async def test_the_dry_run_refuses_in_words_and_the_draft_stays(author: Browser) -> None:
    path = await drafted(author, **{"audience.tags": "没有人"})
    refused = await have_done(author, path, "try-out")
    assert "受众里没有人" in refused.text
    assert "试算完成" not in refused.text
    assert await state_of(path) is CampaignState.DRAFT
    page = await author.get(f"{path}/edit")
    assert (await author.post(f"{path}/edit", csrf=page.field("csrf"), **WORDS)).status == 303
    assert "受众里没有人" not in (await author.get(path)).text, "what was refused is not there any more"
