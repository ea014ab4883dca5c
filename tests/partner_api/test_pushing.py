"""Pushing over HTTP: rows answered one by one, each message once, in whatever order they come."""

import pytest

from app.domain.cases import reading
from app.domain.cases.models import CaseEvent, CaseState
from tests.client import Client
from tests.factories.cases import case_number
from tests.factories.partners import make_partner

DONE = ("application", "acceptance", "review", "decision", "collection")


async def state_of(number: str) -> CaseState:
    (found,) = await reading.progress_each([number])
    assert found is not None
    return found.state


async def test_a_case_is_told_from_application_to_collection(client: Client) -> None:
    partner, number = await make_partner(), case_number()
    rows = [partner.tell(kind, number, step) for step, kind in enumerate(DONE, start=1)]
    answer = await partner.push(client, *rows)
    assert answer.status == 200, answer.body
    assert [one["outcome"] for one in answer.body["results"]] == ["applied"] * 5, answer.body
    assert await state_of(number) is CaseState.CLOSED
    events = await CaseEvent.filter(case_number=number).order_by("seq")
    kinds = [event.kind for event in events]
    assert kinds == ["submitted", "accepted", "review", "granted", "issued", "delivered", "closed"]


async def test_a_step_waits_for_those_before_it(client: Client) -> None:
    partner, number = await make_partner(), case_number()
    rows = [partner.tell(kind, number, step) for step, kind in enumerate(DONE, start=1)]
    for row in reversed(rows[1:]):
        answer = await partner.push(client, row)
        assert answer.body["results"][0]["outcome"] == "parked"
    status = await partner.get(client, "/partner/v1/status")
    assert status.body["parked"] == 4
    assert status.body["gaps"] == [{"first": 1, "last": 1}]
    assert (await partner.push(client, rows[0])).body["results"][0]["outcome"] == "applied"
    assert await state_of(number) is CaseState.CLOSED
    status = await partner.get(client, "/partner/v1/status")
    assert status.body == {"last_sequence": 5, "whole_to": 5, "gaps": [], "parked": 0, "dead": 0}
    shown = await partner.get(client, "/partner/v1/messages/5")
    assert (shown.body["state"], shown.body["kind"]) == ("applied", "collection")


async def test_the_same_message_has_the_same_answer(client: Client) -> None:
    partner, number = await make_partner(), case_number()
    row = partner.tell("application", number, 1)
    first = await partner.push(client, row, row)
    assert [one["outcome"] for one in first.body["results"]] == ["applied", "duplicate"]
    again = (await partner.push(client, dict(reversed(row.items())))).body["results"][0]
    assert (again["outcome"], again["state"]) == ("duplicate", "applied")
    other = (await partner.push(client, {**row, "item_name": "另一事项"})).body["results"][0]
    assert (other["outcome"], other["code"], other["state"]) == ("refused", "partner_sequence_reused", None)


async def test_a_bad_row_does_not_stop_the_others(client: Client) -> None:
    partner, number = await make_partner(), case_number()
    good = partner.tell("application", number, 1)
    bad = {**partner.tell("acceptance", number, 2), "promised_unit": "fortnight"}
    answer = await partner.push(client, bad, good, {"kind": 3}, {})
    told = [(one["outcome"], one["code"]) for one in answer.body["results"]]
    refused = ("refused", "partner_message_invalid")
    assert told == [refused, ("applied", None), refused, refused]
    # Nothing is kept of it: mended, it comes under the same sequence.
    mended = await partner.push(client, {**bad, "promised_unit": "working_day"})
    assert mended.body["results"][0]["outcome"] == "applied"


async def test_an_illegal_step_is_refused_kept_and_does_not_stop_the_case(client: Client) -> None:
    partner, number = await make_partner(), case_number()
    rows = [
        partner.tell(kind, number, step)
        for step, kind in enumerate(("application", "decision", "acceptance"), 1)
    ]
    answer = await partner.push(client, *rows)
    told = [(one["outcome"], one["code"]) for one in answer.body["results"]]
    assert told == [("applied", None), ("refused", "case_illegal_move"), ("applied", None)]
    again = (await partner.push(client, rows[1])).body["results"][0]
    assert (again["outcome"], again["state"], again["code"]) == ("duplicate", "refused", "case_illegal_move")
    assert await state_of(number) is CaseState.ACCEPTED


@pytest.mark.parametrize(("first", "second"), [(1, 2), (2, 1)])
async def test_a_place_in_a_case_is_taken_once(client: Client, first: int, second: int) -> None:
    partner, number = await make_partner(), case_number()
    rows = {
        1: partner.tell("application", number, 1),
        2: partner.tell("application", number, 1, text="又一条"),
    }
    assert (await partner.push(client, rows[first])).body["results"][0]["outcome"] == "applied"
    answer = (await partner.push(client, rows[second])).body["results"][0]
    assert (answer["outcome"], answer["code"]) == ("refused", "partner_step_taken")
