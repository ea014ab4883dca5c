"""How names are spelt in pinyin, so that 番禺 is found by ``panyu`` and by ``py``.

pypinyin knows words, not places: 单县 is *shan xian*, and in Guangdong 圩 is *xu* and 涌 is *chong*.
``data/spellings.csv`` holds what it misses, for everywhere or for one province.
"""

import csv
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Spelling(NamedTuple):
    """A name's two search keys, lower-case ASCII without spaces."""

    pinyin: str
    initials: str


class _Correction(NamedTuple):
    province: str
    name: str
    syllables: tuple[str, ...]


@cache
def _corrections() -> tuple[_Correction, ...]:
    """The table, short names first, so that a longer name has the last word."""
    text = (files("app.domain.halls") / "data" / "spellings.csv").read_text(encoding="utf-8")
    rows = [
        _Correction(row["province"], row["name"], tuple(row["pinyin"].split()))
        for row in csv.DictReader(text.splitlines())
    ]
    return tuple(sorted(rows, key=lambda row: len(row.name)))


def syllables(name: str, region_code: str = "") -> list[str]:
    """One syllable for each sign of a name; a sign that is neither Chinese nor ASCII gives ``""``."""
    # Its dictionaries take tens of megabytes, which a server that only searches never needs.
    from pypinyin import lazy_pinyin

    found = lazy_pinyin(name, errors=_sign_by_sign)  # type: ignore[arg-type]  # typed for one string, documented for a list too
    if len(found) != len(name):
        raise ValueError(f"{name} has {len(name)} signs and {len(found)} syllables")
    for correction in _corrections():
        if correction.name in name and region_code.startswith(correction.province):
            at = name.find(correction.name)
            while at >= 0:
                found[at : at + len(correction.syllables)] = correction.syllables
                at = name.find(correction.name, at + 1)
    return [sound.lower() if sound.isascii() and sound.isalnum() else "" for sound in found]


def spell(name: str, region_code: str = "") -> Spelling:
    """The search keys of a name in a region."""
    return joined(syllables(name, region_code))


def joined(sounds: Sequence[str]) -> Spelling:
    """The search keys of a name already spelt; a run of digits stays whole in both."""
    return Spelling("".join(sounds), "".join(sound if sound.isdigit() else sound[:1] for sound in sounds))


def _sign_by_sign(signs: str) -> list[str]:
    return list(signs)
