"""What an author hands in: read whole, made harmless, and refused field by field."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from app.domain.notices.errors import BadNoticeText
from app.domain.notices.models import NoticeKind
from app.domain.notices.texts import NoticeText, read_file
from app.kit import sanitize
from app.kit.clock import SHANGHAI

GIVEN: dict[str, Any] = {
    "kind": "policy",
    "title": " 标 题\t一 ",
    "source": "税务局",
    "body": "<p>正文<script>x()</script></p>",
}


def test_a_notice_is_read_and_cleaned() -> None:
    text = NoticeText.read({**GIVEN, "groups": ["visitor", "visitor"], "document_number": ""})
    assert (text.kind, text.title, text.body) == (NoticeKind.POLICY, "标 题 一", "<p>正文</p>")
    assert (text.summary, text.document_number, text.groups) == ("正文", None, ("visitor",))


def test_a_summary_is_made_of_the_first_words() -> None:
    text = NoticeText.read({**GIVEN, "body": f"<p>{'长' * 150}</p>"})
    assert text.summary == "长" * 99 + "…"
    assert NoticeText.read({**GIVEN, "summary": "短"}).summary == "短"


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (date(2026, 12, 31), datetime(2026, 12, 31, 23, 59, 59, 999999, SHANGHAI)),
        (datetime(2026, 12, 31, 8), datetime(2026, 12, 31, 8, tzinfo=SHANGHAI)),  # noqa: DTZ001  As TOML gives it.
        (datetime(2026, 12, 31, tzinfo=UTC), datetime(2026, 12, 31, 8, tzinfo=SHANGHAI)),
    ],
)
def test_a_day_is_over_when_it_ends_in_beijing(given: date, meant: datetime) -> None:
    assert NoticeText.read({**GIVEN, "expires_at": given}).expires_at == meant


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kind": "news"}, "kind"),
        ({"title": " "}, "title"),
        ({"title": "长" * 101}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"title": "\u200b"}, "title"),
        ({"title": "a\u202eb"}, "title"),
        ({"body": "<p>\ud800</p>"}, "body"),
        ({"body": "<ul>" * 101}, "body"),
        ({"expires_at": date(1, 1, 1)}, "expires_at"),
        ({"expires_at": datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=12)))}, "expires_at"),
        ({"source": 1}, "source"),
        ({"document_number": "长" * 61}, "document_number"),
        ({"summary": "长" * 201}, "summary"),
        ({"body": ""}, "body"),
        ({"body": "<script>x</script><p> </p>"}, "body"),
        ({"body": "长" * (sanitize.LONGEST + 1)}, "body"),
        ({"groups": ["everybody"]}, "groups"),
        ({"groups": "visitor"}, "groups"),
        ({"expires_at": "2026"}, "expires_at"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_field_is_named(changed: dict[str, Any], field: str) -> None:
    with pytest.raises(BadNoticeText) as refused:
        NoticeText.read({**GIVEN, **changed})
    assert list(refused.value.fields) == [field]


def test_a_missing_field_and_a_broken_file_are_named() -> None:
    with pytest.raises(BadNoticeText) as refused:
        read_file("kind = 'policy'")
    assert set(refused.value.fields) == {"title", "source", "body"}
    with pytest.raises(BadNoticeText):
        read_file("kind = ")
