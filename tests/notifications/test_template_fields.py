"""Whatever a message is filled with, WeChat takes it: what is over-long is shortened, what is exact never."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.sandbox.fields import is_allowed
from app.sandbox.templates import Line as PlatformLine
from config import messages as message_list
from config.messages import BadMessages, Line
from notifications import template_fields
from notifications.messages import Messages
from notifications.template_fields import DoesNotFit, fit
from notifications.wording.facts import PARAMETERS, SAMPLES

PROSE = ("thing", "short_thing")
EXACT = (
    "character_string", "name", "const", "enum", "enum_string", "number", "letter", "symbol", "amount",
    "phone_number", "car_number", "phrase", "time", "date",
)  # fmt: skip

# Any text at all, and texts near to what the exact fields want.
ANY = st.text(max_size=60)
NEAR = st.from_regex(
    r"[-+¥￥$粤 ]?([0-9０-９]{1,34}|20[0-9]{2}[年/.-][0-9]{1,2}[月/.-][0-9]{1,2}日?)"
    r"([ ~.,:：-]?[0-9]{1,2}){0,3}[元A港]?",
    fullmatch=True,
)


@given(ANY | NEAR, st.sampled_from(PROSE + EXACT))
@example("2026年2月30日 10:00", "time")
@example("２０２６年９月１８日 ０９:００", "time")
@example("\u200b", "thing")
@example("0\x85\x1b\r0", "thing")
@example("\ud800", "thing")
@example("٣", "number")
@example("１２３４５６７８９０１２３４５６７８９０１２３４５６７８９０１２３", "character_string")
def test_what_is_made_to_fit_is_taken_by_the_platform(text: str, kind: str) -> None:
    key = f"{kind}1"
    try:
        fitted = fit(key, text)
    except DoesNotFit:
        assert kind in EXACT
        return
    assert is_allowed(PlatformLine("字段", key), fitted)
    assert fit(key, fitted) == fitted


@pytest.mark.parametrize(
    ("key", "text", "fitted"),
    [
        ("character_string1", "440305202606160001" * 2, "44030520260616...305202606160001"),
        ("character_string1", "ＡＢ－１２", "AB-12"),
        ("number1", "1,234", "1234"),
        ("amount1", "￥1,234,567.50", "¥1234567.50"),
        ("date1", "2026-09-18", "2026-09-18"),
        ("date1", "2026年9月18日 09:00~2026年9月19日 09:00", "2026年9月18日 09:00~2026年9月19日 09:00"),
        ("time1", "09:00 ~ 11:30", "09:00~11:30"),
        ("phone_number1", "020-12366", "020-12366"),
        ("car_number1", "粤A12345", "粤A12345"),
        ("name1", "张三", "张三"),
        ("name1", "阿卜杜拉·阿卜杜热合曼", "阿卜杜拉·阿卜杜热…"),
        ("name1", "John Ronald Reuel Tolkien", "John Ronald Reuel T…"),
        ("letter1", "ABC", "ABC"),
        ("symbol1", "***", "***"),
    ],
)  # fmt: skip
def test_each_type_has_its_own_way_of_fitting(key: str, text: str, fitted: str) -> None:
    assert fit(key, text) == fitted


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("time1", "2026年9月18日"),
        ("time1", "2026年2月30日 10:00"),
        ("time1", "25:00"),
        ("date1", "2026-13-01"),
        ("date1", "2026-09/18"),
        ("date1", "09:00"),
        ("amount1", "12345678901"),
        ("number1", "9" * 33),
        ("phone_number1", "123456789012345678"),
        ("car_number1", "粤A1234567"),
        ("name1", "张3"),
        ("letter1", "A1"),
        ("symbol1", "!!!!!!"),
        ("enum1", "二十一个汉字的枚举取值实在是太长了放不进去啦"),
    ],
)
def test_half_an_exact_value_is_never_sent(key: str, text: str) -> None:
    with pytest.raises(DoesNotFit):
        fit(key, text)


def test_an_enumerated_field_takes_its_choices_only() -> None:
    assert fit("enum1", "已受理", ("已受理", "已办结")) == "已受理"
    with pytest.raises(DoesNotFit):
        fit("enum1", "受理中", ("已受理", "已办结"))


def test_every_fact_has_a_sample_to_be_tried_with() -> None:
    assert set().union(*PARAMETERS.values()) <= set(SAMPLES)


def _complaints(key: str, text: str, choices: tuple[str, ...] = ()) -> str:
    kind = message_list.current()["appointment_booked"]
    lines = (Line("试验", key, key, text, choices), *kind.lines[1:])
    try:
        Messages({**message_list.current(), kind.name: replace(kind, lines=lines)})
    except BadMessages as refused:
        return str(refused)
    return ""


@pytest.mark.parametrize(
    ("key", "text", "choices", "complaint"),
    [
        ("phrase9", "{hall}", (), "放不下“天河区办税服务厅”"),
        ("time9", "{business}", (), "放不下"),
        ("amount9", "{number}", (), ""),
        ("character_string9", "预约号{number}", (), "放不下"),
        ("date9", "{starts_at}", (), ""),
        ("enum9", "已预约", ("已预约",), ""),
        ("enum9", "已约", ("已预约",), "超出 enum9 的限制"),
        ("enum9", "{business}", ("发票领用",), "放不下“增值税专用发票"),
    ],
)
def test_a_fact_that_never_fits_is_refused_when_the_message_is_defined(
    key: str, text: str, choices: tuple[str, ...], complaint: str
) -> None:
    found = _complaints(key, text, choices)
    assert (complaint in found) if complaint else not found
    assert template_fields.is_known(key)
