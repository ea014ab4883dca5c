"""An independent client: plain wechatpy, synchronous and unmodified but for its host."""

import asyncio
from typing import Any

import pytest
from wechatpy import WeChatClient, WeChatClientException
from wechatpy.client.base import BaseWeChatClient

from app.sandbox.options import Options
from app.sandbox.running import Running
from app.sandbox.world import openid_of

_REAL_HOST = "https://api.weixin.qq.com"


@pytest.fixture
def there(platform: Running, options: Options, monkeypatch: pytest.MonkeyPatch) -> WeChatClient:
    client = WeChatClient(options.oa.appid, options.oa.secret)
    request = client._http.request

    def here(method: str, url: str, **more: Any) -> Any:
        return request(method=method, url=url.replace(_REAL_HOST, platform.url), **more)

    monkeypatch.setattr(client._http, "request", here)
    assert isinstance(client, BaseWeChatClient)
    return client


def _story(client: WeChatClient, openid: str) -> tuple[Any, Any, int]:
    data = {"thing1": {"value": "发票领用"}, "time2": {"value": "09:00"}}
    info = client.user.get(openid)
    sent = client.message.send_template(openid, "T-BOOKED", data)
    with pytest.raises(WeChatClientException) as refusal:
        client.message.send_template(openid, "T-BOOKED", {**data, "thing1": {"value": "长" * 21}})
    client._http.close()
    return info, sent, refusal.value.errcode


async def test_wechatpy_reads_followers_and_sends(talk: Any, there: WeChatClient, options: Options) -> None:
    await talk.tap("follow")
    openid = openid_of(options.oa.appid, "zhang")
    info, sent, errcode = await asyncio.to_thread(_story, there, openid)
    assert (info["subscribe"], errcode) == (1, 47003)
    assert [message["msgid"] for message in await talk.messages()] == [sent["msgid"]]
