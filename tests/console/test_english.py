"""What an English reader meets at the desks: every refusal of a page in English."""

import pytest

from app.console.site import site
from app.kit.web import Route
from app.main import all_routes
from tests.public_account.h5.test_english import ANYWHERE, below

ROUTES = [route for route in all_routes() if route.path.startswith("/console/")]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_whatever_a_page_refuses_has_english_words(route: Route) -> None:
    codes = {one.code for declared in route.errors for one in below(declared)}
    assert [code for code in sorted(codes) if not site.texts.says("en", f"fault.{code}")] == []


def test_what_any_page_may_refuse_has_english_words() -> None:
    codes = {one.code for one in ANYWHERE} | {"wrong_desk", "foreign_form", "session_ended"}
    assert [code for code in sorted(codes) if not site.texts.says("en", f"fault.{code}")] == []
