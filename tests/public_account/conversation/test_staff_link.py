"""绑定工号: the code of the workplace links this WeChat, and nobody finds one out by trying."""

from app.domain.accounts import followers
from app.kit import clock
from notifications.wording import readers
from tests.factories.wording import publisher
from tests.public_account.conftest import Platform


async def test_the_code_links_whoever_says_it(platform: Platform) -> None:
    who = publisher()
    person_id = await followers.record_follow(platform.account.appid, platform.openid(), None, clock.now())
    code, _ = await readers.new_code(who)
    assert "绑定成功" in (await platform.say(f"绑定工号：{code[:3]} {code[3:]}")).text
    assert await readers.people_of([who.id]) == {who.id: person_id}
    assert "不对或已过期" in (await platform.say(f"绑定工号 {code}")).text


async def test_who_says_half_of_it_is_told_how(platform: Platform) -> None:
    for words in ("绑定工号", "绑定工号 123"):
        assert "六位绑定码" in (await platform.say(words)).text


async def test_who_guesses_is_stopped(platform: Platform) -> None:
    await followers.record_follow(platform.account.appid, platform.openid(), None, clock.now())
    for _ in range(5):
        assert "不对或已过期" in (await platform.say("绑定工号 000000")).text
    assert "半小时后再试" in (await platform.say("绑定工号 000000")).text


async def test_a_stranger_is_asked_to_follow(platform: Platform) -> None:
    assert "请先关注" in (await platform.say("绑定工号 123456", name="nobody")).text
