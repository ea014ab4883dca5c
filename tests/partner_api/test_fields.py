"""What the ten kinds carry: kept where people use it, or refused row by row in words that say what to do."""

from typing import Any

import pytest

from app.domain.cases import lookup, reading
from app.domain.cases.models import AcceptanceNumber, Case
from app.domain.partners.mapping import PRESETS
from tests.client import Client
from tests.factories.cases import CODE, case_number
from tests.factories.partners import FACTS, Partner, make_partner

TOLD = {
    "acceptance_number": "穗天受〔2026〕12号", "query_code": CODE, "fee": "120.00", "is_paid": False,
    "queue_number": "A012",
}  # fmt: skip


async def answers(client: Client, partner: Partner, *rows: dict[str, Any]) -> list[tuple[str, str | None]]:
    answer = await partner.push(client, *rows)
    assert answer.status == 200, answer.body
    return [(one["outcome"], one["code"]) for one in answer.body["results"]]


async def test_what_an_office_tells_of_a_case_is_kept_and_found_by_its_acceptance_number(
    client: Client,
) -> None:
    partner, number = await make_partner(), case_number()
    paper = "食品经营许可证 JY14401060000001"
    rows = [
        partner.tell("application", number, 1),
        partner.tell("acceptance", number, 2, **TOLD),
        partner.tell("review", number, 3, stage_number=1, opinion="同意"),
        partner.tell("decision", number, 4, documents=[paper], amount="120.00"),
    ]
    assert await answers(client, partner, *rows[:3]) == [("applied", None)] * 3
    (before,) = await reading.progress_each([number])
    assert before is not None
    assert (str(before.fee), before.is_paid, before.queue_number) == ("120.00", False, "A012")
    assert await answers(client, partner, rows[3]) == [("applied", None)]
    found = await lookup.look_up("穗天受(2026)12号", CODE, asked_by="a")
    assert (found.number, found.is_paid, found.results) == (number, True, (paper,))


async def test_an_acceptance_number_is_one_case_of_an_authority(client: Client) -> None:
    partner, first, second = await make_partner(), case_number(), case_number()
    rows = [
        partner.tell("application", first, 1), partner.tell("application", second, 1),
        partner.tell("acceptance", first, 2, **TOLD), partner.tell("acceptance", second, 2, **TOLD),
    ]  # fmt: skip
    taken = ("refused", "case_acceptance_number_taken")
    assert await answers(client, partner, *rows) == [("applied", None)] * 3 + [taken]
    assert (await Case.get(number=second)).accepted_at is None
    again = partner.tell("acceptance", second, 3, **{**TOLD, "acceptance_number": "穗天受〔2026〕13号"})
    assert await answers(client, partner, again) == [("applied", None)]
    assert await AcceptanceNumber.all().count() == 2


async def test_a_refused_acceptance_keeps_no_number_from_another_case(client: Client) -> None:
    partner, first, second = await make_partner(), case_number(), case_number()
    refused = [
        partner.tell("application", first, 1),
        partner.tell("pre_acceptance", first, 2, result="not_accepted", reason="不属本机关"),
        partner.tell("acceptance", first, 3, **TOLD),
    ]
    illegal = ("refused", "case_illegal_move")
    assert await answers(client, partner, *refused) == [("applied", None)] * 2 + [illegal]
    rows = [partner.tell("application", second, 1), partner.tell("acceptance", second, 2, **TOLD)]
    assert await answers(client, partner, *rows) == [("applied", None)] * 2


@pytest.mark.parametrize(("code", "unit"), [*enumerate(["natural_day", "working_day", "month", "year"])])
async def test_the_codes_of_time_limits_are_read(client: Client, code: int, unit: str) -> None:
    partner = await make_partner(field_map=dict(PRESETS["guangdong"]))
    number = case_number()
    rows = [
        {**partner.tell("application", number, 1), "kind": 0},
        {**partner.tell("acceptance", number, 2, promised_amount=3, promised_unit=code), "kind": "2"},
    ]
    assert await answers(client, partner, *rows) == [("applied", None)] * 2
    assert (await Case.get(number=number)).promised_unit == unit


REQUIRED = [
    (kind, name)
    for kind, facts in FACTS.items()
    for name in ("case_number", "step", "at", "office", *facts)
    if (kind, name) != ("collection", "way")
]


async def details(client: Client, partner: Partner, rows: list[dict[str, Any]]) -> list[str]:
    """Why each row is refused; none of them is kept."""
    told = (await partner.push(client, *rows)).body["results"]
    why = {(one["outcome"], one["code"], one["state"]) for one in told}
    assert why == {("refused", "partner_message_invalid", None)}, told
    return [one["detail"] for one in told]


async def test_a_field_that_is_missing_is_named_in_every_kind(client: Client) -> None:
    partner = await make_partner()
    rows = [partner.tell(kind, case_number(), 1) for kind, _ in REQUIRED]
    for row, (_, name) in zip(rows, REQUIRED, strict=True):
        del row[name]
    found = await details(client, partner, rows)
    unnamed = [told for told, (_, name) in zip(found, REQUIRED, strict=True) if name not in told]
    assert not unnamed


WRONG: list[tuple[str, str, Any]] = [
    ("acceptance", "acceptance_number", "123"),
    ("acceptance", "acceptance_number", "受" * 65),
    ("acceptance", "fee", "12.345"),
    ("acceptance", "fee", "-1.00"),
    ("acceptance", "fee", "1" * 13),
    ("acceptance", "queue_number", "9" * 21),
    ("acceptance", "promised_unit", "4"),
    ("decision", "amount", "一百"),
    ("decision", "documents", [""]),
    ("decision", "documents", ["证" * 81]),
    ("decision", "result", "5"),
    ("pre_acceptance", "result", "9"),
    ("review", "stage", "审" * 81),
    ("special_procedure", "procedure", "C"),
    ("special_procedure", "approver", "批" * 81),
    ("collection", "way", "pigeon"),
    ("correction_notice", "reason", "补" * 501),
]


async def test_a_value_nobody_can_use_is_refused_in_chinese(client: Client) -> None:
    partner = await make_partner()
    rows = [{**partner.tell(kind, case_number(), 1), name: value} for kind, name, value in WRONG]
    for told, (_, name, _) in zip(await details(client, partner, rows), WRONG, strict=True):
        assert told.startswith(f"{name}：")
        assert any("\u4e00" <= sign <= "\u9fff" for sign in told.partition("：")[2]), told
