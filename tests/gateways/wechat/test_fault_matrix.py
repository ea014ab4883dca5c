"""Every error class against every kind of call: how often we call, what is raised, and what is never told."""

import gzip
import logging
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest

from app.gateways.wechat import ErrorClass, WeChat, WeChatError, WeChatRefused, WeChatUnreachable, transport
from app.gateways.wechat import client as client_module
from config.settings import current
from tests.gateways.wechat.scripted import TOKEN, Answer, Scripted, said, scripted

_PHONE = "13800138000"
_RID = "65f0a1b2-1c2d3e4f-5a6b7c8d"


@dataclass(frozen=True)
class Call:
    """One kind of call; ``repeatable`` ones may be made again when their fate is unknown."""

    path: str
    make: Callable[[WeChat], Awaitable[object]]
    repeatable: bool


CALLS = {
    "template": Call(
        "/cgi-bin/message/template/send",
        lambda wechat: wechat.oa.send_template("o1", "T", {"phone_number1": _PHONE}, client_msg_id="m1"),
        repeatable=True,
    ),
    "subscribe": Call(
        "/cgi-bin/message/subscribe/send",
        lambda wechat: wechat.mp.send_subscribe("o1", "S", {"phone_number1": _PHONE}),
        repeatable=False,
    ),
    "custom": Call(
        "/cgi-bin/message/custom/send",
        lambda wechat: wechat.oa.send_custom("o1", {"msgtype": "text", "text": {"content": _PHONE}}),
        repeatable=False,
    ),
    "profile": Call("/cgi-bin/user/info", lambda wechat: wechat.oa.profile("o1"), repeatable=True),
}

DATA, OPERATOR, RECIPIENT = ErrorClass.DATA, ErrorClass.OPERATOR, ErrorClass.RECIPIENT
# The platform's error codes and what a sender does about each.
REFUSED_ONCE = {
    45011: ErrorClass.MINUTE,
    45009: ErrorClass.DAY,
    **dict.fromkeys((43004, 43101, 40003, 45015, 45047), RECIPIENT),
    **dict.fromkeys((47001, 47003, 40037, 41030, 40165, 40169), DATA),
    **dict.fromkeys((40125, 40164, 48001, 50002, 89503, 43116, 40249, 40250, 40251, 40252), OPERATOR),
    12345: OPERATOR,
}


@pytest.fixture
async def platform() -> AsyncIterator[Scripted]:
    async with scripted() as started:
        yield started


@pytest.fixture
async def wechat(platform: Scripted, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WeChat]:
    monkeypatch.setattr(client_module, "_PAUSE_S", 0.0)
    opened = WeChat(current().model_copy(update={"wechat_api_base": platform.url, "wechat_timeout_s": 1}))
    await opened.open()
    yield opened
    await opened.close()


def refusal(errcode: int, errmsg: str = "") -> Answer:
    return said(errcode=errcode, errmsg=f"{errmsg} hint rid: {_RID}")


async def failure(call: Call, wechat: WeChat) -> WeChatError:
    with pytest.raises(WeChatError) as failed:
        await call.make(wechat)
    return failed.value


@pytest.mark.parametrize("errcode", REFUSED_ONCE)
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_a_refusal_is_final(platform: Scripted, wechat: WeChat, call: Call, errcode: int) -> None:
    platform.answer(call.path, refusal(errcode))
    refused = await failure(call, wechat)
    assert isinstance(refused, WeChatRefused)
    assert (refused.errcode, refused.error_class, refused.rid) == (errcode, REFUSED_ONCE[errcode], _RID)
    assert refused.path == call.path
    assert (len(platform.calls(call.path)), len(platform.calls(TOKEN))) == (1, 1)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_a_busy_platform_is_asked_three_times(platform: Scripted, wechat: WeChat, call: Call) -> None:
    platform.answer(call.path, refusal(-1))
    refused = await failure(call, wechat)
    assert isinstance(refused, WeChatRefused)
    assert (refused.error_class, refused.rid) == (ErrorClass.RETRY, _RID)
    assert (len(platform.calls(call.path)), len(platform.calls(TOKEN))) == (3, 1)


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_a_token_that_stays_refused_is_renewed_once(
    platform: Scripted, wechat: WeChat, call: Call, errcode: int
) -> None:
    platform.answer(call.path, refusal(errcode))
    refused = await failure(call, wechat)
    assert isinstance(refused, WeChatRefused)
    assert (refused.error_class, refused.rid) == (ErrorClass.TOKEN, _RID)
    first, second = platform.calls(call.path)
    assert len(platform.calls(TOKEN)) == 2
    assert first.query["access_token"] != second.query["access_token"]


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
async def test_a_token_refused_once_is_forgotten(platform: Scripted, wechat: WeChat, errcode: int) -> None:
    call = CALLS["template"]
    platform.answer(call.path, refusal(errcode), said(errcode=0, msgid=1))
    assert await call.make(wechat) == 1
    assert (len(platform.calls(call.path)), len(platform.calls(TOKEN))) == (2, 2)


async def test_a_busy_platform_and_a_refused_token_have_their_own_retries(
    platform: Scripted, wechat: WeChat
) -> None:
    call = CALLS["template"]
    platform.answer(
        call.path, refusal(-1), refusal(42001), refusal(-1), refusal(42001), said(errcode=0, msgid=1)
    )
    refused = await failure(call, wechat)
    assert isinstance(refused, WeChatRefused)
    assert refused.error_class is ErrorClass.TOKEN
    assert len(platform.calls(call.path)) == 4


@pytest.mark.parametrize("errcode", [-1, 40001, 45009, 45011])
async def test_a_refusal_after_a_try_in_doubt_leaves_the_doubt(
    platform: Scripted, wechat: WeChat, errcode: int
) -> None:
    call = CALLS["template"]
    platform.answer(call.path, Answer(drop=True), refusal(errcode))
    lost = await failure(call, wechat)
    assert isinstance(lost, WeChatUnreachable)
    assert lost.sent_maybe


async def test_a_refusal_of_the_message_itself_settles_the_doubt(platform: Scripted, wechat: WeChat) -> None:
    call = CALLS["template"]
    platform.answer(call.path, Answer(drop=True), refusal(47003))
    refused = await failure(call, wechat)
    assert isinstance(refused, WeChatRefused)
    assert refused.error_class is DATA


_HTML = Answer(b"<html><body>Bad gateway</body></html>", headers={"Content-Type": "text/html"})
_BROKEN = {
    "drop": Answer(drop=True),
    "HTTP 500": Answer(b"oops", status=500),
    "HTTP 502": Answer(_HTML.body, status=502, headers=_HTML.headers),
    "HTTP 404": Answer(_HTML.body, status=404, headers=_HTML.headers),
    "HTTP 407": Answer(b"", status=407),
    "HTML": _HTML,
    "empty": Answer(b""),
    "half an answer": Answer(b'{"errcode":0,"msgid":12'),
    "a number": Answer(b"12"),
    "a list": Answer(b"[]"),
    "errcode of words": said(errcode="none"),
    "errcode without end": Answer(b'{"errcode":1e999}'),
    "base_resp of words": said(base_resp="none"),
    "HTTP 403 in JSON": Answer(b'{"message":"forbidden by the proxy"}', status=403),
    "a redirect": Answer(b"moved", status=302, headers={"Content-Type": "text/plain", "Location": "/"}),
    "bytes": Answer(b"\x00\xff\xfe"),
    "gzip that is none": Answer(b"no gzip", headers={"Content-Encoding": "gzip"}),
    "half a gzip": Answer(gzip.compress(b'{"errcode":0}' * 99)[:30], headers={"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("broken", _BROKEN.values(), ids=_BROKEN)
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_an_answer_that_is_not_wechat_s_leaves_the_fate_unknown(
    platform: Scripted, wechat: WeChat, call: Call, broken: Answer
) -> None:
    platform.answer(call.path, broken)
    lost = await failure(call, wechat)
    assert isinstance(lost, WeChatUnreachable)
    assert lost.sent_maybe
    assert lost.path == call.path
    assert len(platform.calls(call.path)) == (3 if call.repeatable else 1)


@pytest.mark.parametrize("broken", _BROKEN.values(), ids=_BROKEN)
async def test_a_picture_is_a_picture(platform: Scripted, wechat: WeChat, broken: Answer) -> None:
    path = "/wxa/getwxacodeunlimit"
    platform.answer(path, broken)
    if broken is _BROKEN["bytes"]:
        # Whether bytes are a picture is for whoever looks at them.
        assert await wechat.mp.code_image("a1", "pages/index/index") == broken.body
        return
    with pytest.raises(WeChatUnreachable):
        await wechat.mp.code_image("a1", "pages/index/index")
    assert len(platform.calls(path)) == 3


async def test_an_answer_without_end_is_given_up(
    platform: Scripted, wechat: WeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "_LARGEST_ANSWER", 1000)
    bomb = Answer(gzip.compress(b"\xff" * 100_000), headers={"Content-Encoding": "gzip"})
    platform.answer("/wxa/getwxacodeunlimit", bomb)
    with pytest.raises(WeChatUnreachable, match="too large") as lost:
        await wechat.mp.code_image("a1", "pages/index/index")
    assert lost.value.sent_maybe


async def test_a_token_that_cannot_be_fetched_stops_the_call(platform: Scripted, wechat: WeChat) -> None:
    platform.answer(TOKEN, refusal(40164))
    refused = await failure(CALLS["template"], wechat)
    assert isinstance(refused, WeChatRefused)
    assert (refused.errcode, refused.error_class) == (40164, OPERATOR)
    assert not platform.calls(CALLS["template"].path)


@pytest.mark.parametrize("broken", [*_BROKEN.values(), refusal(-1), refusal(40125)])
async def test_nothing_secret_is_told_of_any_failure(
    platform: Scripted, wechat: WeChat, broken: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    told = []
    for name, call in CALLS.items():
        account = (wechat.mp if name == "subscribe" else wechat.oa).account
        echo = refusal(40013, f"token-1-of-{account.appid} of {_PHONE} with {account.secret}")
        for answer in (broken, echo):
            platform.answer(call.path, answer)
            told += _everything_told(await failure(call, wechat))
            platform.forget(call.path)
    platform.answer(TOKEN, broken)
    await wechat.oa.client.tokens.invalidate(await wechat.oa.client.tokens.get())
    told += _everything_told(await failure(CALLS["profile"], wechat))
    told += [record.getMessage() for record in caplog.records if record.name.startswith("app.")]
    for secret in (wechat.oa.account.secret, wechat.mp.account.secret, "token-1-of-", "token-2-of-", _PHONE):
        assert not [line for line in told if secret in line]


def _everything_told(failed: BaseException) -> list[str]:
    """What a log, a report or a debugger could show of a failure and all that led to it."""
    told = ["".join(traceback.format_exception_only(failed)), repr(failed), str(failed), repr(vars(failed))]
    told += [repr(argument) for argument in failed.args]
    # What is suppressed is not printed; a cause is.
    return told if failed.__cause__ is None else told + _everything_told(failed.__cause__)
