"""Login and phone number: what the person hears of each refusal."""

import pytest

from app.gateways.wechat import AskedTooOften, CodeInvalid, PersonBlocked, WeChat, WeChatDown
from app.kit.errors import Fault
from app.sandbox.running import Running
from app.sandbox.world import openid_of, phone_of, unionid_of

_LOGIN = "/sns/jscode2session"


async def test_a_code_becomes_openid_unionid_and_session_key(wechat: WeChat) -> None:
    session = await wechat.mp.code_to_session("sandbox-zhang")
    assert session.openid == openid_of(wechat.mp.appid, "zhang")
    assert session.unionid == unionid_of("zhang")
    assert len(session.session_key) == 24


async def test_login_asks_for_no_access_token(platform: Running, wechat: WeChat) -> None:
    await wechat.mp.code_to_session("sandbox-zhang")
    assert dict(platform.sandbox.calls) == {_LOGIN: 1}


@pytest.mark.parametrize(
    ("errcode", "heard"),
    [
        (40029, CodeInvalid),
        (40163, CodeInvalid),
        (40226, PersonBlocked),
        (45011, AskedTooOften),
        (-1, WeChatDown),
        (40125, WeChatDown),
    ],
)
async def test_each_refusal_has_its_words(
    platform: Running, wechat: WeChat, errcode: int, heard: type[Fault]
) -> None:
    platform.sandbox.faults.order({"path": _LOGIN, "errcode": errcode})
    with pytest.raises(heard):
        await wechat.mp.code_to_session("sandbox-zhang")


@pytest.mark.parametrize("fault", [{"status": 500}, {"drop": True}, {"delay_s": 0.6}])
async def test_a_lost_wechat_is_unavailable_not_an_error_of_ours(
    platform: Running, wechat: WeChat, fault: dict[str, object]
) -> None:
    platform.sandbox.faults.order({"path": _LOGIN, **fault})
    with pytest.raises(WeChatDown):
        await wechat.mp.code_to_session("sandbox-zhang")


@pytest.mark.parametrize("code", ["", "x" * 129, "码", "a b", "a\n"])
async def test_what_cannot_be_a_code_is_not_even_asked(platform: Running, wechat: WeChat, code: str) -> None:
    with pytest.raises(CodeInvalid) as refusal:
        await wechat.mp.code_to_session(code)
    assert "code" in refusal.value.fields
    assert not platform.sandbox.calls


async def test_the_phone_number_of_a_code(wechat: WeChat) -> None:
    openid = openid_of(wechat.mp.appid, "zhang")
    assert await wechat.mp.phone_number("phone-zhang", openid) == phone_of("zhang")


async def test_somebody_else_s_phone_code_is_refused(wechat: WeChat) -> None:
    with pytest.raises(CodeInvalid):
        await wechat.mp.phone_number("phone-zhang", openid_of(wechat.mp.appid, "li"))
