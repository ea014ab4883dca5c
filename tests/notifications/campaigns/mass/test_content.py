"""What an announcement says: checked when it is written, cleaned, and shown by WeChat as it was meant."""

from pathlib import Path
from typing import Any

import pytest

from app.gateways import wechat
from app.kit import clock
from notifications.campaigns import mass_send
from notifications.campaigns.errors import CampaignInvalid
from notifications.campaigns.mass.content import Content, ContentInvalid, taken_in
from notifications.campaigns.models import Product
from tests.notifications.campaigns.conftest import later
from tests.notifications.campaigns.mass.conftest import PATH, MassStory

_PNG = b"\x89PNG\r\n\x1a\n1"
_ARTICLE = {
    "kind": "article",
    "title": "放假安排",
    "digest": "照常开放",
    "body": "<p>全文</p>",
    "cover": "a" * 64,
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where an author keeps the files of an article."""
    (tmp_path / "cover.png").write_bytes(_PNG)
    (tmp_path / "map.png").write_bytes(_PNG + b"map")
    return tmp_path


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"kind": "video"}, "kind"),
        ({"kind": "text", "text": " "}, "text"),
        ({"kind": "text", "text": "长" * 700}, "text"),
        ({"title": ""}, "title"),
        ({"title": "长" * 33}, "title"),
        ({"digest": "长" * 121}, "digest"),
        ({"body": "<script>alert(1)</script>"}, "body"),
        ({"body": "长" * 20_000}, "body"),
        ({"body": '<img src="attachment:map.png">'}, "body"),
        ({"cover": ""}, "cover"),
        ({"source_url": "javascript:alert(1)"}, "source_url"),
        ({"colour": "red"}, "colour"),
        ({"title": 5}, "title"),
        ({"pictures": "map.png"}, "pictures"),
    ],
)
def test_a_fault_is_told_by_its_place(changes: dict[str, Any], place: str) -> None:
    with pytest.raises(ContentInvalid) as wrong:
        Content.read({**_ARTICLE, **changes})
    assert place in wrong.value.fields


def test_rich_text_is_clean_and_reads_the_same_again() -> None:
    body = '<p onclick="x()">全文<script>alert(1)</script><a href="https://a.gov.cn">链接</a></p>'
    content = Content.read({**_ARTICLE, "body": body})
    assert "script" not in content.body
    assert "onclick" not in content.body
    assert Content.read(content.stored()) == content


async def test_a_draft_with_a_wrong_content_is_refused(mass: MassStory) -> None:
    said = {"product": Product.MASS, "message": None, "params": {}, "content": {"kind": "text"}}
    with pytest.raises(CampaignInvalid) as wrong:
        await mass.office.draft(**said)
    assert "content.text" in wrong.value.fields


async def test_an_article_arrives_with_cover_and_pictures(mass: MassStory, folder: Path) -> None:
    body = '<p>见图</p><img src="attachment:map.png"><script>x</script>'
    files = {"cover": "cover.png", "pictures": {"map.png": "map.png"}}
    content = await taken_in({**_ARTICLE, "body": body, **files}, folder)
    await mass.people(30)
    await mass.campaign(content)
    await mass.work(turns=2)
    with clock.frozen(later(seconds=11)):
        await mass.work(turns=2)
    first, second = await mass.batches()
    assert await mass.phones(30) == [1] * 30
    card = mass.phone()[0]["articles"][0]
    assert (card["title"], card["description"]) == ("放假安排", "照常开放")
    article = mass.running.sandbox.mass.article(first["msg_id"])
    assert article is not None
    assert f"{mass.running.url}/_sandbox/media/" in article["content"]
    assert "script" not in article["content"]
    # Each call has an article of its own, so that one can be deleted alone; pictures go up once.
    assert second["state"] == "done"
    assert mass.running.sandbox.calls["/cgi-bin/draft/add"] == 2
    assert mass.running.sandbox.calls["/cgi-bin/material/add_material"] == 1
    assert mass.running.sandbox.calls["/cgi-bin/media/uploadimg"] == 1


async def test_a_draft_that_is_gone_is_made_again(mass: MassStory, folder: Path) -> None:
    content = await taken_in({**_ARTICLE, "cover": "cover.png"}, folder)
    await mass.people(25)
    await mass.campaign(content)
    mass.fault(errcode=40007, times=1)
    await mass.work(turns=1, reported=False)
    with clock.frozen(later(minutes=1)):
        await mass.work(turns=1, reported=False)
    assert [batch["state"] for batch in await mass.batches()] == ["accepted"]
    assert (mass.running.sandbox.calls["/cgi-bin/draft/add"], mass.running.sandbox.calls[PATH]) == (2, 2)


async def test_what_is_no_picture_is_no_cover(mass: MassStory, folder: Path) -> None:
    (folder / "cover.pdf").write_bytes(b"%PDF-1.7")
    for name in ("cover.pdf", "missing.png"):
        with pytest.raises(ContentInvalid):
            await taken_in({**_ARTICLE, "cover": name}, folder)


async def test_a_preview_is_for_a_follower_and_counts_for_nothing(mass: MassStory) -> None:
    (person,) = await mass.people(1)
    (stranger,) = await mass.office.people(1, follow=False)
    content = Content.read({"kind": "text", "text": "先看一眼"})
    await mass_send.preview(wechat.current(), person, content)
    assert [message["text"] for message in mass.phone()] == ["先看一眼"]
    assert await mass.months() == []
    with pytest.raises(mass_send.NotReachable):
        await mass_send.preview(wechat.current(), stranger, content)
