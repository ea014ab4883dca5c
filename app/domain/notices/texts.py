"""What a notice says, as its author hands it in: read, checked and made harmless in one place."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final, Self

from app.domain.accounts.models import TaxpayerGroup
from app.domain.catalogue import words
from app.domain.notices.errors import BadNoticeText
from app.domain.notices.models import NoticeKind, NoticeVersion
from app.kit import sanitize
from app.kit.clock import SHANGHAI

_LIMITS: Final = {"title": 100, "source": 60, "document_number": 60, "summary": 200, "region": 12}
_REQUIRED: Final = frozenset({"kind", "title", "source", "body"})
_OPTIONAL: Final = frozenset({"document_number", "summary", "region", "groups", "expires_at"})
_MADE_SUMMARY: Final = 100
# A ``tsvector`` holds one megabyte, which no more signs than these can fill.
_INDEXED: Final = 20_000
_YEARS: Final = range(2000, 3000)
# What no reader sees, or what turns the direction of words around.
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class NoticeText:
    """A notice as it may be stored: ``body`` is clean HTML, ``summary`` is never empty."""

    kind: NoticeKind
    title: str
    source: str
    body: str
    summary: str
    document_number: str | None = None
    region_code: str | None = None
    groups: tuple[str, ...] = ()
    expires_at: datetime | None = None

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """From ``kind title source body`` and perhaps ``document_number summary region groups expires_at``.

        ``body`` is HTML or plain text. Raises BadNoticeText naming each wrong field.
        """
        faults = dict(_faults_of(given))
        body = sanitize.clean(given["body"]) if "body" not in faults else ""
        plain = sanitize.plain(body)
        if not plain and not faults:
            faults["body"] = ["正文去掉不允许的内容后是空的"]
        if faults:
            raise BadNoticeText(fields=faults)
        summary = _line(given, "summary") or _shortened(plain)
        return cls(
            kind=NoticeKind(given["kind"]),
            title=_line(given, "title"),
            source=_line(given, "source"),
            body=body,
            summary=summary,
            document_number=_line(given, "document_number") or None,
            region_code=_line(given, "region") or None,
            groups=tuple(sorted(set(given.get("groups", ())))),
            expires_at=_moment(given.get("expires_at")),
        )


def read_file(text: str) -> NoticeText:
    """The notice of a TOML file. Raises BadNoticeText."""
    try:
        return NoticeText.read(tomllib.loads(text))
    except tomllib.TOMLDecodeError as broken:
        raise BadNoticeText(fields={"TOML": [str(broken)]}) from None


def words_of(kind: NoticeKind, version: NoticeVersion) -> str:
    """All a notice is found by, as PostgreSQL writes a ``tsvector``."""
    keywords = (kind.words, version.source, version.document_number or "")
    begins = sanitize.plain(version.body)[:_INDEXED]
    return " ".join(sorted(words.of_guide(version.title, keywords, (version.summary, begins))))


def _faults_of(given: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for name in sorted(set(given) - _REQUIRED - _OPTIONAL):
        yield name, ["不认识的字段"]
    if given.get("kind") not in list(NoticeKind):
        yield "kind", [f"应为 {'、'.join(NoticeKind)} 之一"]
    for name, limit in _LIMITS.items():
        value = given.get(name, "")
        least = 1 if name in _REQUIRED else 0
        if not isinstance(value, str) or not least <= len(value.strip()) <= limit or _UNSEEN.search(value):
            yield name, [f"应为 {least} 到 {limit} 个字"]
    body = given.get("body")
    if not isinstance(body, str) or not 0 < len(body) <= sanitize.LONGEST:
        yield "body", [f"应为 1 到 {sanitize.LONGEST} 个字的 HTML 或纯文本"]
    elif _SURROGATE.search(body):
        yield "body", ["含有不能使用的字符"]
    elif sanitize.is_too_deep(body):
        yield "body", [f"列表、引用等最多嵌套 {sanitize.DEEPEST} 层，请整理后重新提交"]
    groups = given.get("groups", [])
    if not isinstance(groups, list) or not all(one in list(TaxpayerGroup) for one in groups):
        yield "groups", [f"应为列表，每项为 {'、'.join(TaxpayerGroup)} 之一；空为所有人"]
    expires_at = given.get("expires_at")
    if not isinstance(expires_at, date | None) or (expires_at and expires_at.year not in _YEARS):
        yield "expires_at", ["应为 2000 年以后的日期，或带时区的日期时间"]


def _line(given: Mapping[str, Any], name: str) -> str:
    return " ".join(given.get(name, "").split())


def _shortened(plain: str) -> str:
    return plain if len(plain) <= _MADE_SUMMARY else f"{plain[: _MADE_SUMMARY - 1]}…"


def _moment(given: date | None) -> datetime | None:
    """A day without a time is over when it ends; a time without a zone is one in Beijing."""
    if given is None:
        return None
    if not isinstance(given, datetime):
        return datetime.combine(given, time.max, SHANGHAI)
    return given if given.tzinfo else given.replace(tzinfo=SHANGHAI)
