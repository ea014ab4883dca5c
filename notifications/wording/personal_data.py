"""Personal data that must not stand in a message: names, identity numbers, phone numbers (PIPL article 6)."""

import re
from collections.abc import Iterator
from typing import Final

from app.kit.identity_numbers import is_id_number

_PLACEHOLDER: Final = re.compile(
    r"(?:.*_)?(?:name|phone|mobile|tel|telephone|id_?card|id_?number|id_?no|openid|unionid|passport|email"
    r"|bank_?card|birthday)(?:_.*)?"
)
# Of an office or a matter, the word before says so.
_OF_A_THING: Final = re.compile(r"(?:hall|business|item|tax|document|file|office|issuer|notice)_name")
_LABEL: Final = re.compile(
    r"姓名|身份证|证件号|手机|联系电话|联系方式|银行卡|办税人|联系人|法定代表人|法人代表|openid",
    re.IGNORECASE,
)
_MOBILE: Final = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?!\d)")
_ID_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z])\d{17}[0-9Xx](?![0-9A-Za-z])")
_BANK_CARD: Final = re.compile(r"(?<!\d)\d{16,19}(?!\d)")
# A frequent surname, one or two signs, and a title of address: 张三先生.
_ADDRESSED: Final = re.compile(
    r"[王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程苏魏吕丁任"
    r"卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫雷黎史贺顾毛郝龚邵万覃武钱戴严莫孔]"
    r"[\u4e00-\u9fff]{1,2}(?:先生|女士|小姐|同志)"
)
# A type of field that WeChat keeps for the name of a person.
_FIELD: Final = "name"


def is_personal_fact(name: str) -> bool:
    """Whether a placeholder of this name asks for what a message must not carry."""
    return _PLACEHOLDER.fullmatch(name) is not None and _OF_A_THING.fullmatch(name) is None


def is_personal_field(field_type: str | None) -> bool:
    """Whether WeChat shows a person's name in such a field."""
    return field_type == _FIELD


def is_personal_label(label: str) -> bool:
    """Whether what stands beside this label is about a person."""
    return _LABEL.search(label) is not None


def found_in(text: str) -> Iterator[str]:
    """The kinds of personal data that stand in a text, in Chinese; never the data themselves."""
    if _MOBILE.search(text):
        yield "手机号"
    if any(is_id_number(found.upper()) for found in _ID_NUMBER.findall(text)):
        yield "身份证号"
    elif _BANK_CARD.search(text):
        yield "银行卡号"
    if _ADDRESSED.search(text):
        yield "姓名"
