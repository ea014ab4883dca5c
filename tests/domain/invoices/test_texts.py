"""QR texts of every form are read exactly, and nothing else is taken for an invoice."""

from datetime import date
from decimal import Decimal
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.invoices import texts
from app.domain.invoices.errors import NotAnInvoice
from app.domain.invoices.kinds import KINDS, kind_named, kind_of

# The text, then kind, code, number, amount, day and check code.
VECTORS = [
    ("01,10,011001605111,80100798,64.9,20161018,85342965681116380258",
     "10", "011001605111", "80100798", "64.90", date(2016, 10, 18), "380258"),
    ("01,04,4200161350,00015045,165106.00,20160501,48114255542168294433,DBFE,",
     "04", "4200161350", "00015045", "165106.00", date(2016, 5, 1), "294433"),
    ("01,01,1200154130,03630024,94339.62,20160621,,9335,",
     "01", "1200154130", "03630024", "94339.62", date(2016, 6, 21), ""),
    ("01,32,,26427000000316294884,100.76,20260330,,5F98",
     "32", "", "26427000000316294884", "100.76", date(2026, 3, 30), ""),
    ("01,31,,24312000000358032546,633.00,20241118,,16C0",
     "31", "", "24312000000358032546", "633.00", date(2024, 11, 18), ""),
    ("01,51,,26339132621000219582,56.00,20260423,,219a",
     "51", "", "26339132621000219582", "56.00", date(2026, 4, 23), ""),
]  # fmt: skip
DIGITAL = VECTORS[3][0]


@pytest.mark.parametrize(("text", "kind", "code", "number", "amount", "day", "check"), VECTORS)
def test_published_texts(
    text: str, kind: str, code: str, number: str, amount: str, day: date, check: str
) -> None:
    found = texts.read(text)
    assert found == texts.InvoiceText(KINDS[kind], code, number, Decimal(amount), day, check)


@pytest.mark.parametrize(
    "text",
    [
        f"\ufeff{DIGITAL}",
        f"  {DIGITAL}\r\n",
        DIGITAL.replace(",", " , "),
        DIGITAL.replace(",", "，"),
        DIGITAL.translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)}),
        DIGITAL.lower(),
        DIGITAL.removesuffix(",5F98"),
        DIGITAL + ",",
        "https://inv.example.com/v?x=" + quote(DIGITAL),
        "https://inv.example.com/#/show?bill_num=26427000000316294884&fplx=32&kprq=2026-03-30&je=100.76",
        '{"fphm":"26427000000316294884","fplx":"32","kprq":"20260330","jshj":100.76}',
    ],
)
def test_the_same_invoice_in_other_clothes(text: str) -> None:
    assert texts.read(text) == texts.read(DIGITAL)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "你好",
        "01,32,,2642700000031629488,100.76,20260330,,5F98",
        "02,32,,26427000000316294884,100.76,20260330,,5F98",
        "01,32,,26427000000316294884,100.76",
        "01,32,,26427000000316294884,1e5,20260330,,5F98",
        "01,32,,26427000000316294884,100.766,20260330,,5F98",
        "01,32,,26427000000316294884,100.76,20260230,,5F98",
        "01,04,,00015045,165106.00,20160501,,DBFE",
        "01,04,42001613501,00015045,165106.00,20160501,,DBFE",
        "https://example.com/",
        "https://[broken",
        "{}",
        "[1]",
        '{"fphm": {"a": 1}}',
        "{" * 5000,
        "0" * (texts.LONGEST + 1),
    ],
)
def test_what_is_no_invoice(text: str) -> None:
    with pytest.raises(NotAnInvoice):
        texts.read(text)


@given(st.one_of(st.text(), st.lists(st.text("0123456789,.-{}\"':", max_size=30)).map(",".join)))
@settings(max_examples=5000, deadline=None)
def test_nothing_but_its_own_refusal_comes_out(text: str) -> None:
    for asked in (text, "01," + text, "{" + text, "http://" + text):
        try:
            texts.read(asked)
        except NotAnInvoice:
            continue


@pytest.mark.parametrize(
    ("text", "amount"),
    [("600", "600.00"), ("600.00", "600.00"), ("1,234,567.8", "1234567.80"), ("￥１２.５元", "12.50"),
     ("-3.10", "-3.10"), ("0", "0.00"), ("0.00", "0.00")],
)  # fmt: skip
def test_amounts_as_people_write_them(text: str, amount: str) -> None:
    assert texts.amount_of(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["", "abc", "1.234", "123456789012", "1..2", "nan", "1e3", "--1"])
def test_amounts_that_are_none(text: str) -> None:
    with pytest.raises(NotAnInvoice):
        texts.amount_of(text)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("011001605111", "10"), ("4200161350", "04"), ("1200154130", "01"), ("144031539110", "10"),
        ("044001900107", "11"), ("011001700112", "14"), ("044001900113", "08"), ("044001900117", "15"),
        ("144001420120", "03"), ("131001570151", "10"), ("133011501118", "10"), ("111001571071", "10"),
        ("044001900104", "04"), ("044001900105", "04"), ("044001900106", "11"), ("4400161150", "01"),
        ("4400161550", "01"), ("4400161650", "04"), ("4400161250", "02"), ("4400161750", "02"),
    ],
)  # fmt: skip
def test_kinds_by_code(code: str, kind: str) -> None:
    assert kind_of(code) is KINDS[kind]


@pytest.mark.parametrize("code", ["", "044001900199", "4400161850", "144001410120", "12345", "44001613x0"])
def test_an_unknown_kind_is_never_guessed(code: str) -> None:
    assert kind_of(code) is None


def test_the_qr_text_s_own_name_of_electronic_special_invoices() -> None:
    assert kind_named("20") is KINDS["08"]
    assert kind_named("99") is None
