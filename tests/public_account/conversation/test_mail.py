"""我的消息: what one was told lately, said in the chat."""

import pytest

from app.domain.accounts import followers
from app.kit import clock
from notifications.inbox import reading
from tests.factories.messages import tell
from tests.public_account.conftest import Platform


async def test_the_newest_messages_are_told_with_a_way_to_all(platform: Platform) -> None:
    person_id = await followers.record_follow(platform.account.appid, platform.openid(), None, clock.now())
    for number in range(5):
        await tell("notice_published", person_id, params={"title": f"公告{number}"})
    heard = await platform.say("我的消息")
    assert "您有 5 条未读消息" in heard.text
    assert "公告4" in heard.text
    assert "公告1" not in heard.text
    assert "/h5/inbox" in heard.text
    items, _ = await reading.page(person_id, before=None, limit=5)
    assert [item.read_at for item in items] == [None] * 5
    await reading.read_all(person_id)
    assert "您最近的消息" in (await platform.say("消息")).text


@pytest.mark.parametrize("words", ["消息", "查看我的消息", "站内消息", "收件箱", "未读消息"])
async def test_who_has_none_is_told_so(platform: Platform, words: str) -> None:
    assert "还没有消息" in (await platform.say(words)).text


async def test_words_of_others_cannot_become_links(platform: Platform) -> None:
    person_id = await followers.record_follow(platform.account.appid, platform.openid(), None, clock.now())
    await tell("notice_published", person_id, params={"title": '<a href="https://evil">领奖</a>'})
    assert '<a href="https://evil' not in (await platform.say("消息")).text
