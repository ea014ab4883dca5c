"""Publishing guides: once, whole, and found by their new words at once."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from app.domain.catalogue import publishing, queries
from app.domain.catalogue.errors import BadGuideFile, GuideNotFound
from app.domain.catalogue.files import read_guides
from app.domain.catalogue.models import Audience, Guide, Section
from app.domain.seed import guides
from app.kit import audit
from app.kit import db as raw
from tests.factories.guides import guide_text

SHIPPED = Path(guides.__file__).with_name("guides.toml").read_text(encoding="utf-8")


async def titles(text: str) -> list[str]:
    return [hit.title for hit in await queries.search(text)]


async def counted() -> dict[str, int]:
    return {row["word"]: row["guides"] for row in await raw.fetch("SELECT word, guides FROM guide_word")}


async def really() -> Counter[str]:
    rows = await raw.fetch("SELECT unnest(tsvector_to_array(words)) AS word FROM guide_index")
    return Counter(row["word"] for row in rows)


@pytest.mark.usefixtures("db")
async def test_publishing_the_same_again_changes_nothing() -> None:
    shelf = [guide_text("one", "居住证办理"), guide_text("two", "公积金提取")]
    assert await publishing.publish(shelf) == 2
    before = await Guide.all().order_by("id").values()
    assert await publishing.publish(shelf) == 0
    assert await Guide.all().order_by("id").values() == before
    assert await counted() == await really()
    assert await audit.verify() == 1


@pytest.mark.usefixtures("db")
async def test_a_changed_guide_has_a_new_version_and_is_found_by_its_new_words_only() -> None:
    await publishing.publish([guide_text("one", "居住证办理"), guide_text("two", "公积金提取")])
    assert await publishing.publish([guide_text("one", "暂住登记")]) == 1
    assert (await Guide.get(code="one")).version == 2
    assert await titles("暂住登记") == ["暂住登记"]
    assert await titles("居住证") == []
    assert await counted() == await really()


@pytest.mark.usefixtures("db")
async def test_a_withdrawn_guide_is_neither_found_nor_shown_until_published_again() -> None:
    shelf = [guide_text("one", "居住证办理")]
    await publishing.publish(shelf)
    guide_id = (await Guide.get(code="one")).id
    await publishing.withdraw("one", actor="staff:1")
    assert await titles("居住证") == []
    assert await counted() == {}
    with pytest.raises(GuideNotFound):
        await queries.guide(guide_id)
    with pytest.raises(GuideNotFound):
        await publishing.withdraw("one", actor="staff:1")
    assert await publishing.publish(shelf) == 1
    assert await titles("居住证") == ["居住证办理"]
    assert (await queries.guide(guide_id)).title == "居住证办理"
    assert await counted() == await really()


@pytest.mark.usefixtures("db")
async def test_the_seed_leaves_alone_what_was_changed_or_withdrawn() -> None:
    await guides.write()
    await Guide.filter(code="iit-annual").update(title="改过的标题")
    await publishing.withdraw("complaint", actor="staff:1")
    await guides.write()
    assert (await Guide.get(code="iit-annual")).title == "改过的标题"
    assert (await Guide.get(code="complaint")).withdrawn_at is not None


@pytest.mark.usefixtures("db")
async def test_who_publish_at_once_count_every_word_once() -> None:
    shelves = [[guide_text(f"g{n}-{turn}", f"居住证办理{n}") for n in range(5)] for turn in range(4)]
    shared = [guide_text("shared", f"第{turn}次修改" * turn) for turn in range(1, 5)]
    await asyncio.gather(
        *(publishing.publish([*shelf, one]) for shelf, one in zip(shelves, shared, strict=True))
    )
    assert (await Guide.get(code="shared")).version == 4
    assert await counted() == await really()


@pytest.mark.usefixtures("db")
async def test_a_guide_is_shown_whole_with_what_it_rests_on_last() -> None:
    sections = [Section(heading="怎么办", text="到窗口"), Section(heading="带什么", text="身份证")]
    await publishing.publish([guide_text("one", "居住证", sections=sections, basis=["《居住证暂行条例》"])])
    shown = await queries.guide((await Guide.get(code="one")).id)
    assert shown.sections == (("怎么办", "到窗口"), ("带什么", "身份证"), ("依据", "《居住证暂行条例》"))
    assert (shown.audience, f"{shown.updated_on}") == (Audience.ANYONE, "2026-11-01")
    for guide_id in (shown.id + 1, 0, -1, 2**63, 10**30):
        with pytest.raises(GuideNotFound):
            await queries.guide(guide_id)


def test_the_shipped_guides_are_many_whole_and_say_what_they_rest_on() -> None:
    shelf = read_guides(SHIPPED)
    assert len(shelf) >= 40
    assert [one.code for one in shelf if not one.basis or len(one.sections) < 2 or not one.keywords] == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('code = "hall-booking"', 'code = "Hall Booking"', "code 应为"),
        ('code = "hall-queue"', 'code = "hall-booking"', "code 重复"),
        ('audience = "anyone"', 'audience = "everybody"', "audience 应为"),
        ("updated_on = 2026-11-01", 'updated_on = "today"', "updated_on 应为日期"),
        ('topic = "预约办税"', 'topic = ""', "topic 应为"),
        ('topic = "预约办税"', 'topics = ""', "多出或缺少：topic、topics"),
        ("basis = [", "basis = [1, ", "basis 应为"),
        ('{ heading = "怎么约"', '{ title = "怎么约"', "sections 至少一节"),
        ("[[guide]]", "[[guide]", "TOML"),
        ("[[guide]]", "[[leitfaden]]", "缺"),
    ],
)
def test_a_wrong_file_is_refused_and_says_where(old: str, new: str, told: str) -> None:
    text = SHIPPED.replace(old, new) if old == "[[guide]]" else SHIPPED.replace(old, new, 1)
    with pytest.raises(BadGuideFile) as refused:
        read_guides(text)
    if told != "缺":
        assert told in f"{refused.value.fields}"


@pytest.mark.parametrize("text", ["guide = [1]", 'guide = ["x"]', "guide = [[1]]", "guide = 1", "guide = []"])
def test_a_file_without_guides_is_refused(text: str) -> None:
    with pytest.raises(BadGuideFile):
        read_guides(text)
