"""Masked forms, one example of the official table each, and what must never be told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit import masking
from tests.factories.accounts import id_number


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三", "*三"),
        ("欧阳小明", "欧**明"),
        ("王小二", "王*二"),
        ("王", "*"),
        ("", ""),
        ("古丽·买买提", "古****提"),
    ],
)
def test_names_keep_only_their_ends(name: str, shown: str) -> None:
    assert masking.mask_name(name) == shown


def test_a_call_screen_shows_only_the_family_name() -> None:
    assert masking.mask_name_for_screen("张三") == "张*"
    assert masking.mask_name_for_screen("欧阳小明") == "欧***"
    assert masking.mask_name_for_screen("王") == "*"


def test_an_id_number_keeps_three_and_four() -> None:
    assert masking.mask_id_number("440106199003071238") == "440***********1238"


def test_a_mobile_number_keeps_three_and_four() -> None:
    assert masking.mask_phone("13812345678") == "138****5678"


@pytest.mark.parametrize(("number", "shown"), [("02038123456", "*********56"), ("110", "***"), ("", "")])
def test_other_phone_numbers_keep_two_at_most(number: str, shown: str) -> None:
    assert masking.mask_phone(number) == shown


def test_a_company_code_is_public() -> None:
    assert masking.mask_uscc("91440101MA5DEMQ01M") == "91440101MA5DEMQ01M"


def test_a_code_made_of_an_id_number_is_masked_like_one() -> None:
    number = id_number(serial=123)
    assert masking.mask_uscc(number) == f"440***********{number[-4:]}"
    assert masking.mask_uscc(number.lower()) == f"440***********{number[-4:].lower()}"
    assert masking.mask_uscc(number + "01") == f"440*************{number[-2:]}01"


def test_a_bank_card_keeps_four() -> None:
    assert masking.mask_bank_card("6222 0212 3456 7890 123") == "**** 0123"
    assert masking.mask_bank_card("1234") == "****"


@pytest.mark.parametrize(
    ("address", "shown"), [("zhang@qq.com", "z***@qq.com"), ("z@qq.com", "z***@qq.com"), ("nothing", "***")]
)
def test_an_email_keeps_its_first_letter_and_domain(address: str, shown: str) -> None:
    assert masking.mask_email(address) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("广东省广州市天河区体育西路 191 号 3 楼", "广东省广州市天河区****"),
        ("广东省广州市增城区荔城街道府佑路1号", "广东省广州市增城区****"),
        ("广东省东莞市虎门镇人民路5号", "广东省东莞市虎门镇****"),
        ("广东省中山市阳光小区3栋", "广东省中山市****"),
        ("广东省茂名市高州市潘州街道1号", "广东省茂名市高州市****"),
        ("北京市朝阳区建国路1号", "北京市朝阳区****"),
        ("新疆维吾尔自治区乌鲁木齐市天山区解放北路", "新疆维吾尔自治区乌鲁木齐市天山区****"),
        ("广东省韶关市乳源瑶族自治县鲜明南路", "广东省韶关市乳源瑶族自治县****"),
        ("体育西路 191 号", "****"),
        ("", "****"),
    ],
)
def test_an_address_keeps_its_county_or_town(address: str, shown: str) -> None:
    assert masking.mask_address(address) == shown


@given(st.integers(min_value=10**10, max_value=10**20))
def test_the_middle_of_a_number_never_shows(number: int) -> None:
    text = str(number)
    shown = masking.mask_id_number(text)
    assert len(shown) == len(text)
    assert set(shown[3:-4]) == {"*"}


@given(st.text(min_size=2, max_size=10))
def test_a_masked_name_tells_two_signs_at_most(name: str) -> None:
    shown = masking.mask_name(name)
    assert len(shown) == len(name)
    assert set(shown[1:-1]) <= {"*"}


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("号码 13800138000 是空号", "号码 *** 是空号"),
        ("+86 138-0013-8000 blocked", "*** blocked"),
        ("id 44010619900101123X", "id ***"),
        ("6222 0212 3456 7890", "***"),
        ("第 20 条，限 1000 条，代码 isv.404", "第 20 条，限 1000 条，代码 isv.404"),
    ],
)
def test_long_numbers_in_other_people_s_words_are_hidden_whole(words: str, shown: str) -> None:
    assert masking.mask_numbers(words) == shown
