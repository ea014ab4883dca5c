"""QR texts of every form are read exactly, and nothing else is taken for an invoice."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random
from urllib.parse import quote

import pytest
from hypothesis import given

from app.domain.invoices import rules, texts
from app.domain.invoices.errors import NotAnInvoice
from app.domain.invoices.kinds import KINDS, kind_named, kind_of, kind_of_number
from app.domain.invoices.numbers import Origin, origin_of
from tests.thoroughness import AT_ONCE, DRAWS, thorough

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
        "ï»¿" + DIGITAL,
        DIGITAL.replace("20260330", "2026年3月30日"),
        DIGITAL.replace("100.76", "￥100.760"),
        "https://inv.example.com/v?x=" + quote(DIGITAL),
        "https://inv.example.com/#/show?bill_num=26427000000316294884&fplx=32&kprq=2026-03-30&je=100.76",
        '{"fphm":"26427000000316294884","fplx":"32","kprq":"20260330","jshj":100.76}',
        '{"fphm":26427000000316294884,"fplx":32,"kprq":"2026-03-30 09:15:00","jshj":"100.76"}',
        "http://inv.example.com/v?bill_num=26427000000316294884&fplx=32&kprq=20260330&je=100.76&kprq=20260330",
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
        '{"fphm":"26427000000316294884","fplx":"32","kprq":"20260330","jshj":1e2}',
        "01,32,,26427000000316294884,100.76,202603301,,5F98",
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


@thorough(AT_ONCE)
@given(draw=DRAWS)
def test_what_is_written_is_read_again(draw: Random) -> None:
    for _ in range(AT_ONCE):
        kind = draw.choice(["", *KINDS, "20", "99"])
        code = draw.choice(["", "044001900111", "4400161150"])
        number = f"{draw.randrange(10**8):08d}" if code else f"{draw.randrange(10**20):020d}"
        amount = Decimal(draw.randint(-(10**13) + 1, 10**13 - 1)).scaleb(-2)
        day = date.fromordinal(draw.randint(1, date.max.toordinal()))
        check = draw.choice(["", "380258", "85342965681116380258"])
        invoice = texts.of_inputs(kind, code, number, str(amount), day, check)
        assert texts.read(texts.write(invoice)) == invoice
        assert invoice.amount == amount


@pytest.mark.parametrize(
    ("text", "amount"),
    [("600", "600.00"), ("600.00", "600.00"), ("1,234,567.8", "1234567.80"), ("￥１２.５元", "12.50"),
     ("-3.10", "-3.10"), ("0", "0.00"), ("0.00", "0.00"), ("-0", "0.00"), ("12.", "12.00"),
     ("99999999999.99", "99999999999.99"), ("99,999,999,999.99", "99999999999.99"),
     ("1，234.50 元", "1234.50"), ("12.3400", "12.34")],
)  # fmt: skip
def test_amounts_as_people_write_them(text: str, amount: str) -> None:
    assert texts.amount_of(text) == Decimal(amount)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "1.234",
        "123456789012",
        "123,456,789,012",
        "1..2",
        "nan",
        "1e3",
        "--1",
        ".",
        "1,2",
        "12,34.5",
        "+1",
        "1 2.x",
    ],
)
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


def test_a_ticket_tells_its_kind_by_its_number_and_nothing_else_does() -> None:
    assert kind_of_number("26339132621000219582") is KINDS["51"]
    assert kind_of_number("26338132621000219582") is KINDS["61"]
    assert kind_of_number("26427000000316294884") is None
    assert kind_of_number("2633913262100021958") is None


def test_a_digital_type_with_a_code_is_one_on_paper() -> None:
    on_paper = texts.read("01,31,4400241130,00000503,94339.62,20240621,,9335,")
    assert (on_paper.kind, rules.missing_inputs(on_paper)) == (KINDS["85"], [])


@pytest.mark.parametrize(
    ("code", "number", "region", "year"),
    [
        ("011001605111", "80100798", "1100", "16"), ("4200161350", "00015045", "4200", "16"),
        ("044031539110", "00000001", "4403", "15"), ("144031539110", "00000001", "4403", "15"),
        ("2102161350", "00015045", "2102", "16"), ("033021600111", "1", "3302", "16"),
        ("3502161350", "1", "3502", "16"), ("3702161350", "1", "3702", "16"),
        ("3701161350", "1", "3700", "16"),
        ("", "26427000000316294884", "4200", "26"), ("", "26339132621000219582", "3300", "26"),
    ],
)  # fmt: skip
def test_regions_by_code_and_number(code: str, number: str, region: str, year: str) -> None:
    origin = origin_of(code, number)
    assert origin is not None
    assert (origin.region, origin.year) == (region, year)


def test_the_parts_of_codes_and_numbers() -> None:
    paper, digital = origin_of("011001605111", "80100798"), origin_of("", "26339132621000219582")
    assert paper == Origin("1100", "16", batch="051")
    assert digital == Origin("3300", "26", channel="9", serial="132621000219582")
    assert origin_of("", "12345678") is None
    assert origin_of("12345", "26427000000316294884") is None


CODED, DIGITAL_NUMBER = ("4400161350", "00015045"), ("", "26427000000316294884")


@pytest.mark.parametrize(
    ("kinds", "number", "lacks"),
    [
        (("01", "03", "08", "85"), CODED, "不含税金额"),
        (("02",), CODED, "合计金额"),
        (("04", "10", "11", "14"), CODED, "校验码后六位"),
        (("15", "84", "34"), CODED, "车价合计"),
        (("84", "34"), DIGITAL_NUMBER, "车价合计"),
        (("31", "32", "33", "51", "61", "83"), DIGITAL_NUMBER, "价税合计"),
    ],
)
def test_the_inputs_of_every_kind(kinds: tuple[str, ...], number: tuple[str, str], lacks: str) -> None:
    for kind in kinds:
        bare = texts.InvoiceText(KINDS[kind], *number, None, date(2026, 3, 30), "")
        assert rules.missing_inputs(bare) == [lacks], kind
        whole = replace(bare, amount=Decimal("600.00"), check_code="380258")
        assert rules.missing_inputs(whole) == []
        assert rules.proof_of(whole) == ("380258" if lacks == "校验码后六位" else "600.00")


def test_a_wrong_numbering_is_asked_for_by_name() -> None:
    day, amount = date(2026, 3, 30), Decimal(1)
    for kind, code, number, lacks in (
        ("01", "", "26427000000316294884", ["发票代码"]),
        ("31", "", "00015045", ["二十位发票号码"]),
        ("15", "4400161350", "26427000000316294884", ["八位发票号码"]),
        ("", "", "00015045", ["发票代码"]),
        ("", "", "26427000000316294884", ["发票种类"]),
    ):
        invoice = texts.InvoiceText(KINDS.get(kind), code, number, amount, day, "")
        assert rules.missing_inputs(invoice) == lacks


def test_the_qr_text_s_own_name_of_electronic_special_invoices() -> None:
    assert kind_named("20") is KINDS["08"]
    assert kind_named("99") is None
