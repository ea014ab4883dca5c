"""Pages of what is another's look as if there were none, to citizens and to staff of another hall."""

import re
from collections.abc import Mapping

import aiohttp
import pytest

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post
from app.domain.halls.models import Hall
from app.kit.web import H5_CITIZEN
from app.main import all_routes
from tests.console.conftest import AtWork
from tests.console.doors import DOORS
from tests.privacy.town import marks_in
from tests.public_account.h5.conftest import Browser
from tests.survey.conftest import Place, Reader
from tests.survey.crawling import walk

# Whose the thing in a path is, by what the path begins with; the first that fits.
THINGS: Mapping[str, str] = {
    "/h5/appointments/": "appointment",
    "/h5/cases/<number:str>/materials/": "material",
    "/h5/cases/<number:str>/documents/": "document",
    "/h5/cases/": "case",
    "/h5/certificates/": "certificate",
    "/h5/prefills/": "prefill",
    "/h5/invoices/queue/": "queued",
    "/h5/invoices/batches/": "batch",
    "/h5/invoices/": "invoice",
    "/h5/inbox/": "message",
    "/h5/me/enterprises/": "binding",
}
OWN = [route for route in all_routes() if route.caller is H5_CITIZEN and "<" in route.path]
PUBLIC = {"/h5/slots/<slot_id:int>"}


def address(path: str, ids: Mapping[str, object]) -> str:
    thing = next(name for start, name in THINGS.items() if path.startswith(start))

    def filled(found: re.Match[str]) -> str:
        return str({"number": ids["case"], "slot_id": ids["slot"]}.get(found[1]) or ids[thing])

    return re.sub(r"<(\w+):\w+>", filled, path)


async def ask(browser: Browser, method: str, path: str, csrf: str) -> tuple[int, str]:
    """What a page or a deed answers; a form that takes files gets none."""
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("csrf", csrf)
    answer = await browser(method, path, data=form if method == "POST" else None)
    return answer.status, answer.text


@pytest.mark.parametrize(("owner", "others"), [("ann", ("ben", "agent of B"))])
async def test_what_is_another_citizens_is_not_there(
    place: Place, reader: Reader, owner: str, others: tuple[str, ...]
) -> None:
    has = place.town.of[owner]
    mine = await reader(owner)
    for who in others:
        browser = await reader(who)
        csrf = (await browser.get("/h5/me")).field("csrf")
        for route in OWN:
            if route.path in PUBLIC:
                continue
            path = address(route.path, has.ids)
            status, text = await ask(browser, route.method, path, csrf)
            assert status in (403, 404), (who, route.method, route.path, status)
            # What somebody asked for by its number stands in the address they are sent back to.
            found = marks_in(text, {owner: has}).get(owner, set()) - {"case", "prefill", "batch"}
            assert not found, (who, route.path, found)
    for route in OWN:
        if route.method == "GET" and route.path not in PUBLIC:
            status, _ = await ask(mine, "GET", address(route.path, has.ids), "")
            assert status in (200, 409), (route.path, "is there for whom it belongs to", status)


@pytest.mark.parametrize("role", [StaffRole.HALL_MANAGER, StaffRole.CLERK])
async def test_the_desks_of_another_hall_are_not_there(
    place: Place, at_work: AtWork, role: StaffRole
) -> None:
    foreign = place.house.hall.id
    own = await Hall.get(code="HALL-ann")
    browser = await at_work("of-another-hall", Post(role, hall_id=own.id))
    csrf = (await browser.get("/console/")).field("csrf")
    known = {"hall_id": foreign, "code": "INVOICE", "counter_id": 1, "blackout_id": 1, "on": "2026-12-01"}
    known |= {"id": place.house.ids["appointment"]}
    for (method, path), roles in DOORS.items():
        if "<hall_id:int>" in path and role in roles:
            filled = re.sub(r"<(\w+):\w+>", lambda found: str(known[found[1]]), path)
            status, _ = await ask(browser, method, filled, csrf)
            assert status in (403, 404), (method, path, status)
    seen = await walk(browser, "/console/", within="/console")
    assert len(seen.visits) > 3
    for visit in seen.visits:
        assert visit.page.status < 400, (visit.address, visit.came_from)
        assert f"/halls/{foreign}" not in visit.page.text, visit.address
        assert f"/counter/{foreign}" not in visit.page.text, visit.address
        for kind, name in (("bans", "ban_id"), ("appeals", "appeal"), ("conflicts", "conflict_id")):
            assert f"/{kind}/{place.house.ids[name]}" not in visit.page.text, (visit.address, name)
