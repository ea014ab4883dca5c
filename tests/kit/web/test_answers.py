"""Heads of answers: as the framework would write them, and no way out of one."""

import pytest
from sanic import HTTPResponse

from app.kit.web.answers import Answer


@pytest.mark.parametrize(
    "value",
    [
        '"0f3a"',
        "private, no-cache",
        "/h5/办件",
        "a\r\nset-cookie: b=c",
        "a\0b",
        "tab\there",
        "",
        "\udce4",
        12,
    ],
)
def test_a_header_says_what_the_framework_would_have_it_say(value: str | int) -> None:
    heads = [
        list(kind(b"{}", headers={"x-told": value}, content_type="application/json").processed_headers)  # type: ignore[dict-item]
        for kind in (Answer, HTTPResponse)
    ]
    assert heads[0] == heads[1]
    assert not any(b"\n" in text for pair in heads[0] for text in pair)


def test_an_answer_without_a_body_names_no_type() -> None:
    assert list(Answer(status=304, headers={"etag": '"1"'}).processed_headers) == [(b"etag", b'"1"')]
