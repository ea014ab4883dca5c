"""Log lines are JSON, carry the context, and hide secrets and personal data."""

import json
import logging
import sys

import pytest

from config.logging import JsonLines, TextLines, masked, told_about


def line(message: str, *args: object, **extra: object) -> dict[str, object]:
    record = logging.LogRecord("weiban.test", logging.INFO, __file__, 1, message, args, None)
    vars(record).update(extra)
    found = json.loads(JsonLines().format(record))
    assert isinstance(found, dict)
    return found


def test_line_carries_request_caller_and_hall() -> None:
    with told_about(request_id="r-1", caller="person 7", hall=3):
        found = line("booked %s", "A-1")
    assert (found["request_id"], found["caller"], found["hall"]) == ("r-1", "person 7", 3)
    assert found["message"] == "booked A-1"
    assert str(found["time"]).endswith("+08:00")
    assert "request_id" not in line("later")


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("cgi-bin/x?access_token=81_abcDEF-9&y=1", "81_abcDEF-9"),
        ('{"session_key": "tiihtNczf5v6AKRyjwEUhQ=="}', "tiihtNczf5v6AKRyjwEUhQ"),
        ("{'secret': 'topsecret'}", "topsecret"),
        ("appid=wx1&secret=abcdef0123", "abcdef0123"),
        ("oa_secret=abcdef0123", "abcdef0123"),
        ("Authorization: Bearer abc.def-ghi", "abc.def-ghi"),
        ("sent bearer abc.def-ghi", "abc.def-ghi"),
        ("postgresql://weiban:pw123@db/x", "pw123"),
        ("身份证11010519491231002X已核验", "19491231"),
        ("id 110105194912310021", "19491231"),
        ("电话13812345678。", "13812345678"),
    ],
)
def test_private_text_is_masked(text: str, hidden: str) -> None:
    assert hidden not in masked(text)
    assert hidden not in json.dumps(line("%s", text))
    assert hidden not in json.dumps(line("x", note=text, deep={"a": [text]}), ensure_ascii=False)


@pytest.mark.parametrize("text", ["case 20261122000000123456", "1763776800123 ms", "order 12812345678"])
def test_other_numbers_stay(text: str) -> None:
    assert masked(text) == text


def test_private_extras_are_masked_by_name() -> None:
    found = line("x", access_token="abc", count=3, phone=13812345678)
    assert (found["access_token"], found["count"], found["phone"]) == ("***", 3, "138****5678")


def test_traceback_is_masked() -> None:
    try:
        raise ValueError("secret=abcdef0123")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed", (), sys.exc_info())
    for form in (JsonLines(), TextLines()):
        assert "ValueError" in form.format(record)
        assert "abcdef0123" not in form.format(record)
