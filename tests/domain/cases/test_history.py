"""What happens to a case is written whole or not at all, and never rewritten."""

import asyncio

import asyncpg
import pytest

from app.domain.cases import reading, service
from app.domain.cases.errors import BadCaseNumber, CaseExists, CaseUnknown, DueMissing, IllegalMove
from app.domain.cases.history import NewCase, Told
from app.domain.cases.models import Case, CaseEvent
from app.domain.cases.models import CaseState as S
from app.kit import db as raw
from tests.factories.cases import CODE, HANDED_IN, case_number, make_case, step

pytestmark = pytest.mark.usefixtures("db")

WHOLE = (S.SUPPLEMENT, S.SUBMITTED, S.ACCEPTED, S.REVIEW, S.GRANTED, S.ISSUED, S.DELIVERED, S.CLOSED)


async def events_of(case: Case) -> list[str]:
    return [event.kind for event in await CaseEvent.filter(case_number=case.number).order_by("seq")]


async def test_each_step_writes_the_case_and_its_event() -> None:
    case = await make_case(*WHOLE)
    kept = await Case.get(number=case.number)
    assert (kept.state, kept.last_seq, kept.office) == (S.CLOSED, 9, "天河区审核岗")
    assert await events_of(case) == ["submitted", *WHOLE]
    assert kept.due_at is not None
    assert kept.due_at.date() == step(S.ACCEPTED, days=3).due_on
    assert await service.is_whole(case.number)


async def test_a_refused_step_writes_nothing() -> None:
    case = await make_case()
    for refused, why in ((step(S.GRANTED), IllegalMove), (step(S.ACCEPTED, due_on=None), DueMissing)):
        with pytest.raises(why):
            await service.record(case.number, refused)
    assert await events_of(case) == ["submitted"]
    assert (await Case.get(number=case.number)).accepted_at is None


async def test_two_clerks_at_once_make_one_decision() -> None:
    case = await make_case(S.ACCEPTED, S.REVIEW)
    ends = await asyncio.gather(
        *(service.record(case.number, step(to, days=3)) for to in (S.GRANTED, S.DENIED)),
        return_exceptions=True,
    )
    assert sorted(type(end).__name__ for end in ends) == ["Case", "IllegalMove"]
    assert len(await events_of(case)) == 4
    assert await service.is_whole(case.number)


async def test_a_number_is_given_once() -> None:
    number = case_number()
    await make_case(number=number)
    with pytest.raises(CaseExists):
        await make_case(number=f" {number.lower()} ")
    assert await CaseEvent.all().count() == 1


@pytest.mark.parametrize("number", ["", "1234567", "办件一二三四五六七八", "A" * 65, "12345678'"])
async def test_a_number_nobody_could_type_is_refused(number: str) -> None:
    with pytest.raises(BadCaseNumber):
        await service.submit(NewCase(number, "许可", "窗口"), at=HANDED_IN)


async def test_a_step_of_an_unknown_case_is_refused() -> None:
    with pytest.raises(CaseUnknown):
        await service.record(case_number(), step(S.REVIEW))


async def test_a_correction_after_acceptance_is_noted_for_supervision() -> None:
    case = await make_case(S.ACCEPTED, S.REVIEW, S.SUPPLEMENT, S.REVIEW)
    found = await CaseEvent.filter(case_number=case.number, finding="CORRECTION_AFTER_ACCEPT")
    assert [event.kind for event in found] == ["supplement"]


async def test_history_cannot_be_rewritten_and_whoever_forces_it_is_found_out() -> None:
    case = await make_case(S.ACCEPTED)
    for statement in ("UPDATE case_event SET text = ''", "DELETE FROM case_event", "TRUNCATE case_event"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await raw.execute(statement)
    async with raw.transaction():
        await raw.execute("SET LOCAL session_replication_role = replica")
        await raw.execute("UPDATE case_event SET office = '别处' WHERE seq = 1")
    assert not await service.is_whole(case.number)


async def test_a_case_that_stands_elsewhere_than_its_history_led_is_found_out() -> None:
    case = await make_case(S.ACCEPTED)
    await Case.filter(number=case.number).update(state=S.REVIEW)
    assert not await service.is_whole(case.number)


async def test_whole_histories_are_taken_in_once_and_as_they_were_told() -> None:
    known = await make_case()
    told = [
        Told(NewCase(number, "许可", "窗口"), CODE, HANDED_IN, (step(S.ACCEPTED), step(S.REVIEW, days=2)))
        for number in (known.number, case_number(), case_number())
    ]
    assert await service.load(told) == 2
    assert await service.load(told) == 0
    assert await events_of(known) == ["submitted"]
    assert await service.is_whole(told[1].new.number)
    (found,) = await reading.progress_each([told[2].new.number])
    assert found is not None
    assert found.state is S.REVIEW


async def test_one_illegal_history_refuses_all() -> None:
    numbers = [case_number(), case_number()]
    steps = ((step(S.ACCEPTED),), (step(S.GRANTED),))
    told = [
        Told(NewCase(number, "许可", "窗口"), CODE, HANDED_IN, one)
        for number, one in zip(numbers, steps, strict=True)
    ]
    with pytest.raises(IllegalMove):
        await service.load(told)
    assert await Case.all().count() == 0


async def test_a_query_code_is_kept_only_as_a_hash_of_its_case() -> None:
    one, other = await make_case(), await make_case()
    assert one.query_code_hash != other.query_code_hash
    stored = await raw.fetch("SELECT c::text AS row FROM case_file c")
    assert not any(CODE in row["row"] for row in stored)


async def test_our_own_codes_are_six_signs_nobody_mistakes() -> None:
    given = {
        (await service.submit(NewCase(case_number(), "许可", "窗口"), at=HANDED_IN))[1] for _ in range(9)
    }
    assert len(given) == 9
    assert {len(code) for code in given} == {6}
    assert not set("".join(given)) & set("01IO")
