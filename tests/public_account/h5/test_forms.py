"""Forms: whatever changes something is refused unless it comes from a page of the same session."""

from uuid import UUID

import pytest

from app.domain.accounts import sessions
from app.domain.accounts.models import IdentityLevel
from app.domain.appointments.models import Appointment
from app.kit.ids import uuid7
from app.kit.web import Route, csrf_token
from app.kit.web.callers import SAFE_METHODS
from app.main import all_routes
from app.public_account.h5.entry.sign_in import SESSION_COOKIE
from tests.factories.appointments import BUSINESS, make_hall, make_person, make_slot
from tests.public_account.h5.conftest import Browser

UNSAFE = [
    route
    for route in all_routes()
    if route.caller.cookie == SESSION_COOKIE and route.method not in SAFE_METHODS
]


def test_there_are_forms() -> None:
    assert {route.path for route in UNSAFE} >= {"/h5/slots/<slot_id:int>", "/h5/sign-out"}


@pytest.mark.parametrize("route", UNSAFE, ids=lambda route: route.path)
async def test_a_form_of_another_site_changes_nothing(signed_in: Browser, route: Route) -> None:
    path = route.path.replace("<slot_id:int>", "1").replace("<id:uuid>", str(uuid7()))
    for given in ({}, {"csrf": ""}, {"csrf": "0" * 64}, {"csrf": "é"}):
        refused = await signed_in.post(path, **given)
        assert (refused.status, "刷新" in refused.text) == (403, True), given
    assert (await signed_in.get("/h5/")).status == 200, "still signed in"


async def test_the_token_of_another_session_is_worth_nothing(signed_in: Browser) -> None:
    other = await sessions.begin(await make_person(), IdentityLevel.WX_BOUND)
    assert (await signed_in.post("/h5/sign-out", csrf=csrf_token(other.token))).status == 403


async def test_a_bearer_token_opens_no_page_and_a_cookie_no_api(signed_in: Browser) -> None:
    token = signed_in.holds(SESSION_COOKIE) or ""
    assert (await signed_in("GET", "/api/v1/me")).status == 401
    signed_in.session.cookie_jar.clear()
    home = await signed_in("GET", "/h5/", headers={"Authorization": f"Bearer {token}"})
    assert home.location.startswith("/h5/sign-in")


async def test_a_form_without_a_session_is_told_to_sign_in(browser: Browser) -> None:
    refused = await browser.post("/h5/sign-out")
    assert (refused.status, 'href="/h5/sign-in"' in refused.text) == (401, True)


@pytest.mark.parametrize("form", [{}, {"business": "INVOICE"}, {"business": "<b>", "key": "k"}, {"x": "y"}])
async def test_a_form_that_makes_no_sense_is_refused_in_words(
    signed_in: Browser, person_id: UUID, form: dict[str, str]
) -> None:
    slot = await make_slot(await make_hall())
    page = await signed_in.get(f"/h5/slots/{slot.id}?business={BUSINESS}")
    refused = await signed_in.post(f"/h5/slots/{slot.id}", csrf=page.field("csrf"), **form)
    assert refused.status == 422
    assert "请按提示修改" in refused.text
    assert await Appointment.filter(person_id=person_id).count() == 0
