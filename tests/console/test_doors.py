"""Every page of a desk stands open to the roles named here and to nobody else."""

import re

import pytest
from aiohttp import FormData

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post
from app.kit.web import STAFF_PAGE
from app.main import all_routes
from tests.console.conftest import AtWork
from tests.console.doors import DOORS, OWN_SESSION


def test_every_page_of_a_desk_names_its_roles() -> None:
    doors = {
        (route.method, route.path): getattr(route.handler, "welcome", None)
        for route in all_routes()
        if route.caller is STAFF_PAGE
    }
    assert doors == {**DOORS, **dict.fromkeys(OWN_SESSION)}


def address(path: str) -> str:
    """A path with something in its places that is not there."""
    return _PLACE.sub(lambda found: _SOMETHING[found[1]], path)


_PLACE = re.compile(r"<\w+:(\w+)>")
_SOMETHING = {"int": "1", "str": "nothing", "uuid": "0198a0a0-0000-7000-8000-000000000000"}


@pytest.mark.parametrize("role", list(StaffRole))
async def test_a_role_opens_its_own_doors_only(at_work: AtWork, role: StaffRole) -> None:
    browser = await at_work("somebody", Post(role))
    home = await browser.get("/console/")
    for (method, path), roles in DOORS.items():
        form = FormData(default_to_multipart=True)
        form.add_field("csrf", home.field("csrf"))
        async with browser.session.request(
            method, address(path), data=form if method == "POST" else None
        ) as answer:
            await answer.read()
        assert (answer.status != 403) == (role in roles), (method, path)
