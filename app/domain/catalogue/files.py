"""Guides as their authors write them: a TOML file, read and checked."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.domain.catalogue import words
from app.domain.catalogue.errors import BadGuideFile
from app.domain.catalogue.models import Audience, Section

_FAULTS_SHOWN = 20
_CODE = re.compile(r"[a-z0-9-]{2,40}")
_LIMITS = {"title": 80, "summary": 200, "topic": 20}


@dataclass(frozen=True, slots=True)
class GuideText:
    """A guide as its authors write it."""

    code: str
    title: str
    summary: str
    sections: Sequence[Section]
    keywords: Sequence[str]
    basis: Sequence[str]
    audience: Audience
    topic: str
    updated_on: date

    @property
    def words(self) -> str:
        """All it is found by, as PostgreSQL writes a ``tsvector``."""
        parts = [part for one in self.sections for part in (one["heading"], one["text"])]
        return " ".join(sorted(words.of_guide(self.title, self.keywords, (self.summary, *parts))))


def read_guides(text: str) -> list[GuideText]:
    """The guides of a TOML file: ``[[guide]]`` with ``code title summary audience topic updated_on``,

    ``keywords`` and ``basis`` as lists, and ``sections`` as a list of ``{heading, text}``. Raises
    :class:`BadGuideFile` naming each wrong guide.
    """
    try:
        given = tomllib.loads(text).get("guide")
    except tomllib.TOMLDecodeError as broken:
        raise BadGuideFile(fields={"TOML": [str(broken)]}) from None
    if not isinstance(given, list) or not given or not all(isinstance(one, dict) for one in given):
        raise BadGuideFile(fields={"[[guide]]": ["文件中没有办事指南"]})
    faults: dict[str, list[str]] = {}
    seen: set[str] = set()
    for place, one in enumerate(given, start=1):
        reasons = list(_faults_of(one, seen))
        if reasons and len(faults) < _FAULTS_SHOWN:
            faults[f"第 {place} 篇 {one.get('code', '')}".rstrip()] = reasons
        seen.add(str(one.get("code")))
    if faults:
        raise BadGuideFile(fields=faults)
    return [GuideText(**{**one, "audience": Audience(one["audience"])}) for one in given]


def _faults_of(one: Mapping[str, Any], seen: set[str]) -> Iterator[str]:
    if unknown := set(one) ^ set(GuideText.__slots__):
        yield f"多出或缺少：{'、'.join(sorted(unknown))}"
        return
    if not isinstance(one["code"], str) or not _CODE.fullmatch(one["code"]):
        yield "code 应为 2 到 40 位小写字母、数字或连字符"
    if one["code"] in seen:
        yield "code 重复"
    yield from _faults_of_words(one)
    if one["audience"] not in list(Audience):
        yield f"audience 应为 {'、'.join(Audience)} 之一"
    if type(one["updated_on"]) is not date:
        yield "updated_on 应为日期"


def _faults_of_words(one: Mapping[str, Any]) -> Iterator[str]:
    for name, limit in _LIMITS.items():
        if not _is_text(one[name], limit):
            yield f"{name} 应为 1 到 {limit} 个字"
    for name in ("keywords", "basis"):
        if not isinstance(one[name], list) or not all(_is_text(word, 120) for word in one[name]):
            yield f"{name} 应为文字列表"
    if not _are_sections(one["sections"]):
        yield "sections 至少一节，每节有 heading 和 text"


def _is_text(value: object, limit: int) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= limit


def _are_sections(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(
        isinstance(one, dict) and set(one) == {"heading", "text"}
        and _is_text(one["heading"], 30) and _is_text(one["text"], 4000)
        for one in value
    )  # fmt: skip
