"""An author and a reviewer of campaigns in browsers of their own, and what they do there."""

import asyncio
import re
from uuid import UUID

import aiohttp
import pytest

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post
from app.kit import db as raw
from app.kit import ids
from config import messages as message_list
from config import settings
from notifications.campaigns.models import Campaign, CampaignState
from notifications.wording import versions
from tests.console.conftest import AtWork
from tests.factories.errands import do_errands
from tests.public_account.h5.conftest import Browser, Page

NEW = "/console/campaigns/new"
WORDS = {
    "name": "九月申报提醒",
    "message": "tax_reminder",
    "params.tax": "增值税",
    "params.period": "2026年9月",
    "params.due_at": "2026年10月20日 18:00",
    "audience.tags": "重点企业",
}


@pytest.fixture
async def author(at_work: AtWork) -> Browser:
    await versions.register(message_list.current())
    return await at_work("ni-gao", Post(StaffRole.PUBLISHER))


@pytest.fixture
async def reviewer(at_work: AtWork) -> Browser:
    return await at_work("shen-pi", Post(StaffRole.REVIEWER))


async def followers(count: int) -> list[UUID]:
    people = [ids.uuid7() for _ in range(count)]
    await raw.execute(
        "INSERT INTO person (id, level, status) SELECT p, 'wx_bound', 'active' FROM unnest($1::uuid[]) p",
        people,
    )
    await raw.execute(
        "INSERT INTO wechat_identity (person_id, appid, openid, is_follower)"
        " SELECT p, $2, 'o' || replace(p::text, '-', ''), true FROM unnest($1::uuid[]) p",
        people, settings.current().oa_appid,
    )  # fmt: skip
    await raw.execute(
        "INSERT INTO person_tag (tag, person_id, given_by, given_at)"
        " SELECT '重点企业', p, 'system', now() FROM unnest($1::uuid[]) p",
        people,
    )
    return people


async def press(browser: Browser, path: str, deed: str, **form: str) -> Page:
    page = await browser.get(path)
    return await browser.post(f"{path}/{deed}", csrf=page.field("csrf"), **form)


async def have_done(browser: Browser, path: str, deed: str) -> Page:
    """Ask for a deed on the whole audience, and the page once a worker did it."""
    asked = await press(browser, path, deed)
    assert asked.status == 303, asked.text
    await do_errands()
    return await browser.get(asked.location)


async def drafted(browser: Browser, **words: str) -> str:
    page = await browser.get(f"{NEW}?message=tax_reminder")
    made = await browser.post(NEW, csrf=page.field("csrf"), **{**WORDS, **words})
    assert made.status == 303, re.findall('class="why">([^<]+)', made.text)
    return made.location.partition("?")[0]


async def pending(browser: Browser) -> str:
    path = await drafted(browser)
    await have_done(browser, path, "try-out")
    assert (await press(browser, path, "submit")).status == 303
    return path


async def state_of(path: str) -> CampaignState:
    return (await Campaign.get(id=int(path.rpartition("/")[2]))).state


async def heard(stream: aiohttp.StreamReader, word: str) -> str:
    """What a page is told until it has heard this."""
    told = ""
    async with asyncio.timeout(8):
        while word not in told:
            line = (await stream.readline()).decode()
            assert line, f"the stream ended without {word!r}"
            told += line
    return told


async def under_way(author: Browser, reviewer: Browser, *, people: int = 3) -> str:
    await followers(people)
    path = await pending(author)
    await have_done(reviewer, path, "approve")
    return path


def live_address(page: Page) -> str:
    found = re.search(r'sse-connect="([^"]+)"', page.text)
    assert found is not None
    return found[1]
