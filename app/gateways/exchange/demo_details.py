"""What is printed on the pretend invoices, made when it is asked for; the same each time."""

import random
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from app.gateways.exchange.demo_enterprises import enterprises
from app.gateways.exchange.invoice_contract import InvoiceDetail, InvoiceLine, InvoiceParty

_CENT: Final = Decimal("0.01")
# Kinds whose amount of proof, or of the QR text, is the one without tax.
_NET: Final = frozenset({"01", "03", "04", "08", "10", "85"})
# Name, specification, unit and tax rate.
_Goods = tuple[str, str | None, str | None, str]
_GOODS: Final[tuple[_Goods, ...]] = (
    ("*纸制品*复印纸", "A4 70g", "箱", "13%"), ("*信息技术服务*软件服务费", None, "项", "6%"),
    ("*餐饮服务*餐费", None, "次", "6%"), ("*住宿服务*住宿费", None, "天", "6%"),
    ("*计算机外部设备*键盘", "K1", "个", "13%"), ("*蔬菜*青菜", None, "千克", "免税"),
)  # fmt: skip
_SPECIAL: Final[dict[str, _Goods]] = {
    "02": ("*运输服务*运费", None, None, "9%"),
    "03": ("*机动车*轿车", None, None, "13%"),
    "14": ("*经营租赁*通行费", None, None, "3%"),
    "15": ("*二手车*轿车", None, None, "不征税"),
    "34": ("*二手车*轿车", None, None, "不征税"),
    "33": ("*机动车*轿车", None, None, "13%"),
    "51": ("*铁路运输服务*客票", None, None, "9%"),
    "61": ("*航空运输服务*客票", None, None, "9%"),
    "83": ("*机动车*轿车", None, None, "13%"),
    "84": ("*二手车*轿车", None, None, "不征税"),
}
_VEHICLES: Final = frozenset({"03", "15", "33", "34", "83", "84"})
_DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"


def detail_of(kind_code: str, number: str, amount: Decimal, check_code: str) -> InvoiceDetail:
    """The face of one invoice, in keeping with the amount it is checked by."""
    draw = random.Random(f"detail {number}")  # noqa: S311  The same data each time is the point.
    name, specification, unit, rate = _SPECIAL.get(kind_code) or draw.choice(_GOODS)
    net, tax = _split(kind_code, amount, rate)
    seller, buyer = draw.sample(list(enterprises().items()), 2)
    quantity = Decimal(draw.randrange(1, 20))
    line = InvoiceLine(
        name=name,
        specification=specification,
        unit=unit,
        quantity=quantity,
        unit_price=(net / quantity).quantize(Decimal("0.00000001")),
        amount=net,
        tax_rate=rate,
        tax=tax,
    )
    return InvoiceDetail(
        buyer=InvoiceParty(buyer[1], buyer[0]),
        seller=InvoiceParty(
            seller[1], seller[0], f"演示路{draw.randrange(1, 400)}号 020-8{draw.randrange(10**7):07d}",
            f"演示银行 6{draw.randrange(10**15):015d}",
        ),
        lines=(line,),
        amount=net,
        tax=tax,
        total=net + tax,
        total_in_words=in_words(net + tax),
        check_code=f"{draw.randrange(10**14):014d}{check_code}" if check_code else None,
        machine_number=f"{draw.randrange(10**12):012d}" if len(number) == 8 else None,
        remark=draw.choice((None, "演示数据，仅供试用")),
        times_checked=draw.randrange(1, 4),
        further=_further(kind_code, draw),
    )  # fmt: skip


def _split(kind_code: str, amount: Decimal, rate: str) -> tuple[Decimal, Decimal]:
    """Without tax, and the tax, of an amount that is one or the other kind."""
    share = Decimal(rate[:-1]) / 100 if rate.endswith("%") else Decimal(0)
    if kind_code in _NET:
        return amount, (amount * share).quantize(_CENT, ROUND_HALF_UP)
    net = (amount / (1 + share)).quantize(_CENT, ROUND_HALF_UP)
    return net, amount - net


def _further(kind_code: str, draw: random.Random) -> tuple[tuple[str, str], ...]:
    if kind_code in _VEHICLES:
        return (
            ("厂牌型号", f"演示牌 DM{draw.randrange(1000, 9999)}"),
            ("车辆识别代号", f"LDEM0{draw.randrange(10**12):012d}"),
            ("发动机号码", f"E{draw.randrange(10**7):07d}"),
        )
    if kind_code == "51":
        return (("车次", f"G{draw.randrange(1, 9999)}"), ("席别", draw.choice(("二等座", "一等座"))))
    return (("航班号", f"DM{draw.randrange(100, 9999)}"),) if kind_code == "61" else ()


def in_words(amount: Decimal) -> str:
    """价税合计大写 of an amount in yuan below one hundred million."""
    yuan, cents = divmod(int(amount * 100), 100)
    said = _yuan_in_words(yuan)
    jiao, fen = divmod(cents, 10)
    if not cents:
        return f"{said}圆整"
    return f"{said}圆" + (f"{_DIGITS[jiao]}角" if jiao else "零") + (f"{_DIGITS[fen]}分" if fen else "整")


def _yuan_in_words(yuan: int) -> str:
    if not yuan:
        return "零"
    high, low = divmod(yuan, 10_000)
    if not high:
        return _four_in_words(low)
    gap = "零" if low and low < 1000 else ""
    return f"{_four_in_words(high)}万{gap}{_four_in_words(low) if low else ''}"


def _four_in_words(number: int) -> str:
    said, is_gap = "", False
    for weight, name in ((1000, "仟"), (100, "佰"), (10, "拾"), (1, "")):
        digit = number // weight % 10
        if digit:
            said += ("零" if is_gap and said else "") + _DIGITS[digit] + name
            is_gap = False
        else:
            is_gap = True
    return said
