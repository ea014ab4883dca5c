"""Batches of cases and steps: each row judged by itself, all of them written by a handful of statements."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from app.domain.cases import batches, rules, service
from app.domain.cases.clock import TimeLimit
from app.domain.cases.errors import (
    BadCaseNumber,
    BadMoment,
    BadQueryCode,
    BadTimeLimit,
    CaseExists,
    IllegalMove,
    ReasonMissing,
    TooManySteps,
)
from app.domain.cases.history import Move, NewCase, Special, Told
from app.domain.cases.models import (
    Case,
    CaseEvent,
    CaseFinding,
    LimitUnit,
    SpecialKind,
    SpecialProcedure,
    SpecialState,
)
from app.domain.cases.models import CaseState as S
from app.kit import db as raw
from app.kit.clock import SHANGHAI
from tests.factories.cases import CODE, HANDED_IN, case_number, make_case, step

pytestmark = pytest.mark.usefixtures("db")


def told(number: str, *path: S, code: str = CODE) -> Told:
    steps = tuple(step(to, days=days) for days, to in enumerate(path, start=1))
    return Told(NewCase(number, "许可", "窗口"), code, HANDED_IN, steps)


async def moved() -> list[tuple[str, int, str]]:
    rows = await raw.fetch("SELECT payload FROM outbox_event WHERE kind = 'case_moved' ORDER BY id")
    found = [orjson.loads(row["payload"]) for row in rows]
    return [(one["number"], one["seq"], one["kind"]) for one in found]


async def test_each_row_is_taken_or_refused_by_itself_in_the_order_given() -> None:
    known = await make_case()
    one, two = case_number(), case_number()
    results = await batches.submit_many(
        [
            told(one, S.ACCEPTED, S.REVIEW),
            told(known.number),
            told("短"),
            told(two, S.GRANTED),
            told(two, code="123"),
            told(one),
            told(f" {two.lower()} "),
        ]
    )
    assert [result.error and type(result.error) for result in results] == [
        None, CaseExists, BadCaseNumber, IllegalMove, BadQueryCode, CaseExists, None,
    ]  # fmt: skip
    assert [result.case_number for result in results][-1] == two
    assert {case.number for case in await Case.all()} == {known.number, one, two}
    assert await service.is_whole(one)
    assert (await Case.get(number=one)).state is S.REVIEW


async def test_several_moves_of_one_case_are_taken_in_the_order_given() -> None:
    case, other = await make_case(), await make_case()
    results = await batches.record_many(
        [
            Move(case.number, step(S.ACCEPTED)),
            Move(other.number, step(S.GRANTED)),
            Move(f" {case.number.lower()}", step(S.REVIEW, days=2)),
            Move(case_number(), step(S.REVIEW)),
            Move(case.number, step(S.ACCEPTED, days=3)),
            Move(case.number, step(S.DENIED, days=4, text=" ")),
            Move(case.number, step(S.GRANTED, days=5)),
        ]
    )
    errors = [result.error and type(result.error).__name__ for result in results]
    assert errors == [None, "IllegalMove", None, "CaseUnknown", "IllegalMove", "ReasonMissing", None]
    assert [result.is_unknown for result in results].index(True) == 3
    assert (await Case.get(number=case.number)).state is S.GRANTED
    assert await service.is_whole(case.number)
    assert (await Case.get(number=other.number)).last_seq == 1


async def test_what_was_refused_is_kept_for_supervision_once() -> None:
    case = await make_case()
    for _ in range(2):
        await batches.record_many([Move(case.number, step(S.GRANTED))], who="partner:TAX")
    for refused in (step(S.GRANTED), step(S.SUPPLEMENT, text="")):
        with pytest.raises((IllegalMove, ReasonMissing)):
            await service.record(case.number, refused)
    found = await CaseFinding.all().order_by("id").values_list("kind", "wanted", "who", "seq")
    assert found == [
        ("ILLEGAL_MOVE", "granted", "partner:TAX", 1),
        ("ILLEGAL_MOVE", "granted", "system", 1),
        ("MISSING_REASON", "supplement", "system", 1),
    ]
    assert "不能变为" in (await CaseFinding.all().order_by("id"))[0].text


async def test_what_is_possible_and_wrong_is_a_finding_too() -> None:
    case = await make_case(S.ACCEPTED, S.REVIEW, S.SUPPLEMENT)
    (found,) = await CaseFinding.filter(case_number=case.number)
    assert (found.kind, found.wanted, found.seq) == ("CORRECTION_AFTER_ACCEPT", "supplement", 4)


async def test_each_step_is_announced_and_an_imported_history_is_not() -> None:
    one, two = case_number(), case_number()
    await batches.submit_many([told(one, S.ACCEPTED)])
    await batches.submit_many([told(two, S.ACCEPTED)], is_live=False)
    await service.load([told(case_number())])
    await batches.record_many([Move(two, step(S.REVIEW, days=2))])
    await batches.record_many([Move(one, step(S.REVIEW, days=2))], is_live=False)
    assert await moved() == [(one, 1, "submitted"), (one, 2, "accepted"), (two, 3, "review")]


async def test_a_batch_is_undone_with_the_transaction_around_it() -> None:
    case = await make_case()

    async def break_off() -> None:
        async with raw.transaction():
            await batches.submit_many([told(case_number())])
            await batches.record_many([Move(case.number, step(S.ACCEPTED))])
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await break_off()
    assert await Case.all().count() == 1
    assert await service.is_whole(case.number)


async def test_a_special_procedure_may_begin_and_end_within_one_batch() -> None:
    case = await make_case(S.ACCEPTED, S.REVIEW)
    hearing = Special(SpecialKind.HEARING, "分管负责人", TimeLimit(5, LimitUnit.WORKING_DAY))
    suspended = step(S.SUSPENDED, days=3, special=hearing)
    await batches.record_many([Move(case.number, suspended), Move(case.number, step(S.REVIEW, days=4))])
    await batches.record_many([Move(case.number, step(S.SUSPENDED, days=5, special=hearing))])
    await service.record(case.number, step(S.REVIEW, days=6, text="听证结束"))
    first, second = await SpecialProcedure.all().order_by("id")
    assert (first.state, first.event_seq, second.event_seq) == (SpecialState.FINISHED, 4, 6)
    assert (second.state, second.result, second.approver) == (SpecialState.FINISHED, "听证结束", "分管负责人")
    assert second.limit_unit is LimitUnit.WORKING_DAY
    assert await service.is_whole(case.number)


async def test_a_query_code_that_comes_with_acceptance_opens_the_case() -> None:
    number = case_number()
    await batches.submit_many([told(number, code="")])
    before = (await Case.get(number=number)).query_code_hash
    await service.record(number, step(S.ACCEPTED, query_code=CODE))
    assert before is None
    assert (await Case.get(number=number)).query_code_hash is not None


async def test_the_version_a_case_began_with_stays() -> None:
    new = NewCase(case_number(), "许可", "窗口", item_version=3)
    await service.submit(new, at=HANDED_IN)
    with pytest.raises(Exception, match="append-only"):
        await raw.execute("UPDATE case_file SET item_version = 4")
    await service.record(new.number, step(S.ACCEPTED))
    assert (await Case.get(number=new.number)).item_version == 3


async def test_batches_that_cross_wait_for_each_other_and_lose_nothing() -> None:
    numbers = [(await make_case()).number for _ in range(20)]
    moves = [Move(number, step(S.ACCEPTED)) for number in numbers]
    fresh = [told(case_number()) for _ in range(20)]
    results = await asyncio.gather(
        batches.record_many(moves), batches.record_many(moves[::-1]),
        batches.submit_many(fresh), batches.submit_many(fresh[::-1]),
    )  # fmt: skip
    taken = [sum(one.error is None for one in result) for result in results]
    assert (taken[0] + taken[1], taken[2] + taken[3]) == (20, 20)
    for number in (*numbers, *(one.new.number for one in fresh)):
        assert await service.is_whole(number)


async def test_a_batch_takes_a_handful_of_statements_however_many_rows_it_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    numbers = [case_number() for _ in range(200)]
    asked: list[str] = []
    for name in ("execute", "fetch"):
        door = getattr(raw, name)

        async def heard(sql: str, *values: Any, door: Any = door) -> Any:
            asked.append(sql)
            return await door(sql, *values)

        monkeypatch.setattr(raw, name, heard)
    await batches.submit_many([told(number) for number in numbers])
    submitted, asked[:] = len(asked), []
    await batches.record_many([Move(number, step(S.ACCEPTED)) for number in numbers])
    assert max(submitted, len(asked)) <= 8
    assert await CaseEvent.all().count() == 400


async def test_seqs_that_meet_in_a_race_are_refused_by_the_database() -> None:
    case = await make_case()
    with pytest.raises(Exception, match="case_event"):
        await raw.execute(
            "INSERT INTO case_event (case_number, seq, kind, at, office, text, hash)"
            " VALUES ($1, 1, 'review', $2, '', '', '\\x00')",
            case.number,
            HANDED_IN + timedelta(days=1),
        )


async def test_what_no_case_can_hold_is_refused_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    case = await make_case(S.ACCEPTED, S.REVIEW)
    far = datetime(9999, 12, 31, 12, tzinfo=SHANGHAI)
    longer = Special(SpecialKind.EXTENSION, "负责人", TimeLimit(3000, LimitUnit.WORKING_DAY))
    asked = [
        step(S.REVIEW, at=far),
        step(S.SUPPLEMENT, asked_until=far.date()),
        step(S.REVIEW, special=longer),
        step(S.REVIEW, special=longer),
        step(S.REVIEW),
    ]
    results = await batches.record_many([Move(case.number, one) for one in asked])
    errors = [type(one.error) for one in results]
    assert errors == [BadMoment, BadMoment, type(None), BadTimeLimit, type(None)]
    kept = await Case.get(number=case.number)
    assert (kept.extended_by, kept.last_seq) == (3000, case.last_seq + 2)
    monkeypatch.setattr(rules, "MOST_STEPS", kept.last_seq)
    endless = (step(S.REVIEW), step(S.SUPPLEMENT), step(S.SUSPENDED), step(S.GRANTED))
    results = await batches.record_many([Move(case.number, one) for one in endless])
    assert [type(one.error) for one in results] == [*[TooManySteps] * 3, type(None)]
    (result,) = await batches.submit_many([Told(NewCase(case_number(), "许可", "窗口"), CODE, far)])
    assert isinstance(result.error, BadMoment)
