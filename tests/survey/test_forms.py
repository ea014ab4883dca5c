"""A form that another site has sent, or another session, does nothing, whatever it is."""

import re
from collections.abc import Mapping

import aiohttp
import pytest

from app.kit.web import ANYONE, H5_CITIZEN, STAFF_PAGE, Route
from app.main import all_routes
from app.public_account.h5.entry.privacy import notice
from tests.console.conftest import OpenBrowser
from tests.survey.conftest import Reader

DEEDS = [one for one in all_routes() if one.method == "POST" and one.caller in (H5_CITIZEN, STAFF_PAGE)]
# Forms of whoever is not signed in: the page they stand on, and words that would be taken.
DOORS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "/console/sign-in": (
        "/console/sign-in",
        {"username": "somebody", "password": "wrong in any case", "code": "123456"},
    ),
    "/h5/privacy/agree": ("/h5/sign-in", {"version": notice().version}),
}
ASKING = {"/h5/cases/lookup"}
"""They only ask, and whoever asks knows the code."""
_PLACES = {"int": "1", "str": "nothing", "uuid": "0198a0a0-0000-7000-8000-000000000000"}


def address(route: Route) -> str:
    return re.sub(r"<\w+:(\w+)>", lambda found: _PLACES[found[1]], route.path)


def form(**words: str) -> aiohttp.FormData:
    made = aiohttp.FormData(default_to_multipart=True)
    made.add_field("nothing", "")
    for name, value in words.items():
        made.add_field(name, value)
    return made


async def test_a_deed_wants_the_token_of_its_own_session(reader: Reader) -> None:
    citizen, other = await reader("ann"), await reader("ben")
    member, colleague = await reader("staff:clerk"), await reader("staff:auditor")
    foreign = {
        H5_CITIZEN: (await other.get("/h5/me")).field("csrf"),
        STAFF_PAGE: (await colleague.get("/console/")).field("csrf"),
    }
    for route in DEEDS:
        browser = citizen if route.caller is H5_CITIZEN else member
        for words in ({}, {"csrf": "x"}, {"csrf": foreign[route.caller]}):
            answer = await browser("POST", address(route), data=form(**words))
            assert answer.status == 403, (route.path, words, answer.status)
    assert (await citizen.get("/h5/me")).status == 200
    assert (await member.get("/console/")).status == 200


@pytest.mark.parametrize("path", DOORS)
async def test_a_door_wants_the_token_of_its_own_page(open_browser: OpenBrowser, path: str) -> None:
    page, words = DOORS[path]
    stranger, other = await open_browser(), await open_browser()
    own = (await stranger.get(page)).field("csrf")
    foreign = (await other.get(page)).field("csrf")
    for token in ({}, {"csrf": "x"}, {"csrf": foreign}):
        assert (await stranger.post(path, **words, **token)).status == 403, token
    assert (await stranger.post(path, **words, csrf=own)).status != 403


def test_every_form_of_whoever_is_not_signed_in_is_a_door_or_changes_nothing() -> None:
    forms = {
        one.path for one in all_routes()
        if one.method == "POST" and one.caller is ANYONE and one.path.startswith(("/h5", "/console"))
    }  # fmt: skip
    assert forms == {*DOORS, *ASKING}
