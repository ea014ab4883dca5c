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

LEADING_ON = ("/h5/sign-in", "/h5/authorized", "/h5/language", "/h5/text-size")
PIECES = ("/h5/invoices/inputs",)  # Part of a page, fetched into it.

PAGES = [
    route.path
    for route in all_routes()
    if route.produces == "text/html" and route.method == "GET" and "<" not in route.path
    if route.path.startswith("/h5/") and route.path not in LEADING_ON + PIECES
]


@pytest.mark.parametrize("path", [*PAGES, "/h5/nothing-here"])
async def test_a_page_runs_only_our_scripts_and_loads_nothing_foreign(signed_in: Browser, path: str) -> None:
    page = await signed_in.get(path)
    assert page.status == (404 if "nothing" in path else 200)
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert f"frame-ancestors {settings.current().wechat_open_base}" in policy
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert not re.search(r"<script(?![^>]* src=\"/)|\son\w+=|\sstyle=|javascript:", page.text)
    assert '<html lang="zh-CN">' in page.text
    assert "width=device-width" in page.text


async def test_a_page_that_is_not_there_says_the_way_out(signed_in: Browser) -> None:
    assert "请核对后重试" in (await signed_in.get("/h5/nothing-here")).text


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
    assert "<script>" not in page.text


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
    assert re.search(r"<figure [^>]*data-pass><svg[^>]*viewBox", page.text)


async def test_the_style_is_served(browser: Browser) -> None:
    style = await browser.get("/h5/static/h5.css")
    assert (style.status, style.headers["content-type"].partition(";")[0]) == (200, "text/css")
    assert (await browser.get("/h5/static/../pages.py")).status == 404


async def test_a_reader_chooses_the_language_and_the_size_of_letters(signed_in: Browser) -> None:
    chosen = await signed_in.get("/h5/language?to=en&back=/h5/halls")
    assert (chosen.status, chosen.location) == (303, "/h5/halls")
    english = await signed_in.get("/h5/halls")
    assert '<html lang="en">' in english.text
    assert "Choose a hall" in english.text
    assert (await signed_in.get("/h5/text-size?to=big")).location == "/h5/"
    assert 'class="big"' in (await signed_in.get("/h5/halls")).text


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/console/", "/h5/%2f%2fevil"])
async def test_a_choice_leads_nowhere_else(signed_in: Browser, back: str) -> None:
    assert (await signed_in.get(f"/h5/language?to=en&back={back}")).location == "/h5/"


async def test_a_page_comes_pressed_to_whoever_can_unpack_it(signed_in: Browser) -> None:
    for number in range(4):
        await make_hall(f"第{number}办税服务厅")
    plain = await signed_in("GET", "/h5/halls", headers={"accept-encoding": "identity"})
    pressed = await signed_in("GET", "/h5/halls", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert pressed.headers["content-encoding"] == "gzip"
    assert pressed.text == plain.text


async def test_a_style_is_kept_for_good_under_its_digest(signed_in: Browser) -> None:
    found = re.search(r'href="(/h5/static/h5.css\?v=[0-9a-f]+)"', (await signed_in.get("/h5/halls")).text)
    assert found is not None
    style = await signed_in.get(found[1])
    assert "immutable" in style.headers["cache-control"]
    assert "no-cache" in (await signed_in.get("/h5/static/h5.css?v=0")).headers["cache-control"]
    assert (await signed_in.get("/h5/static/../pages.py")).status == 404
    assert (await signed_in.get("/h5/static/%2e%2e/pages.py")).status == 404
