"""What applicants do themselves: see their own cases page by page, withdraw, confirm receipt."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from app.domain.accounts.models import BindingStatus, EnterpriseBinding
from app.domain.cases import queries, reading, service
from app.domain.cases.clock import Remaining, TimeLimit
from app.domain.cases.errors import CaseUnknown, IllegalMove
from app.domain.cases.history import NewCase, Special
from app.domain.cases.models import Case, CaseFinding, LimitUnit, SpecialKind
from app.domain.cases.models import CaseState as S
from app.domain.halls import holidays
from app.kit import clock
from app.kit.ids import uuid7
from tests.domain.cases.test_own import enterprise_of
from tests.factories.appointments import make_person
from tests.factories.cases import HANDED_IN, case_number, make_case, step

pytestmark = pytest.mark.usefixtures("db")

ISSUED = (S.ACCEPTED, S.REVIEW, S.GRANTED, S.ISSUED)


async def fire(person_id: UUID) -> None:
    await EnterpriseBinding.filter(person_id=person_id).update(status=BindingStatus.UNBOUND)


async def test_an_applicant_withdraws_until_the_decision() -> None:
    me = await make_person()
    case, decided = await make_case(S.ACCEPTED, person_id=me), await make_case(*ISSUED, person_id=me)
    withdrawn = await service.withdraw(f" {case.number.lower()}", me)
    assert (withdrawn.state, withdrawn.office) == (S.WITHDRAWN, "天河区审核岗")
    with pytest.raises(IllegalMove):
        await service.withdraw(decided.number, me)
    with pytest.raises(IllegalMove):
        await service.withdraw(case.number, me)
    assert {one.who for one in await CaseFinding.all()} == {f"person:{me}"}


async def test_an_applicant_confirms_receipt_once_the_result_is_issued() -> None:
    me = await make_person()
    case, under_way = await make_case(*ISSUED, person_id=me), await make_case(S.ACCEPTED, person_id=me)
    assert (await service.confirm_receipt(case.number, me)).state is S.DELIVERED
    with pytest.raises(IllegalMove):
        await service.confirm_receipt(under_way.number, me)


async def test_nobody_acts_in_another_ones_case_nor_learns_that_there_is_one() -> None:
    me, other = await make_person(), await make_person()
    firm = await enterprise_of(me)
    expired = await enterprise_of(other, days=-1)
    cases = [
        await make_case(person_id=other),
        await make_case(person_id=other, enterprise_id=expired.id),
        await make_case(),
    ]
    for case in (*cases, Case(number=case_number())):
        with pytest.raises(CaseUnknown):
            await service.withdraw(case.number, me)
    with pytest.raises(CaseUnknown):
        await service.withdraw(cases[1].number, other)
    firms = await make_case(person_id=other, enterprise_id=firm.id)
    assert (await service.withdraw(firms.number, me)).state is S.WITHDRAWN
    assert await Case.filter(state=S.WITHDRAWN).count() == 1


async def test_who_is_fired_sees_and_does_nothing_more() -> None:
    me = await make_person()
    firm = await enterprise_of(me)
    case = await make_case(person_id=me, enterprise_id=firm.id)
    assert await queries.may_see(me, firm.id, case.number)
    await fire(me)
    assert not await queries.may_see(me, firm.id, case.number)
    assert not await queries.may_see(me, None, case.number)
    assert await queries.own(me, enterprise_id=firm.id) == []
    with pytest.raises(CaseUnknown):
        await service.withdraw(case.number, me)


async def test_one_identity_sees_its_own_cases_and_no_others() -> None:
    me, stranger = await make_person(), await make_person()
    firm = await enterprise_of(me)
    mine, firms = await make_case(person_id=me), await make_case(person_id=me, enterprise_id=firm.id)
    assert [one.number for one in await queries.own(me)] == [mine.number]
    assert [one.number for one in await queries.own(me, enterprise_id=firm.id)] == [firms.number]
    assert await queries.own(stranger, enterprise_id=firm.id) == []
    asked = [
        (me, None, mine.number), (me, None, firms.number), (me, firm.id, mine.number),
        (me, firm.id, firms.number), (stranger, None, mine.number), (me, None, "12345678"),
    ]  # fmt: skip
    assert await queries.may_see_each(asked) == [True, False, False, True, False, False]
    with pytest.raises(CaseUnknown):
        await reading.own_case(stranger, None, mine.number)
    found = await reading.own_case(me, None, mine.number.lower())
    assert found.number == mine.number


async def test_pages_follow_each_other_without_gap_or_double() -> None:
    me = await make_person()
    made = [(await make_case(S.ACCEPTED, person_id=me)).number for _ in range(7)]
    over = (await make_case(S.WITHDRAWN, person_id=me)).number
    seen: list[str] = []
    after: tuple[datetime, str] | None = None
    while page := await queries.own(me, after=after, limit=3):
        seen += [one.number for one in page]
        after = (page[-1].updated_at, page[-1].number)
    assert sorted(seen) == sorted([*made, over])
    assert {one.number for one in await queries.own(me, is_open=True)} == set(made)
    assert [one.number for one in await queries.own(me, is_open=False)] == [over]


async def test_progress_tells_what_an_applicant_asks() -> None:
    await holidays.fill_calendar()
    ten_days = TimeLimit(10, LimitUnit.WORKING_DAY)
    new = NewCase(case_number(), "许可", "窗口", contact="020-12345678", promised=ten_days)
    await service.submit(new, at=HANDED_IN)
    await service.record(new.number, step(S.ACCEPTED, days=1, due_on=None))
    await service.record(new.number, step(S.REVIEW, days=2))
    with clock.frozen(HANDED_IN + timedelta(days=2, hours=1)):
        (found,) = await reading.progress_each([new.number])
    assert found is not None
    assert (found.contact, found.is_due_provisional, found.paused_since) == ("020-12345678", False, None)
    assert str(found.due_on) == str(found.original_due_on) == "2026-12-01"
    assert found.remaining == Remaining(9, 6)
    assert (found.can_withdraw, found.can_confirm_receipt, found.is_over) == (True, False, False)

    expert = Special(SpecialKind.EXPERT_REVIEW, "分管负责人", ten_days)
    await service.record(new.number, step(S.SUSPENDED, days=3, text="组织专家评审", special=expert))
    with clock.frozen(HANDED_IN + timedelta(days=8)):
        (found,) = await reading.progress_each([new.number])
    assert found is not None
    assert found.paused_since == HANDED_IN + timedelta(days=3)
    assert found.paused_why == "特别程序进行中：组织专家评审"
    assert found.remaining == Remaining(9, 0)  # As much as when it stopped.


async def test_a_decision_starts_the_days_of_its_delivery() -> None:
    await holidays.fill_calendar()
    me = await make_person()
    case = await make_case(S.ACCEPTED, S.REVIEW, S.DENIED, person_id=me)
    (found,) = await reading.progress_each([case.number])
    assert found is not None
    assert found.result == "不予办理：理由和要求"
    assert str(found.due_on) == "2026-12-03"
    assert (found.can_withdraw, found.asked) == (False, "")


async def test_a_correction_tells_what_is_asked_and_until_when() -> None:
    case = await make_case()
    until = (HANDED_IN + timedelta(days=20)).date()
    await service.record(case.number, step(S.SUPPLEMENT, text="补交租赁合同", asked_until=until))
    (found,) = await reading.progress_each([case.number])
    assert found is not None
    assert (found.asked, found.asked_until, found.due_on) == ("待补正：补交租赁合同", until, None)


async def test_an_unknown_number_has_no_progress() -> None:
    assert await reading.progress_each([case_number()]) == [None]
    assert await queries.own(uuid7()) == []
