"""The first page: one's own things first, then every function, and light enough for a slow line."""

import gzip
import re
from datetime import timedelta
from uuid import UUID

import pytest

from app.domain.appointments import booking
from app.domain.cases.models import CaseState
from app.kit import clock
from app.kit.web.pages import LANGUAGES
from app.public_account.h5 import functions
from app.public_account.h5.pages import site
from config import menus
from tests.factories.appointments import make_hall, make_person, make_slot, seat, tomorrow_at
from tests.factories.cases import make_case
from tests.factories.messages import tell
from tests.public_account.h5.conftest import Browser

_MOST_BYTES = 60 * 1024


async def test_the_next_appointment_comes_first_with_its_pass(signed_in: Browser, person_id: UUID) -> None:
    hall = await make_hall()
    later = await booking.book(seat(await make_slot(hall, starts_at=tomorrow_at(15)), person_id))
    sooner = await booking.book(seat(await make_slot(hall, starts_at=tomorrow_at(10)), person_id))
    home = (await signed_in.get("/h5/")).text
    assert home.index(str(sooner.id)) < home.index(str(later.id))
    assert sooner.number in home
    assert later.number not in home, "only the next one is shown with its number and pass"
    assert "<svg" not in home, "it is not today yet"
    with clock.frozen(tomorrow_at(9)):
        on_the_day = (await signed_in.get("/h5/")).text
    assert re.search(r'<details class="pass" open', on_the_day)
    assert on_the_day.count("<svg") == 1
    assert "办理当天在此出示" not in on_the_day


async def test_who_is_checked_in_needs_no_pass(signed_in: Browser, person_id: UUID) -> None:
    slot = await make_slot(await make_hall())
    await booking.book(seat(slot, person_id))
    with clock.frozen(slot.ends_at + timedelta(minutes=1)):
        assert "<svg" not in (await signed_in.get("/h5/")).text


async def test_cases_under_way_and_unread_messages_are_told(signed_in: Browser, person_id: UUID) -> None:
    assert "没有未读" in (await signed_in.get("/h5/")).text
    running = await make_case(CaseState.ACCEPTED, person_id=person_id)
    strange = await make_case(CaseState.ACCEPTED, person_id=await make_person())
    await tell("appointment_booked", person_id)
    home = (await signed_in.get("/h5/")).text
    assert f"/h5/cases/{running.number}" in home
    assert strange.number not in home
    assert "1 条未读" in home


async def test_cases_under_way_are_told_in_the_readers_language(signed_in: Browser, person_id: UUID) -> None:
    await make_case(CaseState.ACCEPTED, CaseState.REVIEW, person_id=person_id)
    signed_in.plant("weiban_language", "en")
    home = (await signed_in.get("/h5/")).text
    assert '<span class="state">Under review</span>' in home
    assert "审核中" not in home


async def test_all_functions_are_there_and_what_is_closed_says_the_way_out(signed_in: Browser) -> None:
    home = (await signed_in.get("/h5/")).text
    for one in menus.current().functions:
        assert one.name in home
        if not one.is_open:
            assert site.texts.of("zh").gettext(f"way_out.{one.code}") in home


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_function_and_category_has_words(language: str) -> None:
    menu = menus.current()
    needed = [f"category.{one.code}" for one in menu.categories]
    needed += [f"function.{one.code}" for one in menu.functions]
    needed += [f"way_out.{one.code}" for one in menu.functions if not one.is_open]
    assert [key for key in needed if not site.texts.says(language, key)] == []


def test_pages_call_functions_as_the_menu_does() -> None:
    words = site.texts.of("zh")
    menu = menus.current()
    assert {one.code: words.gettext(f"function.{one.code}") for one in menu.functions} == {
        one.code: one.name for one in menu.functions
    }
    assert {one.code: words.gettext(f"category.{one.code}") for one in menu.categories} == {
        one.code: one.name for one in menu.categories
    }


async def test_every_function_that_is_open_leads_to_a_page(signed_in: Browser) -> None:
    led = [one.page for _, ones in functions.offered() for one in ones if one.function.is_open]
    assert all(led)
    for page in led:
        assert (await signed_in.get(page or "")).status == 200, page


async def test_the_first_page_is_light(signed_in: Browser, person_id: UUID) -> None:
    """All that a phone loads for it, pressed as it travels, without pictures."""
    await booking.book(seat(await make_slot(await make_hall()), person_id))
    await tell("appointment_booked", person_id)
    with clock.frozen(tomorrow_at(9)):
        home = (await signed_in.get("/h5/")).text
    files = re.findall(r'(?:src|href)="(/(?:h5/static|assets)/[^"]+)"', home)
    assert len(files) >= 2, "the style and the script of the pass"
    weight = len(gzip.compress(home.encode()))
    for file in files:
        weight += len(gzip.compress((await signed_in.get(file)).text.encode()))
    assert weight <= _MOST_BYTES, weight
