"""Answers that a reader need not fetch twice: ETag and If-None-Match (RFC 9110, 8.8 and 13.1)."""

import hashlib

from sanic import HTTPResponse, Request

from app.kit.web.answers import Answer


def tag_of(body: bytes) -> str:
    """A strong validator of a body."""
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def reply_with_etag(
    request: Request,
    body: bytes,
    tag: str,
    *,
    cache_control: str = "no-cache",
    content_type: str = "application/json",
) -> HTTPResponse:
    """The body, or 304 with none if the reader already has this one."""
    headers = {"etag": tag, "cache-control": cache_control}
    known = request.headers.get("if-none-match")
    if known and (known == "*" or tag in known):
        return Answer(status=304, headers=headers)
    return Answer(body, status=200, headers=headers, content_type=content_type)
