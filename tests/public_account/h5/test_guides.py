"""Guides on the pages, for anyone."""

import pytest

from app.domain.catalogue import publishing
from app.domain.catalogue.models import Guide
from tests.factories.guides import guide_text
from tests.public_account.h5.conftest import Browser


@pytest.fixture
async def guide(db: None) -> Guide:
    sections = [{"heading": "带什么", "text": "身份证\n<b>营业执照</b>"}]
    await publishing.publish([guide_text("invoice-on-behalf", "代开发票", sections=sections)])
    return await Guide.get()


async def test_a_guide_is_found_and_read(browser: Browser, guide: Guide) -> None:
    found = await browser.get("/h5/guides?q=代开发票")
    assert f'href="/h5/guides/{guide.id}"' in found.text
    page = await browser.get(f"/h5/guides/{guide.id}?from=groupmessage")
    assert page.status == 200
    for words in ("代开发票", "带什么", "身份证\n&lt;b&gt;营业执照", "更新于 2026-11-01"):
        assert words in page.text


async def test_what_nobody_wrote_is_told_with_the_way_out(browser: Browser, guide: Guide) -> None:
    assert "换个说法" in (await browser.get("/h5/guides?q=xyzzy")).text
    await publishing.withdraw(guide.code, actor="staff:x")
    assert (await browser.get(f"/h5/guides/{guide.id}")).status == 404
