"""Pushed messages and events come out in one shape, whatever form they had."""

import json
from datetime import datetime

import pytest

from app.gateways.wechat import BadEnvelope, Event, Message, parse
from app.kit.clock import SHANGHAI


def _xml(inside: str) -> bytes:
    head = "<ToUserName>gh_1</ToUserName><FromUserName>o1</FromUserName><CreateTime>1767574800</CreateTime>"
    return f"<xml>{head}{inside}</xml>".encode()


def _event(name: str, inside: str = "") -> Event:
    parsed = parse(_xml(f"<MsgType>event</MsgType><Event>{name}</Event>{inside}"))
    assert isinstance(parsed, Event)
    return parsed


def test_a_text_keeps_its_words_sender_and_moment() -> None:
    message = parse(
        _xml("<MsgType>text</MsgType><Content><![CDATA[预约 <b>]]></Content><MsgId>9007199254740993</MsgId>")
    )
    assert isinstance(message, Message)
    assert (message.kind, message.text, message.openid, message.account) == ("text", "预约 <b>", "o1", "gh_1")
    assert message.created_at == datetime(2026, 1, 5, 9, 0, tzinfo=SHANGHAI)
    assert message.msg_id == "9007199254740993"
    assert message.once_key == "m:9007199254740993"


def test_event_names_are_lower_case_and_keep_their_key() -> None:
    event = _event("CLICK", "<EventKey>booking</EventKey>")
    assert (event.event, event.key, event.msg_id) == ("click", "booking", None)


def test_two_events_in_one_second_are_told_apart() -> None:
    keys = {_event("CLICK", f"<EventKey>{key}</EventKey>").once_key for key in ("a", "b")}
    assert len(keys | {_event("VIEW", "<EventKey>a</EventKey>").once_key}) == 3
    assert _event("CLICK", "<EventKey>a</EventKey>").once_key in keys


def test_a_receipt_carries_the_number_of_its_send() -> None:
    assert _event("TEMPLATESENDJOBFINISH", "<MsgID>77</MsgID><Status>success</Status>").msg_id == "77"


_ENTRY = {"TemplateId": "S1", "SubscribeStatusString": "accept", "PopupScene": "0"}
_XML_ENTRY = "".join(f"<{name}>{value}</{name}>" for name, value in _ENTRY.items())


@pytest.mark.parametrize("listed", [_ENTRY, [_ENTRY], [{**_ENTRY, "PopupScene": 0}]])
def test_json_subscribe_lists_are_always_lists_of_texts(listed: object) -> None:
    body = {"ToUserName": "gh_2", "FromUserName": "o2", "CreateTime": "1767574800", "MsgType": "event"}
    event = parse(json.dumps({**body, "Event": "subscribe_msg_popup_event", "List": listed}).encode())
    assert isinstance(event, Event)
    assert event.entries == (_ENTRY,)
    assert event.created_at == datetime(2026, 1, 5, 9, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    "inside",
    [
        f"<SubscribeMsgPopupEvent><List>{_XML_ENTRY}</List></SubscribeMsgPopupEvent>",
        f"<List>{_XML_ENTRY}</List>",
    ],
)
def test_xml_subscribe_lists_nested_or_flat_are_the_same(inside: str) -> None:
    assert _event("subscribe_msg_popup_event", inside).entries == (_ENTRY,)


def test_an_empty_subscribe_list_has_no_entries() -> None:
    assert _event("subscribe_msg_change_event").entries == ()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<xml/>",
        b"{}",
        b"[]",
        _xml(""),
        _xml("<MsgType>event</MsgType>"),
        b"<xml><MsgType>text</MsgType><FromUserName>o</FromUserName></xml>",
        b"<xml><MsgType>text</MsgType><FromUserName>o</FromUserName><CreateTime>x</CreateTime></xml>",
        b'{"MsgType":"text","FromUserName":"o","CreateTime":99999999999999999999}',
        b'{"MsgType":"text","FromUserName":"o","CreateTime":"000000000000000099999999999999"}',
        # No moment a calendar has, however it is padded or long.
        b'{"MsgType":"text","FromUserName":"o","CreateTime":253402299999}',
        b'{"MsgType":"text","FromUserName":"o","CreateTime":"%s"}' % (b"0" * 16 + b"9" * 15),
        b'{"MsgType":"text","FromUserName":"o","CreateTime":"%s"}' % (b"0" * 5000),
        b'{"MsgType":"text","FromUserName":{"a":1},"CreateTime":1}',
        b'{"MsgType":true,"FromUserName":"o","CreateTime":1}',
    ],
)
def test_other_shapes_are_bad_envelopes(body: bytes) -> None:
    with pytest.raises(BadEnvelope):
        parse(body)
