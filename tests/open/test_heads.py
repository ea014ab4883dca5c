"""Asking for the head of what can be read: the same head, no body, and counted like the reading itself."""

import re

import pytest

from app.domain.halls.models import Hall
from app.kit import limits
from app.kit.errors import TooOften
from app.main import all_routes
from tests.factories.appointments import make_hall
from tests.public_account.h5.conftest import Browser

pytestmark = pytest.mark.usefixtures("hall")

# Each answer has these of its own.
_OF_ONE_ANSWER = {"x-request-id", "date"}
_READABLE = [
    *("/open", "/open/halls/1", "/h5/halls", "/h5/halls/1", "/h5/", "/h5/slots/1?business=GENERAL"),
    *("/api/v1/halls", "/api/v1/halls/1", "/api/v1/me", "/openapi.json", "/console/sign-in", "/healthz"),
]


@pytest.fixture
async def hall(db: None) -> Hall:
    return await make_hall()


@pytest.mark.parametrize("path", _READABLE)
async def test_a_head_is_that_of_the_answer_and_nothing_else(reader: Browser, path: str) -> None:
    whole, head = await reader.get(path), await reader("HEAD", path)
    assert (head.status, head.text) == (whole.status, "")
    assert int(head.headers["content-length"]) == len(whole.text.encode())
    assert _lasting(head.headers) == _lasting(whole.headers)


async def test_a_head_of_what_the_reader_has_is_304(reader: Browser) -> None:
    tag = (await reader("HEAD", "/open")).headers["etag"]
    again = await reader("HEAD", "/open", headers={"if-none-match": tag})
    assert (again.status, again.headers["etag"]) == (304, tag)


async def test_a_file_of_the_pages_has_a_head(reader: Browser) -> None:
    [path] = re.findall(r'"(/h5/static/h5\.css[^"]*)"', (await reader.get("/h5/halls")).text)
    head = await reader("HEAD", path)
    assert (head.status, head.text) == (200, "")
    assert int(head.headers["content-length"]) > 1000


async def test_a_head_is_refused_as_the_reading_is(reader: Browser) -> None:
    for path in ("/h5/halls/999", "/open/halls/999", "/open/nothing-here"):
        head = await reader("HEAD", path)
        assert (head.status, head.text) == (404, ""), path
    desk = await reader("HEAD", "/console/staff")
    assert (desk.status, desk.location) == (303, "/console/sign-in?to=%2Fconsole%2Fstaff")


async def test_heads_count_as_readings(reader: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = []

    async def hit(name: str, who: str, **_: object) -> None:
        counted.append((name, who))
        if len(counted) > 2:
            raise TooOften(retry_after=7)

    monkeypatch.setattr(limits, "hit", hit)
    await reader.get("/h5/halls")
    await reader("HEAD", "/h5/halls")
    assert counted[0] == counted[1]
    hasty = await reader("HEAD", "/h5/halls")
    assert (hasty.status, hasty.headers["retry-after"]) == (429, "7")


@pytest.mark.parametrize("path", ["/h5/handoff/one-time", "/h5/authorized?state=a&code=b"])
async def test_what_works_once_is_not_used_up_by_a_look(reader: Browser, path: str) -> None:
    assert (await reader("HEAD", path)).status == 405


def test_only_readings_have_a_head() -> None:
    for route in all_routes():
        has_head = "HEAD" in route.methods
        assert not has_head or route.method == "GET"
        assert has_head or route.method != "GET" or route.spends or "json" not in route.produces


def _lasting(headers: dict[str, str]) -> dict[str, str]:
    """What both answers say; the proofs of forms are others on every page, and cookies with them."""
    return {name: value for name, value in headers.items() if name not in _OF_ONE_ANSWER | {"set-cookie"}}
