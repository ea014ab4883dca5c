"""Mass sends refuse what the platform refuses, count four a month for everybody, and report how it went."""

import io
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from app.gateways.wechat import Event, parse
from app.gateways.wechat.envelope import Envelope
from app.kit import clock
from app.sandbox.options import Options
from app.sandbox.running import Running
from app.sandbox.world import openid_of
from tests.sandbox.conftest import Ours, until

_ALL = "/cgi-bin/message/mass/sendall"
_LIST = "/cgi-bin/message/mass/send"
_PEOPLE = ("zhang", "li", "wang")
_PNG = b"\x89PNG\r\n\x1a\n1"
_TEXT = {"msgtype": "text", "text": {"content": "国庆期间办税厅照常开放"}}


@pytest.fixture(autouse=True)
async def followers(talk: Any, ours: Ours) -> None:
    for person in _PEOPLE:
        await talk.tap("follow", person)
    ours.got.clear()


@pytest.fixture
def openids(options: Options) -> list[str]:
    return [openid_of(options.oa.appid, person) for person in _PEOPLE]


async def _picture(talk: Any, path: str, content: bytes = _PNG, **params: str) -> dict[str, Any]:
    params["access_token"] = (await talk.token())["access_token"]
    form = aiohttp.FormData()
    form.add_field("media", io.BytesIO(content), filename="cover.png")
    answer: dict[str, Any] = await talk.ask("POST", path, params=params, data=form)
    return answer


async def _draft(talk: Any, **changes: Any) -> dict[str, Any]:
    cover = (await _picture(talk, "/cgi-bin/material/add_material", type="image"))["media_id"]
    article = {
        "title": "国庆放假安排",
        "digest": "照常开放",
        "content": "<p>全文</p>",
        "thumb_media_id": cover,
    }
    answer: dict[str, Any] = await talk.call("/cgi-bin/draft/add", {"articles": [{**article, **changes}]})
    return answer


def _reports(options: Options, ours: Ours) -> list[Event]:
    envelope = Envelope(options.oa)
    said = [parse(envelope.open(body, query).message) for _, query, body in list(ours.got)]
    return [one for one in said if isinstance(one, Event)]


async def _report(options: Options, ours: Ours) -> Event:
    await until(lambda: bool(ours.got))
    return _reports(options, ours)[-1]


async def test_an_article_reaches_everybody_and_the_report_counts_them(
    talk: Any, options: Options, ours: Ours
) -> None:
    media_id = (await _draft(talk))["media_id"]
    body = {"filter": {"is_to_all": True}, "msgtype": "mpnews", "mpnews": {"media_id": media_id}}
    sent = await talk.call(_ALL, body)
    assert sent["errcode"] == 0
    report = await _report(options, ours)
    assert (report.event, report.msg_id) == ("masssendjobfinish", str(sent["msg_id"]))
    assert report.told("Status") == "send success"
    counts = [report.told(name) for name in ("TotalCount", "FilterCount", "SentCount", "ErrorCount")]
    assert counts == ["3", "3", "3", "0"]
    for person in _PEOPLE:
        (shown,) = await talk.messages(person)
        assert (shown["kind"], shown["articles"][0]["title"]) == ("news", "国庆放假安排")
    state = await talk.call("/cgi-bin/message/mass/get", {"msg_id": sent["msg_id"]})
    assert state["msg_status"] == "SEND_SUCCESS"


async def test_the_article_has_a_page_until_it_is_deleted(talk: Any, options: Options, ours: Ours) -> None:
    media_id = (await _draft(talk))["media_id"]
    body = {"filter": {"is_to_all": True}, "msgtype": "mpnews", "mpnews": {"media_id": media_id}}
    sent = await talk.call(_ALL, body)
    report = await _report(options, ours)
    address = report.raw["ArticleUrlResult"]["ResultList"]["item"]["ArticleUrl"]
    async with aiohttp.ClientSession() as session:
        async with session.get(address) as page:
            assert "<p>全文</p>" in await page.text()
            assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert (await talk.call("/cgi-bin/message/mass/delete", {"msg_id": sent["msg_id"]}))["errcode"] == 0
        async with session.get(address) as page:
            assert page.status == 404
    again = await talk.call("/cgi-bin/message/mass/delete", {"msg_id": sent["msg_id"]})
    assert again["errcode"] == 40008


async def test_what_was_sent_leaves_the_draft_box(talk: Any, openids: list[str]) -> None:
    media_id = (await _draft(talk))["media_id"]
    body = {"touser": openids, "msgtype": "mpnews", "mpnews": {"media_id": media_id}}
    assert (await talk.call(_LIST, body))["errcode"] == 0
    assert (await talk.call(_LIST, {**body, "clientmsgid": "another"}))["errcode"] == 40007


async def test_a_fifth_message_of_a_month_is_filtered(
    talk: Any, options: Options, ours: Ours, openids: list[str]
) -> None:
    last = clock.now().replace(month=1, day=31, hour=12)
    with clock.frozen(last):
        for number in range(5):
            ours.got.clear()
            await talk.call(_LIST, {"touser": openids[:2], **_TEXT, "clientmsgid": f"m{number}"})
            report = await _report(options, ours)
    assert [report.told(name) for name in ("TotalCount", "FilterCount", "SentCount")] == ["2", "0", "0"]
    assert len(await talk.messages("zhang")) == 4
    with clock.frozen(last + timedelta(days=1)):
        ours.got.clear()
        await talk.call(_LIST, {"touser": openids[:2], **_TEXT, "clientmsgid": "m6"})
        assert (await _report(options, ours)).told("SentCount") == "2"


async def test_who_does_not_follow_or_declines_is_filtered(
    talk: Any, options: Options, ours: Ours, openids: list[str]
) -> None:
    await talk.tap("unfollow", "li")
    await talk.ask("PUT", "/_sandbox/persons", json={"person": "wang", "declines": True})
    ours.got.clear()
    await talk.call(_LIST, {"touser": [*openids, "o-nobody"], **_TEXT, "clientmsgid": "m1"})
    report = await _report(options, ours)
    assert [report.told(name) for name in ("TotalCount", "FilterCount")] == ["4", "1"]


async def test_the_same_client_msg_id_is_sent_once_within_a_day(talk: Any, openids: list[str]) -> None:
    start = clock.now()
    body = {"touser": openids, **_TEXT, "clientmsgid": "once"}
    with clock.frozen(start):
        first = await talk.call(_LIST, body)
        assert (await talk.call(_LIST, body))["errcode"] == 45066
    with clock.frozen(start + timedelta(minutes=2)):
        again = await talk.call(_LIST, body)
        assert (again["errcode"], again["msg_id"]) == (45065, first["msg_id"])
    assert (await talk.ask("GET", "/_sandbox/accepted"))["items"] == {"once": 1}
    with clock.frozen(start + timedelta(days=1, minutes=1)):
        assert (await talk.call(_LIST, body))["errcode"] == 0


async def test_four_to_all_in_a_month_and_no_more(talk: Any) -> None:
    body = {"filter": {"is_to_all": True}, **_TEXT}
    answers = [(await talk.call(_ALL, {**body, "clientmsgid": f"a{n}"}))["errcode"] for n in range(5)]
    assert answers == [0, 0, 0, 0, 45028]


async def test_a_tag_reaches_those_who_wear_it(
    talk: Any, openids: list[str], options: Options, ours: Ours
) -> None:
    tag_id = (await talk.call("/cgi-bin/tags/create", {"tag": {"name": "出口企业"}}))["tag"]["id"]
    await talk.call("/cgi-bin/tags/members/batchtagging", {"tagid": tag_id, "openid_list": openids[:1]})
    await talk.call(_ALL, {"filter": {"is_to_all": False, "tag_id": tag_id}, **_TEXT})
    assert (await _report(options, ours)).told("TotalCount") == "1"
    assert [len(await talk.messages(person)) for person in _PEOPLE] == [1, 0, 0]


async def test_a_list_of_one_or_of_too_many_is_refused(talk: Any, openids: list[str]) -> None:
    for people, errcode in (
        ([openids[0]], 40130),
        ([openids[0]] * 2, 40130),
        ([str(n) for n in range(10_001)], 40032),
    ):
        assert (await talk.call(_LIST, {"touser": people, **_TEXT}))["errcode"] == errcode


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"msgtype": "mpnews", "mpnews": {"media_id": "nobody's"}}, 40007),
        ({"text": {"content": " "}}, 44004),
        ({"text": {"content": "长" * 700}}, 45002),
        ({"msgtype": "wxcard", "wxcard": {}}, 40008),
        ({"text": "words"}, 44002),
        ({"clientmsgid": "x" * 33}, 45067),
        ({"clientmsgid": 5}, 45067),
        ({"filter": None}, 40035),
        ({"filter": {"tag_id": 999}}, 45159),
    ],
)
async def test_a_wrong_mass_send_is_refused(talk: Any, changes: dict[str, Any], errcode: int) -> None:
    body = {"filter": {"is_to_all": True}, **_TEXT, **changes}
    assert (await talk.call(_ALL, body))["errcode"] == errcode
    assert await talk.messages() == []


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"title": "长" * 33}, 45003),
        ({"title": ""}, 45003),
        ({"digest": "长" * 129}, 45004),
        ({"content": ""}, 44004),
        ({"content": "长" * 20_001}, 45002),
        ({"thumb_media_id": "nobody's"}, 40007),
    ],
)
async def test_a_wrong_article_is_no_draft(talk: Any, changes: dict[str, Any], errcode: int) -> None:
    assert (await _draft(talk, **changes))["errcode"] == errcode


async def test_a_cover_must_be_a_lasting_picture(talk: Any) -> None:
    fleeting = (await talk.upload())["media_id"]
    assert (await _draft(talk, thumb_media_id=fleeting))["errcode"] == 40007


async def test_a_picture_inside_an_article_is_small(talk: Any) -> None:
    told = await _picture(talk, "/cgi-bin/media/uploadimg")
    assert told["url"].startswith("http://")
    assert (await _picture(talk, "/cgi-bin/media/uploadimg", _PNG * 140_000))["errcode"] == 40009
    assert (await _picture(talk, "/cgi-bin/media/uploadimg", b"GIF89a"))["errcode"] == 40005


async def test_ten_calls_to_many_and_a_hundred_to_lists_a_day(talk: Any, platform: Running) -> None:
    limits = platform.sandbox.quotas.limits
    assert (limits[_ALL].per_day, limits[_LIST].per_day, limits[_LIST].per_minute) == (10, 100, 60)
    await talk.ask("PUT", "/_sandbox/quotas", json={"path": _ALL, "per_day": 1})
    tag_id = (await talk.call("/cgi-bin/tags/create", {"tag": {"name": "出口企业"}}))["tag"]["id"]
    body = {"filter": {"is_to_all": False, "tag_id": tag_id}, **_TEXT}
    answers = [(await talk.call(_ALL, {**body, "clientmsgid": f"d{n}"}))["errcode"] for n in range(2)]
    assert answers == [0, 45009]


async def test_a_preview_is_shown_to_one_and_counts_for_nothing(talk: Any, openids: list[str]) -> None:
    body = {"touser": openids[0], **_TEXT}
    for _ in range(5):
        assert (await talk.call("/cgi-bin/message/mass/preview", body))["errcode"] == 0
    assert len(await talk.messages("zhang")) == 5
    await talk.call(_LIST, {"touser": openids[:2], **_TEXT, "clientmsgid": "m1"})
    assert len(await talk.messages("li")) == 1
