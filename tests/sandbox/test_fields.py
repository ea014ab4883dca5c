"""Each type of template field takes what the platform's guide allows, and nothing more."""

import pytest

from app.sandbox.fields import is_allowed
from app.sandbox.templates import Line

_TAKEN = {
    "thing1": ["发票领用", "二" * 20, "A" * 20, "1、2"],
    "number1": ["0", "12.50", "1" * 32],
    "letter1": ["abc", "A" * 32],
    "symbol1": ["★★★", "!!!!!"],
    "character_string1": ["GZ-0012345", "a" * 32, "A1 b2!"],
    "time1": [
        "15:01",
        "2026年10月1日 15:01",
        "2026-10-01 15:01:30",
        "09:00~09:30",
        "2026年1月5日 09:00~2026年1月5日 09:30",
    ],
    "date1": [
        "2026年10月1日",
        "2026-10-01",
        "2026.1.5",
        "2026/1/5",
        "2026年1月5日 09:00",
        "2026-01-05~2026-01-07",
    ],
    "amount1": ["¥100.00", "100元", "1234567890", "$5.5"],
    "phone_number1": ["13800138000", "+86-20-12345678"],
    "car_number1": ["粤A8Z888", "粤A8Z88挂", "A12345"],
    "name1": ["张三", "十" * 10, "Zhang San", "A" * 20],
    "phrase1": ["已预约", "五个汉字整"],
    "const1": ["处理中"],
    "short_thing1": ["即将开始"],
    "keyword1": ["旧模板里随便多长都会被折叠而不会被拒绝的一段文字"],
}
_REFUSED = {
    "thing1": ["", "   ", "二" * 21],
    "number1": ["1a", "1" * 33, "一", "1.2.3"],
    "letter1": ["ab1", "A" * 33, "字"],
    "symbol1": ["!!!!!!", "a"],
    "character_string1": ["号码1", "a" * 33],
    "time1": ["25:00", "明天", "2026年10月1日", "2026年2月30日 10:00", "10:00~11:00~12:00", "9点"],
    "date1": ["2026年13月1日", "2026-02-30", "10月1日", "15:01", "2026-1-5~"],
    "amount1": ["一百元", "12345678901", "¥", "1.2.3元"],
    "phone_number1": ["1" * 18, "电话"],
    "car_number1": ["粤A8Z88888", "粤"],
    "name1": ["十" * 11, "A" * 21, "张3", "张san" * 3],
    "phrase1": ["六个汉字不行", "ok", "已预约1"],
    "const1": ["长" * 21],
    "short_thing1": ["长" * 11],
    "mystery1": ["什么"],
    "thing": ["没有序号"],
}


@pytest.mark.parametrize(
    ("key", "value"), [(key, value) for key, values in _TAKEN.items() for value in values]
)
def test_values_within_the_limits_are_taken(key: str, value: str) -> None:
    assert is_allowed(Line("标签", key), value)


@pytest.mark.parametrize(
    ("key", "value"), [(key, value) for key, values in _REFUSED.items() for value in values]
)
def test_values_beyond_the_limits_are_refused(key: str, value: str) -> None:
    assert not is_allowed(Line("标签", key), value)


def test_an_enumeration_takes_its_own_values_only() -> None:
    line = Line("状态", "enum_string1", ("待办", "已办"))
    assert is_allowed(line, "已办")
    assert not is_allowed(line, "不办")
