"""Looking up a case by number and code: friendly to who knows it, closed to who guesses."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from app.domain.cases import lookup, service
from app.domain.cases.errors import CaseNotFound, LookupLocked
from app.domain.cases.history import NewCase, Told
from app.domain.cases.models import Case, FailedLookups
from app.domain.cases.models import CaseState as S
from app.domain.cases.particulars import Particulars
from app.kit import clock
from app.kit import db as raw
from tests.factories.cases import CODE, HANDED_IN, case_number, make_case, step

pytestmark = pytest.mark.usefixtures("db")

WRONG = "ZZZZZZ"


async def fail(number: str, asked_by: str, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(CaseNotFound):
            await lookup.look_up(number, WRONG, asked_by=asked_by)


async def opens(number: str, asked_by: str) -> bool:
    return (await lookup.look_up(number, CODE, asked_by=asked_by)).number == number


async def test_who_knows_the_code_sees_where_it_stands() -> None:
    case = await make_case(S.ACCEPTED, S.REVIEW)
    found = await lookup.look_up(case.number, CODE, asked_by="a")
    assert (found.number, found.state_text, found.office) == (case.number, "审核中", "天河区审核岗")
    assert found.due_at == case.due_at
    assert [one.text for one in found.steps] == [
        "已收件：已收到材料", "已受理：理由和要求", "审核中：理由和要求",
    ]  # fmt: skip
    assert found.steps[0].at == HANDED_IN
    assert found.next_text


async def test_small_letters_blanks_and_full_width_are_forgiven() -> None:
    case = await make_case()
    number = f"  {case.number[:18].lower()} {case.number[18:]}\n"
    assert (await lookup.look_up(number, " ｋ7m2xq ", asked_by="a")).number == case.number


async def test_wrong_number_and_wrong_code_are_one_answer() -> None:
    case = await make_case()
    answers = []
    for number, code in ((case.number, WRONG), (case_number(), CODE), (case.number, ""), ("'--", CODE)):
        with pytest.raises(CaseNotFound) as refused:
            await lookup.look_up(number, code, asked_by=f"asker of {number} {code}")
        answers.append((refused.value.code, refused.value.message))
    assert len(set(answers)) == 1


@pytest.mark.parametrize("given", ["", "  "])
async def test_a_case_that_came_without_a_code_is_shown_to_nobody(given: str) -> None:
    told = Told(
        new=NewCase(number=case_number(), item_name="食品经营许可（新办）", office="天河区受理窗口"),
        query_code=given,
        submitted_at=HANDED_IN,
    )
    assert await service.load([told]) == 1
    with pytest.raises(CaseNotFound):
        await lookup.look_up(told.new.number, given, asked_by="a")


@pytest.mark.parametrize("garbage", ["", "\x00", "\ud800", "😀", "号" * 2000, "' OR 1=1 --"])
async def test_garbage_is_a_wrong_number_and_a_wrong_code(garbage: str) -> None:
    case = await make_case()
    for number, code in ((garbage, CODE), (case.number, garbage), (garbage, garbage)):
        with pytest.raises(CaseNotFound):
            await lookup.look_up(number, code, asked_by=f"who sends {number}")


async def test_wrong_number_and_wrong_code_are_the_same_work(monkeypatch: pytest.MonkeyPatch) -> None:
    case = await make_case()
    asked: list[str] = []
    for name in ("execute", "fetch_value", "fetch_one", "fetch"):
        door = getattr(raw, name)

        async def heard(sql: str, *values: Any, door: Any = door) -> Any:
            asked.append(sql)
            return await door(sql, *values)

        monkeypatch.setattr(raw, name, heard)
    await fail(case.number, "a")
    first, asked[:] = list(asked), []
    await fail(case_number(), "b")
    assert asked == first
    assert len(first) == 4
    known = await accepted_case("穗天受〔2026〕7001号")
    asked.clear()
    await fail(known.acceptance_number or "", "c")
    assert asked == first


async def accepted_case(acceptance_number: str, **values: Any) -> Case:
    """A case that was accepted under this number."""
    case = await make_case(**values)
    told = Particulars(acceptance_number=acceptance_number)
    return await service.record(case.number, step(S.ACCEPTED, particulars=told))


@pytest.mark.parametrize(
    "typed",
    ["穗天受〔2026〕7号", " 穗天受[2026] 7号", "穗天受（２０２６）7号"],
    ids=["told", "blanks", "wide"],
)
async def test_a_case_is_found_by_the_number_on_its_notice(typed: str) -> None:
    case = await accepted_case("穗天受〔2026〕7号")
    found = await lookup.look_up(typed, CODE, asked_by="a")
    assert (found.number, found.acceptance_number) == (case.number, "穗天受〔2026〕7号")
    assert not await FailedLookups.exists()


async def test_failures_under_either_number_lock_both() -> None:
    case = await accepted_case("YS-2026-0001")
    await fail("YS-2026-0001", "a", times=2)
    await fail(case.number, "b", times=3)
    for number in (case.number, "ys-2026-0001"):
        with pytest.raises(LookupLocked):
            await lookup.look_up(number, CODE, asked_by="who knows the code")


async def test_an_asker_who_guesses_at_acceptance_numbers_is_locked_alone() -> None:
    case = await accepted_case("YS-2026-0002")
    for place in range(5):
        await fail(f"YS-2027-{place}", "guesser")
    with pytest.raises(LookupLocked):
        await lookup.look_up("YS-2026-0002", CODE, asked_by="guesser")
    assert (await lookup.look_up("YS-2026-0002", CODE, asked_by="b")).number == case.number


async def test_two_authorities_may_give_out_one_number_and_the_code_tells_which() -> None:
    ours = await accepted_case("2026000123")
    theirs = await make_case(number="LOCAL-2026-0001", authority="11440300MB2DEMA029")
    told = Particulars(acceptance_number="2026000123")
    changed = step(S.ACCEPTED, particulars=told, query_code="8H3TPW")
    await service.record(theirs.number, changed)
    assert (await lookup.look_up("2026000123", CODE, asked_by="a")).number == ours.number
    assert (await lookup.look_up("2026000123", "8H3TPW", asked_by="b")).number == theirs.number
    # Nobody may guess at one of them more often because the other has the same number.
    await fail("2026000123", "c", times=5)
    for case in (ours, theirs):
        with pytest.raises(LookupLocked):
            await lookup.look_up(case.number, CODE, asked_by="d")


async def test_who_asks_at_the_same_time_by_different_numbers_is_told_each_their_own() -> None:
    first, second = await accepted_case("YS-2026-0003"), await make_case()
    found = await asyncio.gather(
        lookup.look_up("YS-2026-0003", CODE, asked_by="a"),
        lookup.look_up(second.number, CODE, asked_by="b"),
        lookup.look_up("YS-2026-0004", CODE, asked_by="c"),
        return_exceptions=True,
    )
    numbers = [getattr(one, "number", type(one)) for one in found]
    assert numbers == [first.number, second.number, CaseNotFound]


async def test_an_acceptance_number_is_found_by_its_index_among_many() -> None:
    await raw.execute(
        "INSERT INTO acceptance_number (number, authority, case_number)"
        " SELECT 'YS-' || n, '11440106MB2DEMA029', 'CASE-' || n FROM generate_series(10000, 39999) AS n"
    )
    await raw.execute("ANALYZE acceptance_number")
    rows = await raw.fetch(
        "EXPLAIN SELECT n.case_number FROM acceptance_number n WHERE n.number = 'YS-20000'"
        " ORDER BY n.authority LIMIT 20"
    )
    plan = "\n".join(row["QUERY PLAN"] for row in rows)
    assert "Index Scan" in plan, plan
    assert "Seq Scan" not in plan
    assert "Sort" not in plan


async def test_five_failures_on_a_number_lock_it_for_everybody() -> None:
    case, other = await make_case(), await make_case()
    for turn in range(5):
        await fail(case.number, f"asker {turn}")
    with pytest.raises(LookupLocked) as locked:
        await lookup.look_up(case.number, CODE, asked_by="who knows the code")
    assert 1700 < locked.value.retry_after <= 1800
    assert await opens(other.number, "who knows the code")


async def test_five_failures_of_an_asker_lock_the_asker_alone() -> None:
    case = await make_case()
    for _ in range(5):
        await fail(case_number(), "guesser")
    with pytest.raises(LookupLocked):
        await lookup.look_up(case.number, CODE, asked_by="guesser")
    assert await opens(case.number, "somebody else")


async def test_the_lock_lasts_thirty_minutes_from_the_fifth_failure() -> None:
    case = await make_case()
    with clock.frozen(HANDED_IN):
        await fail(case.number, "a", 4)
    fifth = HANDED_IN + timedelta(minutes=20)
    with clock.frozen(fifth):
        await fail(case.number, "a")
    with clock.frozen(fifth + timedelta(minutes=29, seconds=59)), pytest.raises(LookupLocked):
        await lookup.look_up(case.number, CODE, asked_by="a")
    with clock.frozen(fifth + timedelta(minutes=30)):
        assert await opens(case.number, "a")


async def test_failures_are_forgotten_half_an_hour_after_the_first() -> None:
    case = await make_case()
    with clock.frozen(HANDED_IN):
        await fail(case.number, "a", 4)
    with clock.frozen(HANDED_IN + timedelta(minutes=31)):
        await fail(case.number, "a", 4)
        assert await opens(case.number, "a")


async def test_a_success_wins_the_guesser_no_new_tries() -> None:
    own, others = await make_case(), await make_case()
    await fail(others.number, "a", 4)
    await lookup.look_up(own.number, CODE, asked_by="a")
    await fail(others.number, "a")
    with pytest.raises(LookupLocked):
        await lookup.look_up(own.number, CODE, asked_by="a")


async def test_thirty_guesses_at_once_are_five() -> None:
    case = await make_case()
    ends = await asyncio.gather(
        *(lookup.look_up(case.number, WRONG, asked_by=f"bot {turn}") for turn in range(30)),
        return_exceptions=True,
    )
    names = [type(end).__name__ for end in ends]
    assert (names.count("CaseNotFound"), names.count("LookupLocked")) == (5, 25)


async def test_many_who_know_the_code_are_never_locked() -> None:
    case = await make_case()
    found = await asyncio.gather(*(lookup.look_up(case.number, CODE, asked_by="a") for _ in range(30)))
    assert {one.number for one in found} == {case.number}
    assert await FailedLookups.all().count() == 0


async def test_what_is_counted_names_nobody_and_does_not_pile_up() -> None:
    case = await make_case()
    with clock.frozen(HANDED_IN):
        for turn in range(6):
            await fail(case_number(), f"openid-{turn}")
    stored = await raw.fetch("SELECT f::text AS row FROM case_failed_lookups f")
    assert len(stored) == 12
    assert not any("openid" in row["row"] or "MB2" in row["row"] for row in stored)
    with clock.frozen(HANDED_IN + timedelta(hours=1)):
        await fail(case.number, "a")
        await fail(case.number, "a")
    assert await FailedLookups.all().count() == 2
