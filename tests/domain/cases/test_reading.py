"""Looking at a case again: worked out once, and never older than the question, nor anybody else's."""

from contextlib import suppress
from datetime import date, datetime, timedelta

import pytest

from app.domain.accounts.models import BindingStatus, EnterpriseBinding
from app.domain.cases import lookup, reading, service
from app.domain.cases.errors import CaseNotFound, CaseUnknown, LookupLocked
from app.domain.cases.models import Case
from app.domain.cases.models import CaseState as S
from app.domain.halls.models import DayKind, DayStatus, WorkDay
from app.domain.halls.schedules import forget_calendar
from app.kit import clock
from app.kit import db as raw
from tests.domain.cases.test_own import enterprise_of
from tests.factories.appointments import make_person
from tests.factories.cases import CODE, make_case, step

pytestmark = pytest.mark.usefixtures("db")


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


async def test_a_case_that_has_not_changed_is_not_worked_out_again() -> None:
    me = await make_person()
    case = await make_case(S.ACCEPTED, person_id=me)
    with clock.frozen(at("2026-11-20T10:20")):
        first = await reading.own_case(me, None, case.number)
    with clock.frozen(at("2026-11-20T10:40")):
        assert await reading.own_case(me, None, case.number) is first
        assert await lookup.look_up(case.number, CODE, asked_by="a") is first


async def test_a_step_is_seen_by_the_very_next_look() -> None:
    me = await make_person()
    case = await make_case(S.ACCEPTED, person_id=me)
    with clock.frozen(at("2026-11-20T10:20")):
        for days, to in enumerate((S.REVIEW, S.GRANTED, S.ISSUED), start=2):
            await reading.own_case(me, None, case.number)
            await service.record(case.number, step(to, days=days))
            assert (await reading.own_case(me, None, case.number)).state is to
            assert (await lookup.look_up(case.number, CODE, asked_by="a")).steps[-1].kind == to


async def test_whatever_else_changes_in_the_row_is_seen_as_well() -> None:
    me = await make_person()
    case = await make_case(person_id=me)
    with clock.frozen(at("2026-11-20T10:20")):
        await reading.own_case(me, None, case.number)
        await Case.filter(number=case.number).update(contact="020-12345678")
        assert (await reading.own_case(me, None, case.number)).contact == "020-12345678"


@pytest.mark.parametrize(
    ("earlier", "later", "hours"),
    [
        ("2026-11-30T09:59:59", "2026-11-30T10:00:01", (6, 5)),
        ("2026-11-30T10:00", "2026-11-30T10:00:01", (6, 5)),
        ("2026-11-30T12:30", "2026-11-30T13:30", (4, 3)),
    ],
)
async def test_time_left_goes_on_though_nothing_happens(
    earlier: str, later: str, hours: tuple[int, int]
) -> None:
    me = await make_person()
    case = await make_case(S.ACCEPTED, person_id=me)
    told = []
    for moment in (earlier, later):
        with clock.frozen(at(moment)):
            left = (await reading.own_case(me, None, case.number)).remaining
            assert left is not None
            told.append(left.working_days * 7 + left.hours - 7)
    assert tuple(told) == hours


async def test_a_case_is_overdue_from_the_moment_after() -> None:
    me = await make_person()
    case = await make_case(S.ACCEPTED, person_id=me)
    assert case.due_at is not None
    seen = []
    for late in (-1, 0, 1):
        with clock.frozen(case.due_at + timedelta(microseconds=late)):
            left = (await reading.own_case(me, None, case.number)).remaining
            seen.append(left is not None and left.is_overdue)
    assert seen == [False, False, True]


async def test_a_new_work_calendar_is_reckoned_with_at_once() -> None:
    me = await make_person()
    case = await make_case(S.ACCEPTED, person_id=me)
    with clock.frozen(at("2026-11-26T10:20")):
        before = (await reading.own_case(me, None, case.number)).remaining
        await WorkDay.update_or_create(
            {"kind": DayKind.RESTDAY, "status": DayStatus.OFFICIAL, "name": "调休", "source": "国办通知"},
            on=date(2026, 11, 27),
        )
        forget_calendar()
        after = (await reading.own_case(me, None, case.number)).remaining
    forget_calendar()
    assert before is not None
    assert after is not None
    assert before.working_days - after.working_days == 1


async def test_what_one_person_looked_at_nobody_else_gets() -> None:
    me, other = await make_person(), await make_person()
    firm = await enterprise_of(other)
    case = await make_case(person_id=me)
    with clock.frozen(at("2026-11-20T10:20")):
        await reading.own_case(me, None, case.number)
        for person, enterprise in ((other, None), (other, firm.id), (me, firm.id)):
            with pytest.raises(CaseUnknown):
                await reading.own_case(person, enterprise, case.number)
        with pytest.raises(CaseNotFound):
            await lookup.look_up(case.number, "ZZZZZZ", asked_by="a")


async def test_who_acts_for_an_enterprise_no_longer_sees_no_more() -> None:
    me = await make_person()
    firm = await enterprise_of(me)
    case = await make_case(person_id=me, enterprise_id=firm.id)
    await reading.own_case(me, firm.id, case.number)
    await EnterpriseBinding.all().update(status=BindingStatus.UNBOUND)
    with pytest.raises(CaseUnknown):
        await reading.own_case(me, firm.id, case.number)


async def test_a_case_that_passed_to_another_person_is_theirs_alone() -> None:
    kept, absorbed = await make_person(), await make_person()
    case = await make_case(person_id=absorbed)
    await reading.own_case(absorbed, None, case.number)
    await Case.filter(number=case.number).update(person_id=kept)
    assert (await reading.own_case(kept, None, case.number)).number == case.number
    with pytest.raises(CaseUnknown):
        await reading.own_case(absorbed, None, case.number)


async def test_a_locked_code_opens_nothing_that_is_still_known() -> None:
    me = await make_person()
    case = await make_case(person_id=me)
    await lookup.look_up(case.number, CODE, asked_by="a")
    for _ in range(lookup.TRIES):
        with pytest.raises(CaseNotFound):
            await lookup.look_up(case.number, "ZZZZZZ", asked_by="b")
    with pytest.raises(LookupLocked):
        await lookup.look_up(case.number, CODE, asked_by="a")


async def test_a_step_taken_back_with_its_transaction_was_never_seen() -> None:
    me = await make_person()
    case = await make_case(S.ACCEPTED, person_id=me)
    with clock.frozen(at("2026-11-20T10:20")):
        first = await reading.own_case(me, None, case.number)
        with suppress(ZeroDivisionError):
            async with raw.transaction():
                await service.record(case.number, step(S.REVIEW, days=2))
                raise ZeroDivisionError
        assert await reading.own_case(me, None, case.number) is first


async def test_a_very_long_history_is_read_at_every_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LONGEST_KEPT", 1)
    me = await make_person()
    case = await make_case(S.ACCEPTED, person_id=me)
    with clock.frozen(at("2026-11-20T10:20")):
        first = await reading.own_case(me, None, case.number)
        again = await reading.own_case(me, None, case.number)
    assert again == first
    assert again is not first
