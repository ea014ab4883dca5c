"""Every face's document is served beside a reader that loads nothing from elsewhere."""

import re

import pytest

from tests.client import Client


@pytest.mark.parametrize("prefix", ["", "/partner"])
async def test_the_page_the_start_and_the_document_belong_together(client: Client, prefix: str) -> None:
    page = await client.get(f"{prefix}/docs")
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
    named = re.findall(r'(?:src|href)="([^"]+)"', page.body.decode())
    assert f"{prefix}/docs/start.js" in named
    assert all(one.startswith("/") and not one.startswith("//") for one in named)
    start = await client.get(f"{prefix}/docs/start.js")
    assert start.headers["content-type"] == "text/javascript; charset=utf-8"
    [told] = re.findall(r'url: "([^"]+)"', start.body.decode())
    document = await client.get(told)
    assert (document.status, document.body["openapi"]) == (200, "3.1.0")
    assert (told, document.body["info"]["title"].endswith("Partner API")) == (
        f"{prefix}/openapi.json",
        bool(prefix),
    )
