"""Every page of a desk stands open to the roles named here and to nobody else."""

import pytest

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post
from app.kit.web import STAFF_PAGE
from app.main import all_routes
from tests.console.conftest import AtWork

EVERYONE = frozenset(StaffRole)
AUDITOR = frozenset({StaffRole.AUDITOR})

DOORS = {
    ("GET", "/console/"): EVERYONE,
    ("GET", "/console/audit/"): AUDITOR,
    ("POST", "/console/audit/verify"): AUDITOR,
    ("GET", "/console/audit/records"): AUDITOR,
    ("GET", "/console/audit/records.csv"): AUDITOR,
    ("GET", "/console/audit/records.xlsx"): AUDITOR,
}
OWN_SESSION = {
    ("POST", "/console/sign-out"),
    ("GET", "/console/password"),
    ("POST", "/console/password"),
}
"""Open to whoever is signed in, even before the first password of their own."""


def test_every_page_of_a_desk_names_its_roles() -> None:
    doors = {
        (route.method, route.path): getattr(route.handler, "welcome", None)
        for route in all_routes()
        if route.caller is STAFF_PAGE
    }
    assert doors == {**DOORS, **dict.fromkeys(OWN_SESSION)}


@pytest.mark.parametrize("role", list(StaffRole))
async def test_a_role_opens_its_own_doors_only(at_work: AtWork, role: StaffRole) -> None:
    browser = await at_work("somebody", Post(role))
    home = await browser.get("/console/")
    for (method, path), roles in DOORS.items():
        form = {"csrf": home.field("csrf")} if method == "POST" else None
        async with browser.session.request(method, path, data=form) as answer:
            await answer.read()
        assert (answer.status != 403) == (role in roles), (method, path)
