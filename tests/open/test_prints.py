"""The public page under a rush: printed once, kept a few seconds, told apart by its validators."""

import asyncio
import gzip
import re
import time
from collections.abc import Sequence

import pytest

from app.domain.appointments import busyness
from app.domain.appointments.busyness import Busyness
from app.domain.halls import queries
from app.domain.halls.models import Hall
from app.kit.errors import UpstreamDown
from app.kit.web.pages import prints
from app.open.site import LIVE
from tests.factories.appointments import make_hall
from tests.public_account.h5.conftest import Browser

PAGES = ["/open", "/open/statistics"]


@pytest.fixture
async def hall(db: None) -> Hall:
    return await make_hall()


@pytest.mark.usefixtures("hall")
@pytest.mark.parametrize("path", PAGES)
async def test_anybody_may_keep_it_and_nobody_is_marked(reader: Browser, path: str) -> None:
    page = await reader.get(path)
    assert page.status == 200
    assert re.fullmatch(r"public, max-age=[1-9]\d*", page.headers["cache-control"])
    assert {one.strip() for one in page.headers["vary"].split(",")} == {"accept-encoding", "cookie"}
    assert page.cookies == {}
    assert "csrf" not in page.text


@pytest.mark.usefixtures("hall")
@pytest.mark.parametrize("path", PAGES)
async def test_each_form_has_a_validator_of_its_own(reader: Browser, path: str) -> None:
    plain = await reader.get(path)
    async with reader.session.get(path, headers={"accept-encoding": "gzip"}, auto_decompress=False) as answer:
        body, headers = await answer.read(), answer.headers
    assert gzip.decompress(body).decode() == plain.text
    assert headers["etag"] != plain.headers["etag"]
    assert not headers["etag"].startswith("W/")
    for tag, encoding, status in (
        (plain.headers["etag"], "identity", 304),
        (headers["etag"], "gzip", 304),
        (headers["etag"], "identity", 200),
        (plain.headers["etag"], "gzip", 200),
        ('"other"', "gzip", 200),
    ):
        again = await reader("GET", path, headers={"if-none-match": tag, "accept-encoding": encoding})
        assert (again.status, bool(again.text)) == (status, status == 200)
        assert again.headers["vary"] == plain.headers["vary"]
        assert again.headers["cache-control"] == plain.headers["cache-control"]


async def test_a_rush_prints_a_page_once(
    reader: Browser, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Sequence[int]] = []

    async def at_halls(hall_ids: Sequence[int]) -> list[Busyness]:
        asked.append(hall_ids)
        await asyncio.sleep(0.05)
        return [Busyness(1, 2, None, 0) for _ in hall_ids]

    monkeypatch.setattr(busyness, "at_halls", at_halls)
    pages = await asyncio.gather(*(reader.get("/open") for _ in range(30)))
    assert {page.status for page in pages} == {200}
    assert asked == [[hall.id]]
    await reader.get("/open?region=44")
    assert len(asked) == 2, "another question is another page"


async def test_live_figures_lag_a_few_seconds_at_most(
    reader: Browser, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await reader.get("/open")
    await Hall.filter(id=hall.id).update(name="改了名的大厅")
    assert (await reader.get("/open")).text == first.text
    monotonic = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: monotonic() + LIVE.kept_s)
    assert "改了名的大厅" in (await reader.get("/open")).text
    assert LIVE.kept_s + LIVE.fresh_s < 15


async def test_what_failed_is_not_kept(reader: Browser, hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(queries, "open_now", _fail)
        pages = await asyncio.gather(*(reader.get("/open") for _ in range(3)))
        assert {page.status for page in pages} == {503}
        assert {page.headers["cache-control"] for page in pages} == {"no-store"}
    assert hall.name in (await reader.get("/open")).text


async def _fail(_: Sequence[int]) -> frozenset[int]:
    raise UpstreamDown


@pytest.mark.usefixtures("hall")
async def test_readers_of_other_tastes_get_other_pages(reader: Browser) -> None:
    chinese = await reader.get("/open")
    chosen = await reader.get("/open/language?to=en&back=/open")
    assert (chosen.status, chosen.location) == (303, "/open")
    assert chosen.headers["cache-control"] == "no-store"
    english = await reader.get("/open")
    assert ('<html lang="en">' in english.text, "Service halls right now" in english.text) == (True, True)
    reader.plant("weiban_text", "big")
    assert 'class="big"' in (await reader.get("/open")).text
    assert '<html lang="zh-CN">' in chinese.text


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example", "//elsewhere.example", "/h5/", "/openapi.json"]
)
async def test_the_way_back_leads_to_a_page_of_this_face(reader: Browser, back: str) -> None:
    assert (await reader.get(f"/open/language?to=en&back={back}")).location == "/open"


async def test_searches_do_not_fill_the_memory(
    reader: Browser, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prints, "MOST", 3)
    for number in range(8):
        assert (await reader.get(f"/open?q={number}")).status == 200
    assert len(prints._kept) == 3
