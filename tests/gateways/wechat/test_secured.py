"""Where signing and encryption plug in: what the client hands over and what it makes of the answer."""

from collections.abc import AsyncIterator, Mapping

import pytest

from app.gateways.wechat import WeChat, WeChatError, WeChatRefused
from app.gateways.wechat import client as client_module
from config.settings import current
from tests.gateways.wechat.scripted import TOKEN, Answer, Scripted, said, scripted

_CHECK = "/wxa/msg_sec_check"
_CLEAN = said(errcode=0, result={"suggest": "pass", "label": 100}, trace_id="t")


class Forged(WeChatError):
    """The seal of an answer is broken."""


class Reversing:
    """A seal that turns bodies round and counts them."""

    def __init__(self) -> None:
        self.sealed: list[tuple[str, Mapping[str, str], bytes]] = []

    def covers(self, path: str) -> bool:
        return path == _CHECK

    def seal(self, path: str, query: Mapping[str, str], body: bytes) -> tuple[bytes, Mapping[str, str]]:
        self.sealed.append((path, query, body))
        return body[::-1], {"Wechatmp-Signature": f"{len(self.sealed)}"}

    def open(
        self,
        path: str,  # noqa: ARG002  The signature is the Protocol's.
        status: int,  # noqa: ARG002  The same.
        headers: Mapping[str, str],
        body: bytes,
    ) -> bytes:
        if headers.get("Wechatmp-Signature") != "right":
            raise Forged("broken")
        return body[::-1]


def _signed(answer: Answer, signature: str = "right") -> Answer:
    headers = {"Content-Type": "application/json", "Wechatmp-Signature": signature}
    return Answer(answer.body[::-1], headers=headers)


@pytest.fixture
async def platform() -> AsyncIterator[Scripted]:
    async with scripted() as started:
        yield started


@pytest.fixture
async def wechat(platform: Scripted, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WeChat]:
    monkeypatch.setattr(client_module, "_PAUSE_S", 0.0)
    opened = WeChat(current().model_copy(update={"wechat_api_base": platform.url}))
    opened.mp.client._secure = Reversing()
    await opened.open()
    yield opened
    await opened.close()


async def test_a_covered_call_goes_sealed_and_comes_back_opened(platform: Scripted, wechat: WeChat) -> None:
    platform.answer(_CHECK, _signed(_CLEAN))
    assert (await wechat.mp.check_text("o1", "a", scene=2)).suggest == "pass"
    (asked,) = platform.calls(_CHECK)
    assert asked.headers["Wechatmp-Signature"] == "1"
    assert asked.headers["Content-Type"].startswith("application/json")
    assert asked.body[::-1].startswith(b'{"version":2')


async def test_every_try_has_a_seal_of_its_own(platform: Scripted, wechat: WeChat) -> None:
    busy, expired = said(errcode=-1, errmsg="busy"), said(errcode=42001, errmsg="expired")
    platform.answer(_CHECK, _signed(busy), _signed(expired), _signed(_CLEAN))
    assert (await wechat.mp.check_text("o1", "a", scene=2)).suggest == "pass"
    assert [one.headers["Wechatmp-Signature"] for one in platform.calls(_CHECK)] == ["1", "2", "3"]
    assert len(platform.calls(TOKEN)) == 2


async def test_an_answer_with_a_broken_seal_is_not_read(platform: Scripted, wechat: WeChat) -> None:
    platform.answer(_CHECK, _signed(_CLEAN, "wrong"))
    with pytest.raises(Forged):
        await wechat.mp.check_text("o1", "a", scene=2)
    assert len(platform.calls(_CHECK)) == 1


async def test_a_call_that_is_not_covered_goes_plain(platform: Scripted, wechat: WeChat) -> None:
    platform.answer("/wxa/generate_urllink", said(errcode=85401, errmsg="x rid: 1-2-3"))
    with pytest.raises(WeChatRefused):
        await wechat.mp.url_link("pages/index/index")
    (asked,) = platform.calls("/wxa/generate_urllink")
    assert "Wechatmp-Signature" not in asked.headers
