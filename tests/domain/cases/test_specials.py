"""Special procedures in our own hands: one post applies, another approves in writing, the clock stops."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import orjson
import pytest

from app.domain.accounts.models import StaffRole
from app.domain.cases import documents, due_dates, late_specials, queries, service, specials
from app.domain.cases.clock import TimeLimit
from app.domain.cases.errors import CaseUnknown, IllegalMove, ReasonMissing, SpecialRefused
from app.domain.cases.history import Special
from app.domain.cases.models import Case, CaseEvent, LimitUnit, SpecialKind, SpecialProcedure, SpecialState
from app.domain.cases.models import CaseState as S
from app.kit import audit, clock
from app.kit import db as raw
from app.kit.errors import InvalidInput, NotAllowed
from app.kit.outbox import Event
from tests.factories.appointments import make_person
from tests.factories.cases import case_number, make_case, step
from tests.factories.notices import member
from tests.factories.papers import citizen

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


async def running(*, person_id: UUID | None = None) -> tuple[Case, int]:
    """A case whose hearing began at NOW."""
    case = await make_case(S.ACCEPTED, S.REVIEW, person_id=person_id)
    with clock.frozen(NOW):
        special_id = await specials.apply(CLERK, case.number, HEARING)
        await specials.approve(HEAD, special_id, "将举行听证")
        await specials.begin(CLERK, special_id)
    return case, special_id


async def moved() -> list[tuple[int, str]]:
    rows = await raw.fetch("SELECT payload FROM outbox_event WHERE kind = 'case_moved' ORDER BY id")
    return [(one["seq"], one["kind"]) for one in (orjson.loads(row["payload"]) for row in rows)]


async def test_a_refused_one_leaves_the_review_as_it_was_and_room_for_another() -> None:
    case = await make_case(S.ACCEPTED, S.REVIEW)
    special_id = await specials.apply(CLERK, case.number, HEARING)
    for who, why, what in (
        (CLERK, "不需要", NotAllowed),
        (HEAD, " ", ReasonMissing),
        (HEAD, "字" * 201, InvalidInput),
        (HEAD, "不\0", InvalidInput),
    ):
        with pytest.raises(what):
            await specials.refuse(who, special_id, why)
    await specials.refuse(HEAD, special_id, "案情清楚，不需要听证")
    refused = await SpecialProcedure.get()
    assert (refused.state, refused.result) == (SpecialState.REFUSED, "案情清楚，不需要听证")
    assert refused.ended_at is not None
    kept = await Case.get(number=case.number)
    assert (kept.state, kept.last_seq, kept.pauses) == (S.REVIEW, 3, [])
    assert len(await moved()) == 3, "nobody outside hears of what was never told"
    for undone in (specials.approve(HEAD, special_id, "告知"), specials.begin(CLERK, special_id)):
        with pytest.raises(SpecialRefused):
            await undone
    await specials.apply(CLERK, case.number, HEARING)
    assert await audit.verify() == 3


async def test_nobody_refuses_what_they_applied_for_but_whoever_did_may_cancel_it() -> None:
    case = await make_case(S.ACCEPTED, S.REVIEW)
    both = member(StaffRole.CLERK, StaffRole.HALL_MANAGER)
    special_id = await specials.apply(both, case.number, HEARING)
    with pytest.raises(NotAllowed):
        await specials.refuse(both, special_id, "不需要")
    with pytest.raises(NotAllowed):
        await specials.cancel(HEAD, special_id, "不需要")
    await specials.cancel(both, special_id, "申请人放弃听证")
    assert (await SpecialProcedure.get()).state is SpecialState.CANCELLED
    again = await specials.apply(CLERK, case.number, HEARING)
    await specials.approve(HEAD, again, "告知")
    await specials.cancel(CLERK, again, "申请人放弃听证")
    with pytest.raises(SpecialRefused):
        await specials.cancel(CLERK, again, "申请人放弃听证")
    assert (await Case.get(number=case.number)).last_seq == 3


async def test_cancelling_one_that_runs_lets_the_clock_go_on_at_once_and_is_told() -> None:
    me = await make_person()
    case, special_id = await running(person_id=me)
    before = (await Case.get(number=case.number)).due_at
    with clock.frozen(NOW + timedelta(days=4)):  # Tuesday; Monday was covered whole.
        with pytest.raises(NotAllowed):
            await specials.cancel(CLERK, special_id, "当事人撤回")
        await specials.cancel(HEAD, special_id, "当事人撤回听证申请")
        [shown] = await queries.recent(me)
    kept, ended = await Case.get(number=case.number), await SpecialProcedure.get()
    assert (kept.state, ended.state, ended.result) == (
        S.REVIEW, SpecialState.CANCELLED, "听证已取消，当事人撤回听证申请",
    )  # fmt: skip
    assert kept.pauses[-1][1] is not None
    assert before is not None
    assert kept.due_at is not None
    assert (kept.due_at.date() - before.date()).days >= 1
    assert shown.paused_since is None
    assert shown.steps[-1].told == "听证已取消，当事人撤回听证申请"
    assert (await moved())[-2:] == [(4, "suspended"), (5, "review")]
    assert await service.is_whole(case.number)
    titles = [one.title for one in await documents.of_case(case.number, citizen(me))]
    assert titles == ["收件凭证", "受理通知书", "特别程序告知书"]


async def test_one_is_finished_by_a_clerk_with_its_result() -> None:
    case, special_id = await running()
    with clock.frozen(NOW + timedelta(days=4)):
        with pytest.raises(ReasonMissing):
            await specials.finish(CLERK, special_id, "")
        await specials.finish(CLERK, special_id, "听证结束，各方无异议")
        with pytest.raises(SpecialRefused):
            await specials.finish(CLERK, special_id, "听证结束")
    ended = await SpecialProcedure.get()
    assert (ended.state, ended.result) == (SpecialState.FINISHED, "听证结束，各方无异议")
    assert (await Case.get(number=case.number)).state is S.REVIEW


async def test_what_runs_out_is_told_to_supervisors_once_and_listed_until_it_ends() -> None:
    case, special_id = await running()
    supervisor = member(StaffRole.SUPERVISOR)
    with clock.frozen(NOW + timedelta(days=30)):
        assert await due_dates.end_overdue_specials() == 1
        assert await due_dates.end_overdue_specials() == 0
        [late] = await late_specials.listed(supervisor)
        assert (late.id, late.case_number, late.approver) == (special_id, case.number, "分管负责人")
        assert await late_specials.listed(supervisor, after=(late.due_at, late.id)) == []
        for region, seen in (("440106", 1), ("4401", 1), ("440106001", 1), ("440105", 0)):
            assert len(await late_specials.listed(member(StaffRole.SUPERVISOR, region=region))) == seen
        with pytest.raises(NotAllowed):
            await late_specials.listed(CLERK)
        rows = await raw.fetch("SELECT * FROM outbox_event WHERE kind = $1", late_specials.OVERDUE)
        [told] = [orjson.loads(row["payload"]) for row in rows]
        event = Event(1, late_specials.OVERDUE, told, NOW, 0)
        before = late_specials.ANNOUNCED._value.get()
        await late_specials.announce([event])
        assert late_specials.ANNOUNCED._value.get() == before + 1
        await specials.cancel(HEAD, special_id, "不再需要")
        assert await late_specials.listed(supervisor) == []
    assert (await SpecialProcedure.get()).state is SpecialState.OVERDUE, "that it was late stays known"
    assert await service.is_whole(case.number)


async def test_cancelling_and_finishing_at_once_ends_it_once() -> None:
    case, special_id = await running()
    done = await asyncio.gather(
        specials.cancel(HEAD, special_id, "不再需要"),
        specials.finish(CLERK, special_id, "听证结束"),
        specials.cancel(HEAD, special_id, "不再需要"),
        return_exceptions=True,
    )
    assert sorted(isinstance(one, SpecialRefused) for one in done) == [False, True, True], done
    assert (await Case.get(number=case.number)).last_seq == 5
    with pytest.raises(SpecialRefused):  # Who comes later is told the same as who came at once.
        await specials.cancel(HEAD, special_id, "不再需要")


async def test_the_database_knows_no_refusal_without_a_reason() -> None:
    _, special_id = await running()
    with pytest.raises(Exception, match="special_procedure_state"):
        await raw.execute("UPDATE special_procedure SET state = 'refused' WHERE id = $1", special_id)
    with pytest.raises(Exception, match="special_procedure_state"):
        await raw.execute("UPDATE special_procedure SET state = 'cancelled', ended_at = now()")


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
