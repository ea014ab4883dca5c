"""What a file of the folder says of each invoice, and the sum below them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from app.domain.invoices.snapshots import FINAL, Snapshot
from app.domain.invoices.verification import STATE_NAMES
from app.kit.clock import SHANGHAI
from app.kit.spreadsheets import plain

COLUMNS: Final = (
    "发票种类", "发票代码", "发票号码", "开票日期", "金额", "状态", "销售方", "标签", "备注", "重复提交",
    "查验时间",
)  # fmt: skip
SUM: Final = "合计（不含作废、红冲）"

Cell = str | int | Decimal


def cells_of(one: Snapshot) -> tuple[Cell, ...]:
    """The cells of a row, one for each of ``COLUMNS``."""
    invoice, detail = one.content.invoice, one.content.detail
    seller = detail.seller.name if detail is not None and detail.seller is not None else ""
    return (
        invoice.kind.name if invoice.kind else "",
        invoice.code,
        invoice.number,
        one.issued_on.isoformat(),
        "" if one.amount is None else one.amount,
        STATE_NAMES[one.state],
        plain(seller),
        plain("、".join(one.tags)),
        plain(one.note),
        one.repeats,
        f"{one.checked_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
    )


def sum_of(found: Sequence[Snapshot]) -> Decimal:
    """Of what still counts, in yuan."""
    return sum((one.amount for one in found if one.amount is not None and one.state not in FINAL), Decimal())
