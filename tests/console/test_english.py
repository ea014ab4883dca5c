"""What an English reader meets at the desks: refusals in English, and Chinese that is marked as such."""

import re
from html.parser import HTMLParser

import pytest

from app.console.site import site
from app.domain.accounts import staffing
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post
from app.kit.web import Route
from app.main import all_routes
from tests.console.conftest import AtWork
from tests.factories.appointments import make_hall
from tests.public_account.h5.test_english import ANYWHERE, below

ROUTES = [route for route in all_routes() if route.path.startswith("/console/")]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_whatever_a_page_refuses_has_english_words(route: Route) -> None:
    codes = {one.code for declared in route.errors for one in below(declared)}
    assert [code for code in sorted(codes) if not site.texts.says("en", f"fault.{code}")] == []


def test_what_any_page_may_refuse_has_english_words() -> None:
    codes = {one.code for one in ANYWHERE} | {"wrong_desk", "foreign_form", "session_ended"}
    assert [code for code in sorted(codes) if not site.texts.says("en", f"fault.{code}")] == []


class _Unmarked(HTMLParser):
    """The Chinese of a page that is not said to be Chinese; a title can say no such thing."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside: list[tuple[str, bool]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("input", "meta", "link", "br", "img"):
            self._inside.append((tag, ("lang", "zh-CN") in attrs or tag == "title"))

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if re.search("[\u4e00-\u9fff]", data) and not any(is_marked for _, is_marked in self._inside):
            self.found.append(data.strip())


async def test_chinese_on_an_english_page_is_marked(at_work: AtWork) -> None:
    hall = await make_hall()
    await make_hall("TH2")
    desks = [
        await at_work("manager", Post(StaffRole.SYSTEM_ADMIN), Post(StaffRole.HALL_MANAGER)),
        await at_work("security", Post(StaffRole.SECURITY_ADMIN)),
    ]
    await staffing.hire("clerk", "前台小王", Post(StaffRole.CLERK, hall_id=hall.id))
    for browser in desks:
        browser.plant("weiban_language", "en")
    admin, security = desks
    pages = [
        await admin.get(path)
        for path in (
            "/console/halls/",
            f"/console/halls/{hall.id}",
            "/console/figures/bookings?days=7",
            "/console/counter/",
            f"/console/counter/{hall.id}",
        )
    ]
    pages += [await security.get(path) for path in ("/console/staff/", "/console/staff/posts")]
    csrf = (await security.get("/console/staff/new")).field("csrf")
    said = {"username": "new", "display_name": "x", "role": "clerk", "region": "nowhere"}
    pages.append(await security.post("/console/staff/new", csrf=csrf, **said))
    for page in pages:
        assert re.search('<span lang="zh-CN">', page.text), "there is something to mark"
        assert _Unmarked(page.text).found == []
