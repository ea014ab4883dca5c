"""Handing a person over from the mini-program to the pages."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest

from app.kit import clock
from config import settings
from tests.client import Client


@pytest.fixture
async def token(client: Client) -> str:
    return await client.log_in("zhangsan")


async def test_a_link_signs_the_person_in_on_the_pages(client: Client, token: str) -> None:
    agreed = {"purpose": "privacy_policy", "text_version": "1", "granted": True}
    await client.post("/api/v1/me/consents", token=token, json=agreed)
    made = await client.post("/api/v1/handoffs", token=token, json={"to": "h5", "path": "/h5/halls"})
    assert made.status == 201
    assert made.body["url"].startswith(f"{settings.current().public_url}/h5/handoff/")
    left = datetime.fromisoformat(made.body["expires_at"]) - clock.now()
    assert timedelta(0) < left <= timedelta(seconds=60)
    opened = await client.get(urlsplit(made.body["url"]).path, allow_redirects=False)
    assert (opened.status, opened.headers["location"]) == (303, "/h5/halls")


async def test_it_leads_to_our_own_pages_only(client: Client, token: str) -> None:
    for wish in (
        {"to": "h5", "path": "https://evil.example/"},
        {"to": "h5", "path": "/api/v1/me"},
        {"to": "kiosk"},
        {"path": "/h5/"},
        {"to": "h5", "person_id": "x"},
    ):
        refused = await client.post("/api/v1/handoffs", token=token, json=wish)
        assert refused.status == 422, wish
        assert refused.body["fields"]
