"""How names are found by pinyin."""

import csv

import pytest

from app.domain.halls.regions import is_government, read_regions, shipped
from app.domain.halls.spelling import spell, syllables


@pytest.mark.parametrize(
    ("name", "region", "pinyin", "initials"),
    [
        ("番禺区", "44", "panyuqu", "pyq"),
        ("天河区政务服务中心", "44", "tianhequzhengwufuwuzhongxin", "thqzwfwzx"),
        ("单县", "37", "shanxian", "sx"),
        ("六安市", "34", "luanshi", "las"),
        ("佛冈县", "44", "fogangxian", "fgx"),
        ("花都区", "44", "huaduqu", "hdq"),
        ("麻涌镇", "44", "machongzhen", "mcz"),
        ("涌泉镇", "33", "yongquanzhen", "yqz"),
        ("新圩镇", "44", "xinxuzhen", "xxz"),
        ("塘厦镇", "44", "tangxiazhen", "txz"),
        ("广厦街道", "44", "guangshajiedao", "gsjd"),
        ("勒流街道", "44", "leliujiedao", "lljd"),
        ("A 座 12 号", "44", "azuo12hao", "az12h"),
    ],
)
def test_place_is_spelt_as_its_people_say_it(name: str, region: str, pinyin: str, initials: str) -> None:
    assert spell(name, region) == (pinyin, initials)


def test_shipped_spellings_are_those_we_would_make() -> None:
    for row in list(csv.DictReader(shipped().splitlines()))[::50]:
        expected = [sound for sound in syllables(row["name"], row["code"]) if sound]
        assert row["pinyin"].split() == expected, row["name"]


def test_shipped_file_has_all_of_guangdong() -> None:
    rows = read_regions(shipped())
    by_level = [sum(row.level == level for row in rows) for level in (1, 2, 3, 4, 5)]

    assert by_level == [1, 21, 124, 1757, 26842]
    assert {row.parent_code for row in rows} - {None} <= {row.code for row in rows}


@pytest.mark.parametrize(
    ("code", "name", "level", "expected"),
    [
        ("440106", "天河区", 3, True),
        ("441900", "东莞市", 3, False),
        ("440113012", "大石街道", 4, True),
        ("440113401", "国营林场", 4, False),
        ("440113012206", "会江村民委员会", 5, True),
        ("440305007003", "科技园社区居委会", 5, True),
        ("441900401498", "松山湖生活区", 5, False),
        ("440113401498", "林场虚拟社区", 5, False),
    ],
)
def test_statistics_unit_is_no_government(code: str, name: str, level: int, expected: bool) -> None:
    assert is_government(code, name, level) is expected
