"""What somebody who asks for figures is refused with."""

from app.kit.errors import InvalidInput


class BadPeriod(InvalidInput):
    """``fields`` name the day that is wrong."""

    code = "bad_period"
    message = "统计时段有误，请按提示修改后重试"
