"""Mass sends at the sandbox, which keeps the platform's rules and was written on its own."""

from datetime import timedelta

import pytest

from app.gateways.wechat import Article, ErrorClass, WeChat, WeChatRefused, mass_article, mass_text
from app.kit import clock
from app.sandbox.running import Running
from app.sandbox.world import openid_of

_COVER = ("cover.png", b"\x89PNG\r\n\x1a\n1", "image/png")


@pytest.fixture
async def people(platform: Running, wechat: WeChat) -> list[str]:
    """The openids of three followers."""
    names = ("zhang", "li", "wang")
    for name in names:
        await platform.sandbox.follow(platform.sandbox.world.person(name))
    return [openid_of(wechat.oa.appid, name) for name in names]


def _phone(platform: Running, name: str = "zhang") -> list[str]:
    return [message["kind"] for message in platform.sandbox.world.person(name).messages]


async def test_an_article_from_picture_to_deletion(
    wechat: WeChat, platform: Running, people: list[str]
) -> None:
    inside = await wechat.oa.upload_image(_COVER)
    cover = await wechat.oa.add_picture(_COVER)
    draft = await wechat.oa.add_draft(
        [Article("放假安排", f"<p><img src='{inside}'></p>", cover, "照常开放")]
    )
    await wechat.oa.mass_preview(people[0], mass_article(draft))
    job = await wechat.oa.mass_to(people, mass_article(draft), "c1-1")
    assert job.msg_data_id is not None
    assert await _settled(wechat, job.msg_id) == "SEND_SUCCESS"
    assert (_phone(platform), _phone(platform, "wang")) == (["news", "news"], ["news"])
    await wechat.oa.mass_delete(job.msg_id)
    assert await wechat.oa.mass_state(job.msg_id) == "DELETE"


async def test_a_text_goes_to_all_or_to_a_tag(wechat: WeChat, platform: Running, people: list[str]) -> None:
    tag_id = await wechat.oa.create_tag("出口企业")
    await wechat.oa.tag_people(tag_id, people[:1])
    await _settled(wechat, (await wechat.oa.mass_by_tag(None, mass_text("大家好"), "c1-1")).msg_id)
    await _settled(wechat, (await wechat.oa.mass_by_tag(tag_id, mass_text("您好"), "c1-2")).msg_id)
    assert (_phone(platform), _phone(platform, "li")) == (["text", "text"], ["text"])


async def test_the_same_id_gives_the_job_of_the_first_time(
    wechat: WeChat, platform: Running, people: list[str]
) -> None:
    start = clock.now()
    with clock.frozen(start):
        first = await wechat.oa.mass_to(people, mass_text("大家好"), "c1-1")
        with pytest.raises(WeChatRefused) as soon:
            await wechat.oa.mass_to(people, mass_text("大家好"), "c1-1")
    assert soon.value.error_class is ErrorClass.MINUTE
    with clock.frozen(start + timedelta(minutes=2)):
        assert (await wechat.oa.mass_to(people, mass_text("大家好"), "c1-1")).msg_id == first.msg_id
    await _settled(wechat, first.msg_id)
    assert _phone(platform) == ["text"]


@pytest.mark.parametrize(("errcode", "expected"), [(45028, ErrorClass.OPERATOR), (42010, ErrorClass.MINUTE)])
async def test_what_a_refused_mass_send_asks_for(
    wechat: WeChat, platform: Running, people: list[str], errcode: int, expected: ErrorClass
) -> None:
    platform.sandbox.faults.order({"path": "/cgi-bin/message/mass/send", "errcode": errcode})
    with pytest.raises(WeChatRefused) as refused:
        await wechat.oa.mass_to(people, mass_text("大家好"), "c1-1")
    assert refused.value.error_class is expected


async def test_a_list_of_one_and_an_id_too_long_never_leave(wechat: WeChat, people: list[str]) -> None:
    with pytest.raises(ValueError, match="2 to 10000"):
        await wechat.oa.mass_to(people[:1], mass_text("大家好"), "c1-1")
    with pytest.raises(ValueError, match="32"):
        await wechat.oa.mass_to(people, mass_text("大家好"), "x" * 33)


async def _settled(wechat: WeChat, msg_id: int) -> str:
    for _ in range(100):
        state = await wechat.oa.mass_state(msg_id)
        if state != "SENDING":
            break
    return state
