"""The doors of the facade at the sandbox, which keeps the platform's rules and was written on its own."""

import hashlib

import aiohttp
import pytest
from yarl import URL

from app.gateways.wechat import CodeInvalid, ErrorClass, Follower, WeChat, WeChatRefused
from app.sandbox.running import Running
from app.sandbox.world import openid_of, unionid_of
from config.settings import Settings, current

_MENU = {"button": [{"type": "click", "name": "帮助", "key": "help"}]}
_STAFF_MENU = {"button": [{"type": "click", "name": "办税", "key": "tax"}]}


@pytest.fixture
def towards(platform: Running) -> Settings:
    """Browsers go to the sandbox too."""
    stand_in = {"wechat_api_base": platform.url, "wechat_open_base": platform.url}
    return current().model_copy(update=stand_in)


async def test_followers_and_their_tags(wechat: WeChat, follower: str) -> None:
    tag_id = await wechat.oa.create_tag("办税人员")
    await wechat.oa.tag_people(tag_id, [follower])
    assert await wechat.oa.profile(follower) == Follower(
        follower, is_follower=True, unionid=unionid_of("zhang"), tag_ids=(tag_id,)
    )
    assert [openid async for openid in wechat.oa.followers()] == [follower]
    assert [openid async for openid in wechat.oa.client.tag.iter_tag_users(tag_id)] == [follower]
    assert {tag.name: tag.count for tag in await wechat.oa.tags()}["办税人员"] == 1
    await wechat.oa.untag_people(tag_id, [follower])
    assert (await wechat.oa.profile(follower)).tag_ids == ()
    with pytest.raises(WeChatRefused) as twice:
        await wechat.oa.create_tag("办税人员")
    assert twice.value.error_class is ErrorClass.DATA


async def test_menus_for_everybody_and_for_a_group(wechat: WeChat, follower: str) -> None:
    assert await wechat.oa.menu() is None
    await wechat.oa.create_menu(_MENU)
    tag_id = await wechat.oa.create_tag("办税人员")
    menuid = await wechat.oa.add_conditional_menu({**_STAFF_MENU, "matchrule": {"tag_id": str(tag_id)}})
    await wechat.oa.tag_people(tag_id, [follower])
    assert (await wechat.oa.match_menu(follower))["button"][0]["name"] == "办税"
    has = await wechat.oa.menu()
    assert has is not None
    assert [str(one["menuid"]) for one in has["conditionalmenu"]] == [menuid]
    await wechat.oa.delete_conditional_menu(menuid)
    assert (await wechat.oa.match_menu(follower))["button"][0]["name"] == "帮助"
    await wechat.oa.delete_menu()
    assert await wechat.oa.menu() is None


async def test_signing_in_on_a_page(platform: Running, wechat: WeChat, towards: Settings) -> None:
    back = f"{towards.public_url}/h5/authorized"
    address = wechat.oa.authorize_url(back, "State1")
    asked = URL(address).with_fragment(None).update_query(sandbox_person="zhang")
    async with aiohttp.ClientSession() as browser, browser.get(asked, allow_redirects=False) as answer:
        assert answer.status == 302
        landed = URL(answer.headers["Location"])
    assert str(landed.with_query(None)) == back
    assert landed.query["state"] == "State1"
    grant = await wechat.oa.exchange_code(landed.query["code"])
    assert grant.openid == openid_of(wechat.oa.appid, "zhang")
    assert not grant.is_snapshot
    with pytest.raises(CodeInvalid):
        await wechat.oa.exchange_code(landed.query["code"])


async def test_signing_a_page(wechat: WeChat) -> None:
    signed = await wechat.oa.sign_page("https://weiban.example/h5/?a=1#top")
    ticket = await wechat.oa.jsapi_ticket()
    text = f"jsapi_ticket={ticket}&noncestr={signed.nonce_str}&timestamp={signed.timestamp}"
    digest = hashlib.sha1(
        f"{text}&url=https://weiban.example/h5/?a=1".encode(), usedforsecurity=False
    ).hexdigest()
    assert signed.signature == digest


@pytest.mark.parametrize("expires_s", [600, None])
async def test_a_scene_code_can_be_seen(wechat: WeChat, expires_s: int | None) -> None:
    made = await wechat.oa.scene_code("Scene1", expires_s=expires_s)
    assert made.expires_s == expires_s
    async with aiohttp.ClientSession() as browser, browser.get(made.image_url) as answer:
        assert (await answer.read()).startswith(b"\x89PNG")


async def test_a_mini_program_code_of_a_released_page(wechat: WeChat) -> None:
    picture = await wechat.mp.code_image("aB3dE5gH7j", "pages/booking/index")
    assert picture.startswith((b"\x89PNG", b"\xff\xd8"))
    with pytest.raises(WeChatRefused) as refused:
        await wechat.mp.code_image("aB3", "pages/unknown/index")
    assert (refused.value.errcode, refused.value.error_class) == (41030, ErrorClass.DATA)
    with pytest.raises(WeChatRefused) as too_long:
        await wechat.mp.code_image("a" * 33, "pages/booking/index")
    assert too_long.value.errcode == 40169


async def test_a_link_into_the_mini_program(wechat: WeChat) -> None:
    assert (await wechat.mp.url_link("pages/index/index", "from=sms")).startswith("http")
    with pytest.raises(WeChatRefused) as refused:
        await wechat.mp.url_link("pages/index/index", days=31)
    assert refused.value.error_class is ErrorClass.DATA


async def test_a_customer_service_message_within_its_window(
    platform: Running, wechat: WeChat, follower: str
) -> None:
    message = {"msgtype": "text", "text": {"content": "您好"}}
    await wechat.oa.send_custom(follower, message)
    assert platform.sandbox.world.person("zhang").messages[-1]["text"] == "您好"
    with pytest.raises(WeChatRefused) as refused:
        await wechat.oa.send_custom(openid_of(wechat.oa.appid, "li"), message)
    assert refused.value.error_class is ErrorClass.RECIPIENT


@pytest.mark.parametrize(
    ("text", "suggest"), [("预约办税", "pass"), ("违禁内容", "risky"), ("可疑内容", "review")]
)
async def test_a_text_is_judged(wechat: WeChat, text: str, suggest: str) -> None:
    session = await wechat.mp.code_to_session("sandbox-zhang")
    verdict = await wechat.mp.check_text(session.openid, text, scene=2)
    assert verdict.suggest == suggest
    assert (verdict.label == 100) is (suggest == "pass")


async def test_the_library_of_both_accounts(wechat: WeChat) -> None:
    (template,) = await wechat.oa.templates()
    assert (template.template_id, template.title) == ("T-BOOKED", "预约成功通知")
    assert "{{thing1.DATA}}" in template.content
    (subscribe,) = await wechat.mp.subscribe_templates()
    assert (subscribe.template_id, subscribe.type) == ("S-BOOKED", 2)


async def test_the_quota_counts_our_calls(wechat: WeChat) -> None:
    await wechat.oa.tags()
    await wechat.oa.menu()
    told = await wechat.oa.quota("/cgi-bin/menu/get")
    assert told.used == 1
    assert told.remain == told.daily_limit - 1
