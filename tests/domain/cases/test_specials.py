"""Special procedures in our own hands: one post applies, another approves in writing, the clock stops."""

import asyncio
from datetime import datetime

import pytest

from app.domain.accounts.models import StaffRole
from app.domain.cases import service, specials
from app.domain.cases.clock import TimeLimit
from app.domain.cases.errors import CaseUnknown, IllegalMove, ReasonMissing, SpecialRefused
from app.domain.cases.history import Special
from app.domain.cases.models import Case, CaseEvent, LimitUnit, SpecialKind, SpecialProcedure, SpecialState
from app.domain.cases.models import CaseState as S
from app.kit import audit, clock
from app.kit.errors import InvalidInput, NotAllowed
from tests.factories.cases import case_number, make_case, step
from tests.factories.notices import member

pytestmark = pytest.mark.usefixtures("db")

CLERK, HEAD = member(StaffRole.CLERK), member(StaffRole.HALL_MANAGER)
HEARING = Special(SpecialKind.HEARING, "分管负责人", TimeLimit(5, LimitUnit.WORKING_DAY))
NOW = datetime(2026, 11, 20, 10, tzinfo=clock.SHANGHAI)


async def test_it_is_applied_for_approved_begun_and_ended() -> None:
    case = await make_case(S.ACCEPTED, S.REVIEW)
    with clock.frozen(NOW):
        special_id = await specials.apply(CLERK, case.number, HEARING)
        await specials.approve(HEAD, special_id, "将于 12 月 1 日举行听证，所需时间不计入办理时限")
        assert (await Case.get(number=case.number)).state is S.REVIEW
        await specials.begin(CLERK, special_id)
    running = await SpecialProcedure.get()
    assert (running.id, running.state, running.event_seq) == (special_id, SpecialState.RUNNING, 4)
    assert running.due_at == datetime(2026, 11, 27, 17, tzinfo=clock.SHANGHAI)
    assert (await CaseEvent.get(case_number=case.number, seq=4)).text.startswith("将于 12 月 1 日")
    await service.record(case.number, step(S.REVIEW, days=6, text="听证结束"))
    ended = await SpecialProcedure.get()
    assert (ended.state, ended.result) == (SpecialState.FINISHED, "听证结束")
    assert await service.is_whole(case.number)
    assert await audit.verify() == 3


async def test_an_extension_gives_the_decision_its_days() -> None:
    case = await make_case(S.ACCEPTED, S.REVIEW)
    longer = Special(SpecialKind.EXTENSION, "行政机关负责人", TimeLimit(10, LimitUnit.WORKING_DAY))
    with clock.frozen(NOW):
        special_id = await specials.apply(CLERK, case.number, longer)
        await specials.approve(HEAD, special_id, "案情复杂，延长 10 个工作日")
        await specials.begin(CLERK, special_id)
    kept = await Case.get(number=case.number)
    assert (kept.state, kept.extended_by, kept.pauses) == (S.REVIEW, 10, [])
    assert (await SpecialProcedure.get()).state is SpecialState.FINISHED


async def test_nobody_approves_their_own_nor_without_words_nor_without_the_post() -> None:
    case = await make_case(S.ACCEPTED, S.REVIEW)
    both = member(StaffRole.CLERK, StaffRole.HALL_MANAGER)
    special_id = await specials.apply(both, case.number, HEARING)
    for who, words, why in (
        (both, "告知", NotAllowed),
        (CLERK, "告知", NotAllowed),
        (HEAD, " ", ReasonMissing),
    ):
        with pytest.raises(why):
            await specials.approve(who, special_id, words)
    for refused in (specials.apply(HEAD, case.number, HEARING), specials.begin(HEAD, special_id)):
        with pytest.raises(NotAllowed):
            await refused
    assert (await SpecialProcedure.get()).state is SpecialState.APPLIED


async def test_states_are_passed_in_their_order_and_one_at_a_time() -> None:
    case = await make_case(S.ACCEPTED, S.REVIEW)
    special_id = await specials.apply(CLERK, case.number, HEARING)
    for refused in (
        specials.apply(CLERK, case.number, HEARING),
        specials.begin(CLERK, special_id),
        specials.approve(HEAD, special_id + 1, "告知"),
    ):
        with pytest.raises(SpecialRefused):
            await refused
    await specials.approve(HEAD, special_id, "告知")
    with pytest.raises(SpecialRefused):
        await specials.approve(HEAD, special_id, "告知")


async def test_only_a_case_under_review_is_stopped() -> None:
    submitted = await make_case()
    with pytest.raises(SpecialRefused):
        await specials.apply(CLERK, submitted.number, HEARING)
    with pytest.raises(CaseUnknown):
        await specials.apply(CLERK, case_number(), HEARING)
    case = await make_case(S.ACCEPTED, S.REVIEW)
    special_id = await specials.apply(CLERK, case.number, HEARING)
    await specials.approve(HEAD, special_id, "告知")
    await service.record(case.number, step(S.GRANTED, days=4))
    with pytest.raises(IllegalMove):
        await specials.begin(CLERK, special_id)
    assert (await SpecialProcedure.get()).state is SpecialState.APPROVED


async def test_one_that_runs_elsewhere_takes_the_place_of_one_only_applied_for() -> None:
    case = await make_case(S.ACCEPTED, S.REVIEW)
    special_id = await specials.apply(CLERK, case.number, HEARING)
    await service.record(case.number, step(S.SUSPENDED, days=4, special=HEARING))
    theirs = await SpecialProcedure.get(ended_at=None)
    assert (theirs.id != special_id, theirs.state) == (True, SpecialState.RUNNING)
    assert (await SpecialProcedure.get(id=special_id)).state is SpecialState.FINISHED
    with pytest.raises(SpecialRefused):
        await specials.approve(HEAD, special_id, "告知")


async def test_an_application_names_a_post_in_few_words() -> None:
    case = await make_case(S.ACCEPTED, S.REVIEW)
    for approver, reason in (("", ""), ("岗" * 81, ""), ("负责人", "字" * 501)):
        with pytest.raises(InvalidInput):
            await specials.apply(CLERK, case.number, Special(SpecialKind.HEARING, approver, reason=reason))


async def test_beginning_and_moving_a_case_at_once_do_not_block_each_other() -> None:
    case = await make_case(S.ACCEPTED, S.REVIEW)
    special_id = await specials.apply(CLERK, case.number, HEARING)
    await specials.approve(HEAD, special_id, "告知")
    done = await asyncio.gather(
        specials.begin(CLERK, special_id),
        service.record(case.number, step(S.SUSPENDED, days=4, special=HEARING)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, SpecialRefused | IllegalMove) for one in done) == 1
    assert (await Case.get(number=case.number)).state is S.SUSPENDED
    assert await SpecialProcedure.filter(ended_at=None).count() == 1
