"""However a command was typed, it is the same command."""

import pytest

from app.public_account.conversation.words import LONGEST, in_one_spelling, without_politeness


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("预约", "预约"),
        (" 預約　辦稅！", "预约 办税"),
        ("「進度」１２３４５６７８", "进度」12345678"),
        ("ＹＵＹＵＥ", "yuyue"),
        ("發票，", "发票"),
        ("幫助？", "帮助?"),
        ("?", "?"),
        ("预\u200b约\u200e", "预约"),
        ("", ""),
        ("。。。", ""),
    ],
)
def test_one_spelling(typed: str, meant: str) -> None:
    assert in_one_spelling(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("我要预约", "预约"),
        ("请问 怎么开发票", "怎么开发票"),
        ("请帮我查进度", "查进度"),
        ("您好", "您好"),
        ("我", "我"),
    ],
)
def test_politeness_is_not_part_of_a_command(typed: str, meant: str) -> None:
    assert without_politeness(in_one_spelling(typed)) == meant


def test_only_the_beginning_of_a_speech_is_looked_at() -> None:
    assert len(in_one_spelling("税" * 2000)) == LONGEST
