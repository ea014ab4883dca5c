"""ID numbers and credit codes: what stdnum lets pass and we do not, and what may be written differently."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum.cn import ric

from app.kit.identity_numbers import BadNumber, birth_date, id_number, uscc_number
from tests.factories import accounts as make

TODAY = date(2026, 11, 22)
FULL_WIDTH = str.maketrans("0123456789Xx", "０１２３４５６７８９Ｘｘ")


def test_a_real_number_passes_unchanged() -> None:
    assert id_number("360426199101010071", TODAY) == "360426199101010071"


@given(st.dates(date(1900, 1, 1), TODAY), st.integers(0, 999))
def test_every_spelling_of_a_number_is_the_same_number(born: date, serial: int) -> None:
    number = make.id_number(born, serial)
    spaced = f" {number[:6]} {number[6:14]}-{number[14:]} "
    for spelling in (number, number.lower(), number.translate(FULL_WIDTH), spaced):
        assert id_number(spelling, TODAY) == number
    assert birth_date(number) == born


@given(st.integers(1, 3650))
def test_nobody_is_born_in_the_future(days: int) -> None:
    number = make.id_number(TODAY + timedelta(days=days), 1)
    assert ric.is_valid(number), "stdnum lets it pass"
    with pytest.raises(BadNumber, match="晚于今天"):
        id_number(number, TODAY)


def test_who_is_born_today_has_a_number() -> None:
    assert id_number(make.id_number(TODAY, 1), TODAY)


def test_nobody_is_older_than_a_hundred_and_thirty() -> None:
    assert id_number(make.id_number(date(1896, 11, 22), 1), TODAY)
    with pytest.raises(BadNumber, match="过早"):
        id_number(make.id_number(date(1895, 11, 22), 1), TODAY)


def test_the_county_may_be_younger_than_the_person() -> None:
    number = make.id_number(date(1960, 5, 1), 1)
    assert not ric.is_valid(number), "stdnum refuses it: 天河区 got its code in 1985"
    assert id_number(number, TODAY) == number


@pytest.mark.parametrize("area", ["810000", "820000", "830000", "440199"])
def test_residents_of_the_islands_and_of_unheard_counties_have_numbers(area: str) -> None:
    body = f"{area}19900307123"
    assert id_number(body + ric.calc_check_digit(body + "0"), TODAY)


@pytest.mark.parametrize("area", ["000000", "170000", "660000", "990000"])
def test_a_province_that_does_not_exist_has_no_people(area: str) -> None:
    body = f"{area}19900307123"
    with pytest.raises(BadNumber, match="地区"):
        id_number(body + ric.calc_check_digit(body + "0"), TODAY)


def test_the_old_form_is_refused_by_name() -> None:
    with pytest.raises(BadNumber, match="15 位"):
        id_number("440106900307123", TODAY)


@given(st.dates(date(1930, 1, 1), TODAY), st.integers(0, 999), st.integers(0, 17), st.integers(0, 9))
def test_one_wrong_digit_is_noticed(born: date, serial: int, place: int, digit: int) -> None:
    number = make.id_number(born, serial)
    wrong = number[:place] + str(digit) + number[place + 1 :]
    assume(wrong != number)
    with pytest.raises(BadNumber):
        id_number(wrong, TODAY)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "18 位"),
        ("44010619900307123", "18 位"),
        ("4401061990030712345", "18 位"),
        ("44010619900307A238", "数字"),
        ("٤٤٠١٠٦١٩٩٠٠٣٠٧١٢٣٨", "数字"),
        ("999999199003071230", "校验位|地区"),
    ],
)
def test_a_bad_number_says_what_is_wrong(text: str, why: str) -> None:
    with pytest.raises(BadNumber, match=why):
        id_number(text, TODAY)


@given(st.text(max_size=80))
def test_any_text_is_checked_without_a_crash(text: str) -> None:
    with suppress(BadNumber):
        assert len(id_number(text, TODAY)) == 18
    with suppress(BadNumber):
        assert len(uscc_number(text)) == 18


@given(st.integers(0, 99999))
def test_every_spelling_of_a_code_is_the_same_code(serial: int) -> None:
    code = make.uscc_number(serial)
    for spelling in (code, code.lower(), code.translate(FULL_WIDTH), f"{code[:8]} {code[8:]}"):
        assert uscc_number(spelling) == code


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("91440101MA5DEMQ01", "18 位"),
        ("91440101MA5DEMQ01N", "校验位"),
        ("91440101MA5DEMQI1M", "不能使用的字符"),
        ("A1440101MA5DEMQ01M", "不能使用的字符"),
    ],
)
def test_a_bad_code_says_what_is_wrong(text: str, why: str) -> None:
    with pytest.raises(BadNumber, match=why):
        uscc_number(text)
