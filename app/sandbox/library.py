"""The public template library: a few plausible templates an account may add to its own.

Each has keywords; an account chooses two to five of them, in the order it wants.
"""

from dataclasses import dataclass
from typing import Final

from app.sandbox.templates import Line

MOST_OWN: Final = 25


@dataclass(frozen=True, slots=True)
class PublicTemplate:
    """``tid`` is its number in the library; ``category_id`` the service category it belongs to."""

    tid: str
    category_id: int
    title: str
    keywords: tuple[Line, ...]
    long_term: bool = False


CATEGORIES: Final = {10001: "政务民生 > 税务", 10002: "政务民生 > 行政服务大厅"}
INDUSTRIES: Final = {"20": ("政府与公共事业", "行政事业"), "21": ("政府与公共事业", "法律服务")}


def _template(
    tid: str, category_id: int, title: str, *words: tuple[str, str, str], long: bool = False
) -> PublicTemplate:
    keywords = tuple(
        Line(label, f"{kind}{number}", _CHOICES.get(kind, ()), example)
        for number, (label, kind, example) in enumerate(words, start=1)
    )
    return PublicTemplate(tid, category_id, title, keywords, long)


_CHOICES: Final[dict[str, tuple[str, ...]]] = {"enum_string": ("办理中", "已办结", "已退回")}

LIBRARY: Final = {
    template.tid: template
    for template in (
        _template(
            "43216",
            10002,
            "预约成功通知",
            ("预约号", "character_string", "Y20260105001"),
            ("办理事项", "thing", "发票领用"),
            ("办理地点", "thing", "第一办税服务厅"),
            ("预约时间", "time", "2026年1月5日 09:00"),
            ("温馨提示", "thing", "请提前十分钟到厅"),
        ),
        _template(
            "43217",
            10002,
            "预约取消通知",
            ("预约号", "character_string", "Y20260105001"),
            ("办理事项", "thing", "发票领用"),
            ("取消时间", "time", "2026年1月4日 18:00"),
            ("取消原因", "thing", "大厅停电"),
        ),
        _template(
            "43218",
            10002,
            "办理进度通知",
            ("办件编号", "character_string", "B20260105001"),
            ("办理事项", "thing", "一般纳税人登记"),
            ("办理状态", "enum_string", "已办结"),
            ("更新时间", "time", "2026年1月6日 16:00"),
            ("下一步", "thing", "请查收结果"),
            long=True,
        ),
        _template(
            "43219",
            10002,
            "排队叫号通知",
            ("排队号码", "character_string", "A012"),
            ("窗口", "thing", "3 号窗口"),
            ("前方人数", "number", "2"),
            ("取号时间", "time", "09:12"),
        ),
        _template(
            "51001",
            10001,
            "申报期限提醒",
            ("税种", "thing", "增值税"),
            ("截止日期", "date", "2026年1月15日"),
            ("纳税人", "thing", "某某商贸有限公司"),
            ("温馨提示", "thing", "请按期申报"),
        ),
        _template(
            "51002",
            10001,
            "信用等级评定通知",
            ("企业名称", "thing", "某某商贸有限公司"),
            ("评定年度", "character_string", "2025"),
            ("信用等级", "character_string", "A"),
            ("评定日期", "date", "2026年4月1日"),
        ),
        _template(
            "51003",
            10001,
            "发票查验结果通知",
            ("发票号码", "character_string", "26112000000012345678"),
            ("查验结果", "phrase", "一致"),
            ("开票金额", "amount", "￥100.00元"),
            ("查验时间", "time", "2026年1月5日 09:00"),
        ),
    )
}
