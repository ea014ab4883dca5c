"""Every form of 纳税人识别号 is known, and of very many at once the same is said as of one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from app.domain.credit_ratings import taxpayer_ids
from app.kit.identity_numbers import BadNumber
from tests.factories.accounts import id_number, uscc_number

_SIGNS = st.text("0123456789ABCDEFGHJKLMNPQRTUWXYIOSVZ", min_size=9, max_size=9)
_DIGITS = st.text("0123456789", min_size=8, max_size=8)


@given(_DIGITS, _SIGNS, st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXYIOSVZ"))
def test_of_eighteen_signs_the_same_is_said_of_many_as_of_one(digits: str, signs: str, last: str) -> None:
    numbers = [uscc_number(1), digits + signs + last, _completed(digits + signs), uscc_number(2)]
    wrong = {at for at, number in enumerate(numbers) if not _is_right(number)}
    assert taxpayer_ids.doubtful(numbers) == wrong


@given(st.lists(st.text(max_size=40) | st.just(f"{uscc_number(1)},{uscc_number(2)}"), max_size=3))
def test_what_is_no_code_as_it_stands_is_doubtful_wherever_it_stands(texts: list[str]) -> None:
    numbers = [uscc_number(1), *texts, uscc_number(2)]
    assert taxpayer_ids.doubtful(numbers) == set(range(1, len(texts) + 1))


@given(st.text(max_size=24))
def test_no_text_raises_anything_else(text: str) -> None:
    _is_right(text)


@pytest.mark.parametrize(
    "number",
    [
        "440106MA5DEMQ01",
        id_number() + "01",
        "440106900307123" + "01",
        " 91440101ma5t00001" + uscc_number(1)[-1],
    ],
)
def test_older_numbers_and_sloppy_ones_are_taken(number: str) -> None:
    assert taxpayer_ids.checked(number)


@pytest.mark.parametrize("number", ["", "1234", "91440101MA5T000019", "９" * 18, "440106MA5DEMQ0一"])
def test_what_no_number_can_be_is_refused(number: str) -> None:
    with pytest.raises(BadNumber):
        taxpayer_ids.checked(number)


def test_a_number_made_of_an_id_number_is_nothing_for_the_public() -> None:
    assert taxpayer_ids.public(uscc_number(1)) == uscc_number(1)
    assert taxpayer_ids.public(id_number() + "01") is None
    assert taxpayer_ids.public("440106MA5DEMQ01") == "440106MA5DEMQ01"


def _completed(body: str) -> str:
    try:
        return body + str(uscc.calc_check_digit(body))
    except ValueError:
        return body + "0"


def _is_right(number: str) -> bool:
    try:
        taxpayer_ids.checked(number)
    except BadNumber:
        return False
    return True
