"""通知公告、政策法规、办税日历 in the chat: the newest three, or those with the words."""

from tests.factories.notices import Desk, desk, notice_text
from tests.public_account.conftest import Platform


async def shelf() -> Desk:
    people = desk()
    for n in range(4):
        await people.published(notice_text(f"通知第 {n} 号", summary=f"要点{n}" + "，很长" * 20))
    await people.published(notice_text("增值税法施行", kind="policy"))
    await people.published(notice_text("读懂增值税法", kind="interpretation"))
    await people.published(notice_text("12 月办税日历", kind="calendar"))
    await people.published(notice_text("给法定代表人的通知", groups=["legal_representative"]))
    return people


async def test_the_newest_three_are_told_with_links(platform: Platform) -> None:
    await shelf()
    for asked in ("通知公告", "公告", "请问最新通知"):
        heard = await platform.say(asked)
        assert [f"通知第 {n} 号" in heard.text for n in range(4)] == [False, True, True, True], asked
        assert "给法定代表人" not in heard.text
        assert "/h5/notices/4" in heard.text
        assert "/h5/notices?kind=announcement" in heard.text
        assert "…" in heard.text


async def test_each_button_has_its_own(platform: Platform) -> None:
    await shelf()
    policies = await platform.hear(platform.event("CLICK", key="policies"))
    assert policies.text.index("读懂增值税法") < policies.text.index("增值税法施行")
    assert "通知第" not in policies.text
    assert "12 月办税日历" in (await platform.hear(platform.event("CLICK", key="tax_calendar"))).text
    assert "通知第 3 号" in (await platform.hear(platform.event("CLICK", key="notices"))).text


async def test_words_after_it_search_everything(platform: Platform) -> None:
    await shelf()
    heard = await platform.say("公告 增值税法")
    assert "增值税法施行" in heard.text
    assert "读懂增值税法" in heard.text
    assert "通知第" not in heard.text
    assert "没有找到与“火＜锅”有关的公告" in (await platform.say("公告：火<锅")).text


async def test_nothing_there_is_said(platform: Platform) -> None:
    heard = await platform.say("办税日历")
    assert "目前没有办税日历" in heard.text
    assert "/h5/notices" in heard.text
