"""The pure rule of figures: how a share is told."""

from decimal import ROUND_HALF_UP, Decimal


def percent(part: int, whole: int) -> Decimal | None:
    """A share in per cent with one decimal; ``None`` of nothing."""
    if whole == 0:
        return None
    return (Decimal(part * 100) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)
