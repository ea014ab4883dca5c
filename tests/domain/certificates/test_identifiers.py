"""证照标识: its form, its check sign, and what it tells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.certificates import identifiers
from app.kit.identity_numbers import BadNumber
from tests.factories.certificates import TYPE, identifier
from tests.factories.partners import AUTHORITY

# Identifiers as they are published, of three provinces.
PUBLISHED = [
    "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
    "1.2.156.3005.2.11100000000013338W032.11220000013544541J.2430599.001.F",
    "1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0",
]


@pytest.mark.parametrize("text", PUBLISHED)
def test_a_published_identifier_is_whole(text: str) -> None:
    found = identifiers.read(text)
    assert found.text == text
    assert identifiers.check_sign(found.type_code, found.issuer, found.serial, found.version) == text[-1]


def test_it_tells_type_issuer_serial_and_version() -> None:
    found = identifiers.read(f" {PUBLISHED[2].lower()} ")
    assert (found.type_code, found.issuer) == ("11100000000013338W009", "11330105002500287C")
    assert (found.serial, found.version) == ("2025052201", 2)
    assert "2025052201" not in repr(found), "a serial may be somebody's number"


@pytest.mark.parametrize(
    "text",
    [
        "",
        PUBLISHED[0][:-1] + "V",
        PUBLISHED[0].replace("001", "002"),
        PUBLISHED[0].replace("1.2.156.3005.2.", "1.2.156.3005.1."),
        PUBLISHED[0].replace(".001.", ".000."),
        PUBLISHED[0].replace("20230000403", ""),
        "1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9",  # Its issuer is a region.
        PUBLISHED[0].replace("20230000403", "２０２３"),
    ],
)
def test_what_is_no_identifier_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadNumber, match="证照标识"):
        identifiers.read(text)


@given(st.text())
def test_arbitrary_text_meets_no_other_error(text: str) -> None:
    for one in (text, f"{identifiers.ROOT}{text}", f"{identifiers.ROOT}{TYPE}.{AUTHORITY}.{text}.001.A"):
        try:
            identifiers.read(one)
        except BadNumber:
            continue


@given(st.integers(0, 70), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_one_wrong_sign_is_always_found(place: int, sign: str) -> None:
    text = identifier()
    place %= len(text)
    if text[place] == sign:
        return
    with pytest.raises(BadNumber):
        identifiers.read(text[:place] + sign + text[place + 1 :])
