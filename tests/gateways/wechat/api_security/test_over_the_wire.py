"""The whole way: a mini-program with the switch on, calling a sandbox that insists on it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import aiohttp
import pytest
from redis.asyncio import Redis

from app.gateways.wechat import WeChat, WeChatRefused
from app.gateways.wechat.api_security import MissingProof, UntrustedAnswer
from app.sandbox.options import Options
from app.sandbox.running import Running, running
from app.sandbox.templates import Templates
from app.sandbox.world import openid_of, phone_of
from tests.gateways.wechat.api_security.conftest import NEW_SN, OLD_SN, Side

_CHECK = "/wxa/msg_sec_check"


@dataclass(frozen=True)
class Secured:
    """A sandbox and a server that share the keys of one suite."""

    side: Side
    platform: Running
    wechat: WeChat
    openid: str


async def _serve(side: Side, options: Options, templates: Templates) -> AsyncIterator[Secured]:
    async with running(options, templates) as platform:
        settings = side.settings.model_copy(update={"wechat_api_base": platform.url})
        wechat = WeChat(settings)
        await wechat.open()
        try:
            await wechat.mp.code_to_session("sandbox-zhang")
            yield Secured(side, platform, wechat, openid_of(wechat.mp.appid, "zhang"))
        finally:
            await wechat.close()


@pytest.fixture
async def secured(side: Side, templates: Templates, valkey: Redis) -> AsyncIterator[Secured]:
    async for one in _serve(side, Options.from_settings(side.settings), templates):
        yield one


async def test_a_phone_number_comes_back_sealed(secured: Secured) -> None:
    assert await secured.wechat.mp.phone_number("phone-zhang", secured.openid) == phone_of("zhang")


async def test_texts_messages_quotas_and_codes_go_sealed(
    secured: Secured, booked: dict[str, str], templates: Templates
) -> None:
    mp, sandbox = secured.wechat.mp, secured.platform.sandbox
    assert (await mp.check_text(secured.openid, "违禁", scene=2)).suggest == "risky"
    sandbox.world.consent(sandbox.world.person("zhang"), "S-BOOKED", long_term=False)
    await mp.send_subscribe(secured.openid, "S-BOOKED", booked, page="pages/index/index")
    assert (await mp.quota(_CHECK)).daily_limit > 0
    assert (await mp.code_image("Ab3", "pages/index/index")).startswith((b"\x89PNG", b"\xff\xd8\xff"))


async def test_a_business_error_comes_back_sealed_and_is_itself(
    secured: Secured, booked: dict[str, str]
) -> None:
    with pytest.raises(WeChatRefused) as refusal:
        await secured.wechat.mp.send_subscribe(secured.openid, "S-BOOKED", booked)
    assert refusal.value.errcode == 43101


async def test_a_refused_token_is_renewed_as_always(secured: Secured) -> None:
    secured.platform.sandbox.faults.order({"path": _CHECK, "errcode": 40001, "times": 1})
    assert (await secured.wechat.mp.check_text(secured.openid, "您好", scene=2)).suggest == "pass"


async def test_an_answer_from_somewhere_else_is_not_believed(secured: Secured) -> None:
    secured.platform.sandbox.faults.order({"path": _CHECK, "errcode": 43101})
    with pytest.raises(MissingProof):
        await secured.wechat.mp.check_text(secured.openid, "您好", scene=2)
    secured.platform.sandbox.faults.clear()
    secured.platform.sandbox.faults.order({"path": _CHECK, "garbage": "html"})
    with pytest.raises(UntrustedAnswer):
        await secured.wechat.mp.check_text(secured.openid, "您好", scene=2)


async def test_the_sandbox_refuses_a_plain_call_to_a_sealed_path(secured: Secured) -> None:
    token = await secured.wechat.mp.client.tokens.get()
    body = {"version": 2, "openid": secured.openid, "scene": 2, "content": "您好"}
    async with (
        aiohttp.ClientSession(secured.platform.url) as session,
        session.post(_CHECK, params={"access_token": token}, json=body) as answer,
    ):
        told = await answer.json(content_type=None)
        assert told["errcode"] == 40233
        assert "Wechatmp-Signature" not in answer.headers


async def test_the_public_account_goes_plain_on_the_same_paths(secured: Secured) -> None:
    sandbox = secured.platform.sandbox
    await sandbox.follow(sandbox.world.person("li"))
    oa = secured.wechat.oa
    with pytest.raises(WeChatRefused) as refusal:
        await oa.send_custom("nobody", {"msgtype": "text", "text": {"content": "您好"}})
    assert refusal.value.errcode == 40003


async def test_both_certificates_sign_while_one_replaces_the_other(
    side: Side, templates: Templates, valkey: Redis
) -> None:
    options = Options.from_settings(side.settings)
    assert options.api_security is not None
    changing = replace(options.api_security, certificate=(NEW_SN, side.new), leaving=(OLD_SN, side.old))
    async for one in _serve(side, replace(options, api_security=changing), templates):
        assert (await one.wechat.mp.check_text(one.openid, "您好", scene=2)).suggest == "pass"
