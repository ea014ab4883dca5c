"""Which ways lead to whom, when people are left in peace, and what may be served, as pure rules."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from app.kit.clock import SHANGHAI
from config.messages import MessageKind, current
from notifications import rules
from notifications.models import Channel
from notifications.rules import Reader

T, S, C, M = Channel.TEMPLATE, Channel.SUBSCRIBE, Channel.CUSTOM, Channel.SMS

EVERYTHING = Reader(
    is_follower=True, is_in_mini_program=True, credits=1, has_open_window=True, has_phone=True
)
URGENT = current()["appointment_cancelled_by_hall"]
WITHOUT_SMS = current()["appointment_booked"]
BULK = current()["notice_published"]
STATUTORY = current()["document_served"]


@pytest.mark.parametrize(
    ("kind", "reader", "ways"),
    [
        (URGENT, EVERYTHING, (T, S, C, M)),
        (WITHOUT_SMS, EVERYTHING, (T, S, C)),
        (URGENT, Reader(), ()),
        (URGENT, Reader(has_phone=True), (M,)),
        (URGENT, Reader(is_follower=True), (T,)),
        (URGENT, Reader(is_in_mini_program=True), ()),
        (URGENT, Reader(is_in_mini_program=True, credits=2), (S,)),
        (URGENT, Reader(is_in_mini_program=True, has_grant=True), (S,)),
        # A consent without an openid, or a window of somebody who unfollowed, leads nowhere.
        (URGENT, Reader(credits=1, has_grant=True), ()),
        (URGENT, Reader(has_open_window=True), ()),
        (BULK, EVERYTHING, (T, S)),
        (BULK, Reader(is_follower=True, is_in_mini_program=True, has_grant=True), (S, T)),
        (BULK, Reader(is_follower=True, is_in_mini_program=True, has_grant=True, credits=3), (S, T)),
        (BULK, Reader(is_in_mini_program=True, credits=1), (S,)),
        (BULK, Reader(is_follower=True, has_open_window=True, has_phone=True), (T,)),
    ],
)
def test_ways_come_in_their_order(kind: MessageKind, reader: Reader, ways: tuple[Channel, ...]) -> None:
    assert rules.route(kind, reader) == ways


def _with(**wishes: Any) -> Reader:
    return replace(EVERYTHING, **wishes)


def test_wishes_are_followed_but_for_statutory_notices() -> None:
    assert rules.route(URGENT, _with(is_muted=True)) == ()
    assert rules.route(URGENT, _with(switched_off=frozenset({T, M}))) == (S, C)
    assert rules.route(STATUTORY, _with(is_muted=True, switched_off=frozenset(Channel))) == (T, S, C, M)


def test_a_kind_offers_just_the_channels_it_can_take() -> None:
    assert rules.channels_of(URGENT) == (T, S, C, M)
    assert rules.channels_of(WITHOUT_SMS) == (T, S, C)
    assert rules.channels_of(BULK) == (S, T)


NIGHT = (time(21), time(8))


@pytest.mark.parametrize(
    ("at", "is_quiet"),
    [
        ("20:59:59", False),
        ("21:00:00", True),
        ("23:59:59", True),
        ("00:00:00", True),
        ("07:59:59", True),
        ("08:00:00", False),
        ("12:00:00", False),
    ],
)
@pytest.mark.parametrize("day", ["2026-11-22", "2026-02-28", "2026-12-31", "2028-02-29"])
def test_night_begins_and_ends_on_the_minute(day: str, at: str, is_quiet: bool) -> None:
    moment = datetime.fromisoformat(f"{day}T{at}").replace(tzinfo=SHANGHAI)
    assert rules.is_quiet(moment, NIGHT) is is_quiet


def test_the_clock_is_that_of_shanghai() -> None:
    in_utc = datetime.fromisoformat("2026-11-22T13:00:00+00:00")
    assert rules.is_quiet(in_utc, NIGHT)
    assert not rules.is_quiet(in_utc - timedelta(seconds=1), NIGHT)


def test_a_span_within_the_day_and_none_at_all() -> None:
    noon = datetime(2026, 11, 22, 12, 30, tzinfo=SHANGHAI)
    assert rules.is_quiet(noon, (time(12), time(14)))
    assert not rules.is_quiet(noon.replace(hour=14, minute=0), (time(12), time(14)))
    assert not rules.is_quiet(noon, None)
    assert not rules.is_quiet(noon, (time(12, 30), time(12, 30)))


@pytest.mark.parametrize(
    ("document", "may"),
    [
        ("税务事项通知书", True),
        ("税务处理决定书", False),
        ("税务行政处罚决定书", False),
        ("税务行政处罚决定书（简易）", True),
        ("税收保全措施决定书（冻结存款适用）", False),
        ("税收强制执行决定书", False),
        ("阻止出境决定书", False),
        ("税务稽查结论", False),
        ("行政复议受理通知书", False),
    ],
)
def test_what_decides_over_rights_is_not_served_electronically(document: str, may: bool) -> None:
    assert rules.may_be_served(document) is may
