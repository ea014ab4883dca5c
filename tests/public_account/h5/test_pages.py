"""Every page: readable, private, without scripts, framed by nobody but the local phone."""

import re

import pytest

from app.domain.appointments import booking
from app.kit import limits
from app.kit.errors import TooOften
from app.main import all_routes
from config import settings
from tests.factories.appointments import make_hall, make_slot, seat
from tests.public_account.h5.conftest import Browser

PAGES = [
    route.path
    for route in all_routes()
    if route.produces == "text/html" and route.method == "GET" and "<" not in route.path
    if route.path.startswith("/h5/") and route.path not in ("/h5/sign-in", "/h5/authorized")
]


@pytest.mark.parametrize("path", [*PAGES, "/h5/nothing-here"])
async def test_a_page_runs_no_script_and_loads_nothing_foreign(signed_in: Browser, path: str) -> None:
    page = await signed_in.get(path)
    assert page.status == (404 if "nothing" in path else 200)
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';")
    assert f"frame-ancestors {settings.current().wechat_open_base}" in policy
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert not re.search(r"<script|\son\w+=|\sstyle=|javascript:", page.text)
    assert '<html lang="zh-CN">' in page.text
    assert "width=device-width" in page.text


async def test_in_production_nobody_may_frame_a_page(
    signed_in: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    production = settings.current().model_copy(update={"env": "production"})
    monkeypatch.setattr(settings, "current", lambda: production)
    assert "frame-ancestors 'none'" in (await signed_in.get("/h5/halls")).headers["content-security-policy"]


async def test_what_is_personal_is_not_stored(signed_in: Browser) -> None:
    assert (await signed_in.get("/h5/")).headers["cache-control"] == "no-store"


async def test_words_of_others_cannot_become_markup(signed_in: Browser) -> None:
    page = await signed_in.get("/h5/halls?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script" not in page.text


async def test_a_wrong_method_and_too_much_haste_are_told_as_pages(
    signed_in: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "不支持" in (await signed_in.post("/h5/halls")).text
    monkeypatch.setattr(limits, "hit", _too_often)
    hasty = await signed_in.get("/h5/halls")
    assert (hasty.status, hasty.headers["retry-after"]) == (429, "7")
    assert "操作太频繁" in hasty.text


async def _too_often(*_: object, **__: object) -> None:
    raise TooOften(retry_after=7)


async def test_the_pass_is_a_code_to_scan_and_renews_itself(signed_in: Browser, person_id: object) -> None:
    slot = await make_slot(await make_hall())
    made = await booking.book(seat(slot, person_id))  # type: ignore[arg-type]
    page = await signed_in.get(f"/h5/appointments/{made.id}")
    assert 'http-equiv="refresh" content="240"' in page.text
    assert re.search(r"<figure><svg[^>]*viewBox", page.text)


async def test_the_style_is_served(browser: Browser) -> None:
    style = await browser.get("/h5/static/h5.css")
    assert (style.status, style.headers["content-type"].partition(";")[0]) == (200, "text/css")
    assert (await browser.get("/h5/static/../pages.py")).status == 404
