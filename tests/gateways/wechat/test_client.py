"""What the client does about each kind of failure, and what it never tells."""

import asyncio
import io
import logging
import socket
from typing import Any

import pytest

from app.gateways.wechat import ErrorClass, WeChat, WeChatRefused, WeChatUnreachable, classify
from app.gateways.wechat.transport import RawAnswer, Transport
from app.sandbox.running import Running
from config.settings import Settings

_SEND = "/cgi-bin/message/template/send"
_SUBSCRIBE = "/cgi-bin/message/subscribe/send"
_INFO = "/cgi-bin/user/info"


def _strike(platform: Running, path: str, **fault: Any) -> None:
    platform.sandbox.faults.order({"path": path, **fault})


def _shown(platform: Running) -> int:
    return len(platform.sandbox.world.person("zhang").messages)


async def test_wechatpy_methods_are_awaited_unchanged(wechat: WeChat, follower: str) -> None:
    person = await wechat.oa.client.user.get(follower)
    assert person["openid"] == follower
    listed = await wechat.oa.client.template.get_all_private_template()
    assert [template["template_id"] for template in listed["template_list"]] == ["T-BOOKED"]


@pytest.mark.parametrize("busy_times", [1, 2])
async def test_a_busy_platform_is_asked_again(
    platform: Running, wechat: WeChat, follower: str, booked: dict[str, str], busy_times: int
) -> None:
    _strike(platform, _SEND, errcode=-1, times=busy_times)
    await wechat.oa.send_template(follower, "T-BOOKED", booked, client_msg_id="m1")
    assert platform.sandbox.calls[_SEND] == busy_times + 1


async def test_a_platform_that_stays_busy_is_asked_three_times(
    platform: Running, wechat: WeChat, follower: str
) -> None:
    _strike(platform, _INFO, errcode=-1)
    with pytest.raises(WeChatRefused) as refusal:
        await wechat.oa.client.user.get(follower)
    assert refusal.value.error_class is ErrorClass.RETRY
    assert platform.sandbox.calls[_INFO] == 3


async def test_a_refused_token_is_renewed_once(platform: Running, wechat: WeChat, follower: str) -> None:
    for errcode in (40001, 40014, 42001):
        _strike(platform, _INFO, errcode=errcode, times=1)
        platform.sandbox.calls.clear()
        assert (await wechat.oa.client.user.get(follower))["subscribe"] == 1
        assert platform.sandbox.calls[_INFO] == 2


async def test_a_token_that_stays_refused_stops_after_one_renewal(
    platform: Running, wechat: WeChat, follower: str
) -> None:
    _strike(platform, _INFO, errcode=40001)
    with pytest.raises(WeChatRefused) as refusal:
        await wechat.oa.client.user.get(follower)
    assert refusal.value.error_class is ErrorClass.TOKEN
    assert platform.sandbox.calls[_INFO] == 2


@pytest.mark.parametrize("errcode", [43004, 43101, 40003, 47003, 40037, 45009, 45011, 48001])
async def test_other_refusals_are_not_repeated(
    platform: Running, wechat: WeChat, follower: str, booked: dict[str, str], errcode: int
) -> None:
    _strike(platform, _SEND, errcode=errcode)
    with pytest.raises(WeChatRefused) as refusal:
        await wechat.oa.send_template(follower, "T-BOOKED", booked, client_msg_id="m1")
    assert refusal.value.errcode == errcode
    assert refusal.value.rid is not None
    assert refusal.value.rid in refusal.value.errmsg
    assert refusal.value.path == _SEND
    assert platform.sandbox.calls[_SEND] == 1


@pytest.mark.parametrize("fault", [{"drop": "before"}, {"drop": "after"}, {"delay_s": 0.6}, {"status": 502}])
async def test_a_template_whose_fate_is_unknown_is_repeated_and_arrives_once(
    platform: Running, wechat: WeChat, follower: str, booked: dict[str, str], fault: dict[str, Any]
) -> None:
    _strike(platform, _SEND, times=1, **fault)
    await wechat.oa.send_template(follower, "T-BOOKED", booked, client_msg_id="m1")
    assert platform.sandbox.calls[_SEND] == 2
    assert _shown(platform) == 1


@pytest.mark.parametrize("fault", [{"drop": "after"}, {"delay_s": 0.6}, {"status": 502}])
async def test_a_subscribe_message_whose_fate_is_unknown_is_not_repeated(
    platform: Running, wechat: WeChat, booked: dict[str, str], fault: dict[str, Any]
) -> None:
    session = await wechat.mp.code_to_session("sandbox-zhang")
    person = platform.sandbox.world.person("zhang")
    template = platform.sandbox.templates["S-BOOKED"]
    for _ in range(2):
        await platform.sandbox.answer_prompt(person, [template], accept=True)
    _strike(platform, _SUBSCRIBE, **fault)
    with pytest.raises(WeChatUnreachable) as lost:
        await wechat.mp.send_subscribe(session.openid, "S-BOOKED", booked)
    assert lost.value.sent_maybe
    assert platform.sandbox.calls[_SUBSCRIBE] == 1


async def test_a_call_that_never_left_is_certain_not_to_have_arrived(towards: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    client = WeChat(towards.model_copy(update={"wechat_api_base": f"http://127.0.0.1:{port}"}))
    await client.open()
    try:
        with pytest.raises(WeChatUnreachable) as refusal:
            await client.oa.send_template("o1", "T", {}, client_msg_id="m1")
        assert not refusal.value.sent_maybe
    finally:
        await client.close()


async def test_one_try_in_doubt_leaves_the_whole_call_in_doubt(
    towards: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = WeChat(towards)
    tries = iter([True, False, False])

    async def break_off(*_: Any, **__: Any) -> Any:
        raise WeChatUnreachable("/cgi-bin/message/template/send", "broken", sent_maybe=next(tries))

    async def token() -> str:
        return "a token"

    monkeypatch.setattr(client.oa.client.tokens, "get", token)
    monkeypatch.setattr(client.oa.client._transport, "send", break_off)
    with pytest.raises(WeChatUnreachable) as lost:
        await client.oa.send_template("o1", "T", {}, client_msg_id="m1")
    assert lost.value.sent_maybe


async def test_a_server_that_never_answers_costs_bounded_time(towards: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        transport = Transport(f"http://127.0.0.1:{silent.getsockname()[1]}", answer_s=0.1)
        await transport.open()
        try:
            started = asyncio.get_running_loop().time()
            with pytest.raises(WeChatUnreachable) as refusal:
                await transport.send("POST", "/cgi-bin/menu/create", body=b"{}")
            assert refusal.value.sent_maybe
            assert asyncio.get_running_loop().time() - started < 1
        finally:
            await transport.close()


async def test_every_official_host_is_replaced_by_the_setting() -> None:
    transport = Transport("http://127.0.0.1:9/proxy/")
    assert transport.address("https://api.weixin.qq.com/wxa/x?a=1") == "http://127.0.0.1:9/proxy/wxa/x?a=1"
    assert transport.address("https://api2.weixin.qq.com/sns/y") == "http://127.0.0.1:9/proxy/sns/y"
    assert transport.address("/cgi-bin/z") == "http://127.0.0.1:9/proxy/cgi-bin/z"


async def test_a_file_is_uploaded_whole_on_the_second_try_too(platform: Running, wechat: WeChat) -> None:
    sizes: list[int] = []

    class Counting(Transport):
        async def send(self, method: str, url: str, *, files: Any = None, **more: Any) -> RawAnswer:
            answer = await super().send(method, url, files=files, **more)
            if files:
                sizes.append(files["media"].tell())
            return answer

    wechat.oa.client._transport = Counting(platform.url)
    await wechat.oa.client._transport.open()
    _strike(platform, "/cgi-bin/media/upload", errcode=42001)
    with pytest.raises(WeChatRefused):
        await wechat.oa.client.media.upload("image", io.BytesIO(b"x" * 1000))
    await wechat.oa.client._transport.close()
    assert sizes == [1000, 1000]


async def test_nothing_secret_or_personal_is_told(
    platform: Running, wechat: WeChat, follower: str, booked: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    session = await wechat.mp.code_to_session("sandbox-zhang")
    number = await wechat.mp.phone_number("phone-zhang", session.openid)
    token = await wechat.oa.client.tokens.get()
    said = [repr(wechat.oa.client), repr(wechat.oa.client.tokens), repr(wechat.oa.account), repr(session)]
    secret = wechat.oa.account.secret
    for fault in (
        {"errcode": 40013, "errmsg": f"bad {token} of {secret} for {number}"},
        {"drop": "before"},
        {"delay_s": 0.6},
        {"status": 500},
    ):
        platform.sandbox.faults.order({"path": _SEND, **fault})
        with pytest.raises((WeChatRefused, WeChatUnreachable)) as failed:
            await wechat.oa.send_template(follower, "T-BOOKED", booked, client_msg_id="m1")
        said += [
            str(failed.value),
            repr(failed.value),
            repr(failed.value.__cause__),
            repr(vars(failed.value)),
        ]
    told = "\n".join(
        [*said, *(record.getMessage() for record in caplog.records if record.name.startswith("app."))]
    )
    for hidden in (token, secret, session.session_key, number):
        assert hidden not in told


@pytest.mark.parametrize(
    ("errcode", "path", "right"),
    [
        (-1, _SEND, ErrorClass.RETRY),
        (42001, _SEND, ErrorClass.TOKEN),
        (40001, "/cgi-bin/stable_token", ErrorClass.OPERATOR),
        (45011, _SEND, ErrorClass.MINUTE),
        (45009, _SEND, ErrorClass.DAY),
        (43004, _SEND, ErrorClass.RECIPIENT),
        (43101, _SEND, ErrorClass.RECIPIENT),
        (47003, _SEND, ErrorClass.DATA),
        (40164, _SEND, ErrorClass.OPERATOR),
        (43116, _SEND, ErrorClass.OPERATOR),
        (99999, _SEND, ErrorClass.OPERATOR),
    ],
)
def test_each_error_code_has_its_class(errcode: int, path: str, right: ErrorClass) -> None:
    assert classify(errcode, path) is right
