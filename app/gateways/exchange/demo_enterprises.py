"""Pretend enterprises with believable names and valid codes; the same each time."""

import random
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from stdnum.cn import uscc

KNOWN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "91440101MA5DEMQ01M": "广州珠江晨光贸易有限公司",
        "91440106MA5DEMQ021": "广州天河云帆信息技术有限公司",
        "91440300MA5DEMQ03P": "深圳市鹏程智造有限公司",
        "91440305MA5DEMQ043": "深圳南山海纳文化传播有限公司",
        "91440600MA5DEMQ05D": "佛山市禅城陶源建材有限公司",
        "92440604MA5DEMQ067": "佛山市禅城区老街肠粉店",
    }
)
"""Those the demonstration speaks of by name."""

_MANY: Final = 400
_PLACES: Final = (
    ("440100", "广州"), ("440300", "深圳市"), ("440600", "佛山市"), ("441900", "东莞市"), ("440400", "珠海"),
    ("441300", "惠州市"), ("442000", "中山市"), ("440700", "江门市"),
)  # fmt: skip
_FIRST: Final = "晨云海鹏瑞恒星宏景安达盛南华新金"
_SECOND: Final = "光帆纳程和通源泰丰博雅利峰驰升嘉"
_TRADES: Final = (
    "贸易",
    "信息技术",
    "智能制造",
    "建材",
    "餐饮管理",
    "物流",
    "电子科技",
    "服装",
    "食品",
    "环保工程",
)
_SIGNS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@cache
def enterprises() -> Mapping[str, str]:
    """Names by code."""
    draw = random.Random("enterprises")  # noqa: S311  The same data each time is the point.
    found = dict(KNOWN)
    while len(found) < _MANY:
        region, place = draw.choice(_PLACES)
        body = f"91{region}MA5{''.join(draw.choices(_SIGNS, k=6))}"
        name = f"{place}{draw.choice(_FIRST)}{draw.choice(_SECOND)}{draw.choice(_TRADES)}有限公司"
        found[body + uscc.calc_check_digit(body)] = name
    return MappingProxyType(found)


def name_of(code: str) -> str:
    """The name of any enterprise, known or not."""
    return enterprises().get(code) or f"演示企业{code[-6:]}有限公司"
