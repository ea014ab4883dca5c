"""Every public method of wechatpy, called with dummy arguments: awaited, not blocking, whole."""

import inspect
import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import asdict, is_dataclass
from typing import Any

import pytest
import requests
from wechatpy.client.api.base import BaseWeChatAPI

from app.gateways.wechat import NotOffered, WeChat
from app.gateways.wechat.client import AsyncWeChatClient
from config.settings import current
from tests.gateways.wechat.scripted import Scripted, said, scripted

# They only compute, and give their result without being awaited.
COMPUTE = {
    "card.get_colors",
    "device.get_qrcode_url",
    "jsapi.get_jsapi_signature",
    "message.get_subscribe_authorize_url",
    "qrcode.get_url",
}
# They would block the loop.
REFUSED = {"qrcode.show", "cloud.upload_file"}

# Whatever one of wechatpy's readers looks for is there.
_RICH: dict[str, Any] = {
    "count": 1,
    "deleted": 0,
    "errcode": 0,
    "expires_in": 7200,
    "resp_data": "{}",
    "data": {"openid": ["o1", "o2"], "list": [], "page_id": 1, "qrcode_url": "u", "user_action_set_id": 1},
    **dict.fromkeys(
        ("auth_url", "card_id", "code", "content", "groupid", "image_url", "invoice_url"), "text"
    ),
    **dict.fromkeys(("job_id", "open_appid", "priTmplId", "s_media_id", "template_id", "ticket"), "text"),
    **dict.fromkeys(("unionid", "url"), "text"),
    **{name: [] for name in ("cate_list", "category_list", "delete_list", "file_list", "groups")},
    **{name: [] for name in ("groups_detail", "id_list", "ip_list", "kf_list", "kf_online_list", "list")},
    **{name: [] for name in ("location_id_list", "order_list", "page_list", "properties", "result_list")},
    **{name: [] for name in ("sessionlist", "shelves", "sku_table", "tagid_list", "tags", "user_info_list")},
    **{name: {} for name in ("card", "group_detail", "info", "order", "rule_info", "tag", "template_info")},
}

_MOMENT = "2026-01-05 09:00:00"
_ARTICLE = dict.fromkeys(("title", "thumb_media_id", "content", "description", "url"), "text")
_ARGUMENTS: dict[str, Any] = {
    "article": _ARTICLE,
    "articles": [_ARTICLE],
    "auth_type": 1,
    "begin_date": _MOMENT,
    "delivery_data": {},
    "delivery_template": {},
    "end_date": _MOMENT,
    "group_properties": {},
    "media": b"a picture",
    "media_file": b"a picture",
    "n": 1,
    "product_data": {},
    "shelf_data": {},
    "source": "app",
    "user_fill": True,
}
# What is optional by its signature and yet wanted.
_MORE: dict[str, dict[str, Any]] = {
    "cloud.db_update_index": {"create_indexes": [{}]},
    "invoice.get_user_title_url": {"title": "某公司"},
    "wxa.ocr_biz_license": {"img_url": "https://example.com/a.png"},
    "wxa.ocr_idcard": {"img_url": "https://example.com/a.png"},
}


def _methods(prefix: str, area: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name in dir(area):
        # The properties of an area would ask for a token at once; they are no methods.
        if name.startswith("_") or isinstance(getattr(type(area), name, None), property):
            continue
        member = getattr(area, name)
        if isinstance(member, BaseWeChatAPI):
            yield from _methods(f"{prefix}{name}.", member)
        elif callable(member) and isinstance(area, BaseWeChatAPI):
            yield f"{prefix}{name}", member


def _called(name: str, method: Callable[..., Any]) -> Any:
    wanted = inspect.signature(method).parameters.values()
    needed = [
        one.name for one in wanted if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD
    ]
    return method(*(_ARGUMENTS.get(parameter, "1") for parameter in needed), **_MORE.get(name, {}))


@pytest.fixture
async def platform() -> AsyncIterator[Scripted]:
    async with scripted() as started:
        started.otherwise = said(**_RICH)
        yield started


@pytest.fixture
async def client(platform: Scripted) -> AsyncIterator[AsyncWeChatClient]:
    wechat = WeChat(current().model_copy(update={"wechat_api_base": platform.url}))
    await wechat.open()
    yield wechat.oa.client
    await wechat.close()


@pytest.fixture(autouse=True)
def nothing_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("a blocking call")

    monkeypatch.setattr(requests.Session, "request", refuse)
    monkeypatch.setattr(requests.api, "request", refuse)


async def test_every_method_is_awaited_and_leaves_nothing_unawaited(
    client: AsyncWeChatClient, platform: Scripted
) -> None:
    awaited, computed, refused = set(), set(), set()
    for name, method in _methods("", client):
        try:
            result = _called(name, method)
        except NotOffered:
            refused.add(name)
            continue
        if inspect.isasyncgen(result):
            result = [one async for one in result]
            awaited.add(name)
        elif inspect.isawaitable(result):
            result = await result
            awaited.add(name)
        else:
            computed.add(name)
        assert not _unawaited(result), name
    assert refused == REFUSED
    assert computed == COMPUTE
    assert len(awaited) == 380
    assert len({one.path for one in platform.asked}) > 250


def _unawaited(result: Any) -> bool:
    """Whether a coroutine hides in a result, however deep, or was written out as a text."""
    if is_dataclass(result) and not isinstance(result, type):
        result = asdict(result)
    if isinstance(result, dict):
        return any(_unawaited(one) for one in result.values())
    if isinstance(result, list | tuple):
        return any(_unawaited(one) for one in result)
    return inspect.isawaitable(result) or (isinstance(result, str) and "coroutine" in result)


async def test_lists_of_people_go_on_to_the_last_page(client: AsyncWeChatClient, platform: Scripted) -> None:
    for path in ("/cgi-bin/user/get", "/cgi-bin/user/tag/get"):
        # The last page with people names a next one, which then is empty.
        platform.answer(
            path,
            said(count=2, data={"openid": ["o1", "o2"]}, next_openid="o2"),
            said(count=1, data={"openid": ["o3"]}, next_openid="o3"),
            said(count=0, next_openid=""),
        )
    assert [openid async for openid in client.user.iter_followers()] == ["o1", "o2", "o3"]
    assert [openid async for openid in client.tag.iter_tag_users(2)] == ["o1", "o2", "o3"]
    asked = platform.calls("/cgi-bin/user/get")
    assert [one.query.get("next_openid") for one in asked] == [None, "o2", "o3"]


async def test_no_menu_is_none_and_other_refusals_stay(client: AsyncWeChatClient, platform: Scripted) -> None:
    platform.answer("/cgi-bin/menu/get", said(errcode=46003, errmsg="menu no exist"))
    assert await client.menu.get() is None


async def test_what_is_not_given_is_not_sent(client: AsyncWeChatClient, platform: Scripted) -> None:
    await client.wxa.get_url_link(path="pages/index/index")
    await client.wxa.get_url_scheme()
    await client.wxa.check_text_security("您好", openid="o1", scene=2)
    await client.message.send_template("o1", "T", {})
    sent = [json.loads(one.body) for one in platform.asked if one.path != "/cgi-bin/stable_token"]
    assert [set(body) for body in sent] == [
        {"path", "is_expire", "expire_type"},
        {"is_expire", "expire_type"},
        {"version", "openid", "scene", "content"},
        {"touser", "template_id", "data"},
    ]


async def test_a_video_is_uploaded_with_its_description(
    client: AsyncWeChatClient, platform: Scripted
) -> None:
    await client.material.add("video", b"a film", title="标题", introduction="简介")
    (asked,) = platform.calls("/cgi-bin/material/add_material")
    assert asked.query["type"] == "video"
    assert '{"title": "标题", "introduction": "简介"}'.encode() in asked.body
    with pytest.raises(ValueError):
        await client.material.add("video", b"a film")


async def test_a_signed_card_address_uses_the_decrypted_code(client: AsyncWeChatClient) -> None:
    address = await client.card.get_redirect_url("https://example.com/card", "encrypted", "c1")
    # SHA-1 of the sorted secret, code and card id, joined.
    assert address.startswith("https://example.com/card?encrypt_code=encrypted&card_id=c1&signature=")
    assert client.secret not in address
