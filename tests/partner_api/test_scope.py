"""What a system may push: its kinds, for its authorities and regions; and how much at a time."""

import pytest

from app.domain.cases.models import Case
from app.domain.partners import keeping
from config import settings
from tests.client import Client
from tests.factories.cases import case_number, make_case
from tests.factories.partners import AUTHORITY, make_partner, message

OUT_OF_SCOPE = ("refused", "partner_out_of_scope")


async def told(client: Client, partner: object, *rows: dict[str, object]) -> list[tuple[str, str | None]]:
    answer = await partner.push(client, *rows)  # type: ignore[attr-defined]
    assert answer.status == 200, answer.body
    return [(one["outcome"], one["code"]) for one in answer.body["results"]]


async def test_a_kind_outside_the_scope_is_refused(client: Client) -> None:
    partner, number = await make_partner(kinds=["application"]), case_number()
    rows = [partner.tell("application", number, 1), partner.tell("acceptance", number, 2)]
    assert await told(client, partner, *rows) == [("applied", None), OUT_OF_SCOPE]


async def test_nobody_speaks_for_another_authority_or_region(client: Client) -> None:
    partner, number = await make_partner(), case_number()
    foreign = "11440300MB2DEMA029" + number[18:]
    rows = [
        partner.tell("application", foreign, 1, authority=foreign[:18]),
        partner.tell("acceptance", foreign, 2),
        partner.tell("application", number, 1, region="440305"),
        partner.tell("application", "LOCAL-2026-0001", 1, authority="11440300MB2DEMA029"),
    ]
    assert await told(client, partner, *rows) == [OUT_OF_SCOPE] * 4
    lying = partner.tell("application", foreign, 1, authority=AUTHORITY)
    assert await told(client, partner, lying) == [OUT_OF_SCOPE]
    assert not await Case.exists()


async def test_a_number_of_its_own_is_its_own(client: Client) -> None:
    """Such a number names no authority: only the system that handed the case in tells of it."""
    ours, theirs = await make_partner(), await make_partner()
    number = "LOCAL-2026-0001"
    assert await told(client, ours, ours.tell("application", number, 1)) == [("applied", None)]
    assert await told(client, theirs, theirs.tell("acceptance", number, 1)) == [OUT_OF_SCOPE]
    assert await told(client, ours, ours.tell("acceptance", number, 2)) == [("applied", None)]


async def test_another_system_goes_on_with_a_case_of_its_authority(client: Client) -> None:
    hall, office, number = await make_partner(), await make_partner(), case_number()
    early = office.tell("acceptance", number, 1)
    assert await told(client, office, early) == [("parked", None)]
    assert await keeping.release() == 0
    assert await told(client, hall, hall.tell("application", number, 1)) == [("applied", None)]
    assert await keeping.release() == 1
    assert (await Case.get(number=number)).accepted_at is not None
    assert (await office.get(client, "/partner/v1/status")).body["parked"] == 0


async def test_a_case_another_system_handed_in_keeps_its_region(client: Client) -> None:
    """Whose scope is one city tells nothing of a case of the same authority elsewhere."""
    province = await make_partner(regions=())
    tianhe, shenzhen = await make_partner(regions=("440106",)), await make_partner(regions=("4403",))
    ours, far = case_number(), case_number()
    handed = [province.tell("application", ours, 1), province.tell("application", far, 1, region="440305")]
    assert await told(client, province, *handed) == [("applied", None)] * 2
    assert await told(client, shenzhen, shenzhen.tell("acceptance", ours, 1)) == [OUT_OF_SCOPE]
    assert await told(client, tianhe, tianhe.tell("acceptance", far, 1)) == [OUT_OF_SCOPE]
    assert await told(client, shenzhen, shenzhen.tell("acceptance", far, 1)) == [("applied", None)]
    assert await told(client, tianhe, tianhe.tell("acceptance", ours, 1)) == [("applied", None)]


async def test_a_case_nobody_handed_in_lies_where_its_authority_is(client: Client) -> None:
    street, other = await make_partner(regions=("440106001",)), await make_partner(regions=("440305",))
    number = (await make_case()).number
    assert await told(client, other, other.tell("acceptance", number, 1)) == [OUT_OF_SCOPE]
    assert await told(client, street, street.tell("acceptance", number, 1)) == [("applied", None)]


async def test_what_has_not_happened_yet_is_refused(client: Client) -> None:
    partner, number = await make_partner(), case_number()
    row = partner.tell("application", number, 1, at="2199-01-01T09:00:00+08:00")
    assert await told(client, partner, row) == [("refused", "partner_message_invalid")]


def with_settings(monkeypatch: pytest.MonkeyPatch, **values: int) -> None:
    changed = settings.current().model_copy(update=values)
    monkeypatch.setattr(settings, "current", lambda: changed)


async def test_too_many_rows_a_second_are_turned_away(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_settings(monkeypatch, partner_rows_per_second=1, partner_rows_at_once=4)
    partner = await make_partner()
    rows = [partner.tell("application", case_number(), 1) for _ in range(4)]
    assert (await partner.push(client, *rows)).status == 200
    answer = await partner.push(client, partner.tell("application", case_number(), 1))
    assert (answer.status, answer.code) == (429, "partner_too_fast")
    assert int(answer.headers["retry-after"]) >= 1
    assert await Case.all().count() == 4
    # Another system has a rate of its own.
    other = await make_partner()
    assert (await other.push(client, other.tell("application", case_number(), 1))).status == 200


async def test_more_rows_than_allowed_are_refused_whole(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_settings(monkeypatch, partner_rows_at_once=2)
    partner = await make_partner()
    answer = await partner.push(client, *(partner.tell("other", case_number(), 1) for _ in range(3)))
    assert (answer.status, answer.code) == (422, "invalid_input")


async def test_a_full_backlog_takes_what_makes_room_and_nothing_else(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_settings(monkeypatch, partner_backlog=2)
    partner, numbers = await make_partner(), [case_number() for _ in range(3)]
    waiting = [message("acceptance", number, 2, sequence=9 + place) for place, number in enumerate(numbers)]
    full = ("refused", "partner_backlog_full")
    assert await told(client, partner, *waiting) == [("parked", None), ("parked", None), full]
    answer = await partner.push(client, waiting[2])
    assert (answer.status, answer.code) == (429, "partner_backlog_full")
    assert "retry-after" in answer.headers
    # What the others wait for comes in, and the refused one comes again under its sequence.
    first = message("application", numbers[0], 1, sequence=1)
    assert await told(client, partner, first, waiting[2]) == [("applied", None), ("parked", None)]
