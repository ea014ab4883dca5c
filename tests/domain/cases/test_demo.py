"""The demonstration's cases: every state, all of them sound, and two that anybody may look up."""

from datetime import datetime

import pytest

from app.domain.cases import lookup, queries, service
from app.domain.cases.models import Case, CaseEvent, CaseState
from app.domain.halls import holidays
from app.domain.seed import cases
from app.kit import clock
from app.kit import db as raw

pytestmark = pytest.mark.usefixtures("db")

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=clock.SHANGHAI)


async def test_every_state_is_shown_and_nothing_happened_in_the_future() -> None:
    await holidays.fill_calendar()
    with clock.frozen(NOW):
        await cases.write()
        await cases.write()
    numbers = [row["number"] for row in await raw.fetch("SELECT number FROM case_file ORDER BY number")]
    assert len(numbers) == cases.COUNT + len(cases.SHOWN)
    assert {row["state"] for row in await raw.fetch("SELECT DISTINCT state FROM case_file")} == set(CaseState)
    assert await CaseEvent.filter(at__gt=NOW).count() == 0
    assert all(queries.looks_like_number(number) for number in numbers)
    for number in numbers[::700]:
        assert await service.is_whole(number)
    assert await raw.fetch_value("SELECT count(*) FROM special_procedure WHERE state = 'running'") > 0


@pytest.mark.parametrize(
    ("number", "code", "state"),
    [
        ("11440106MB2DEMA0293440131012001202611160001", "K7M2XQ", "审核中"),
        ("11440100MB2DEMA01F2440131002003202610120002", "W4T9HD", "已办结"),
    ],
)
async def test_the_two_that_are_shown_open_with_their_codes(number: str, code: str, state: str) -> None:
    await holidays.fill_calendar()
    with clock.frozen(NOW):
        await cases.write(cases.ALIKE)
    found = await lookup.look_up(number, code, asked_by="a visitor")
    assert (found.number, found.state_text) == (number, state)
    assert [one.at for one in found.steps] == sorted(one.at for one in found.steps)


async def test_seeded_years_later_they_are_still_told_as_they_were() -> None:
    await holidays.fill_calendar()
    with clock.frozen(datetime(2028, 5, 2, 10, 0, tzinfo=clock.SHANGHAI)):
        await cases.write(count=3 * cases.ALIKE)
    assert await Case.all().count() == 3 * cases.ALIKE + len(cases.SHOWN)
