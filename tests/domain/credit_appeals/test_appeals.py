"""An application about a rating is a case: one at a time, due in 15 working days, both records in step."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from app.domain.accounts import agency, free_text, portability
from app.domain.accounts.errors import EnterpriseNotBound, SessionEnded
from app.domain.accounts.models import AgentRole, Enterprise, EnterpriseBinding, StaffRole
from app.domain.cases import service
from app.domain.cases.errors import ReasonMissing
from app.domain.cases.history import Step
from app.domain.cases.models import Case, CaseState
from app.domain.credit_appeals import applying, deciding, following, queries
from app.domain.credit_appeals.applying import Application
from app.domain.credit_appeals.errors import (
    AlreadyApplied,
    AppealIllegalMove,
    AppealInvalid,
    AppealNotFound,
    AppealTooLate,
    NothingToRepair,
    NotYourAppeal,
    WrongRole,
)
from app.domain.credit_appeals.models import AppealKind, AppealState, CreditAppeal
from app.domain.credit_ratings import queries as ratings
from app.domain.credit_ratings.errors import RatingNotFound
from app.domain.credit_ratings.rule_sets import Level
from app.gateways.exchange import RatingStatus
from app.kit import clock
from app.kit import db as raw
from app.kit.errors import Fault
from app.kit.outbox import Event, Relay
from tests.domain.credit_appeals.conftest import Agent
from tests.factories import accounts
from tests.factories import credit as make
from tests.factories.audiences import at_work
from tests.factories.credit import NOON

REVIEW = Application(AppealKind.REVIEW, "有一次逾期申报系税务系统故障造成，附情况说明")
REPAIR = Application(AppealKind.REPAIR, "已补办申报，申请修复", lines=(1,))
CLERK = at_work("clerk", StaffRole.CLERK)
DECIDER = at_work("decider", StaffRole.REVIEWER)


async def relay() -> None:
    """The worker hands on what happened to cases, twice."""
    await Relay({"case_moved": following.follow}).step()
    await following.follow(
        [Event(0, "case_moved", {"number": one.number}, NOON, 0) for one in await Case.all()]
    )


async def test_a_review_becomes_a_case_with_a_query_code(agent: Agent) -> None:
    applied = await applying.apply(agent.citizen, agent.enterprise_id, REVIEW)
    case = await Case.get(number=applied.appeal.case_number)
    assert (case.item_name, case.enterprise_id, case.state) == (
        "纳税缴费信用复核", agent.enterprise_id, CaseState.SUBMITTED,
    )  # fmt: skip
    assert case.office == "天河区税务局"
    assert len(applied.query_code) >= 6
    appeal = applied.appeal
    assert (appeal.level_before, appeal.score_before, appeal.year) == (Level.B, Decimal(88), 2025)
    assert await queries.under_way(agent.enterprise_id) == {2025: RatingStatus.UNDER_REVIEW}


async def test_accepted_it_is_due_in_fifteen_working_days(agent: Agent) -> None:
    applied = await applying.apply(agent.citizen, agent.enterprise_id, REPAIR)
    appeal = await deciding.accept(CLERK, applied.appeal.case_number)
    case = await Case.get(number=appeal.case_number)
    assert (appeal.state, case.state) == (AppealState.ACCEPTED, CaseState.ACCEPTED)
    assert case.due_at is not None
    # From 18 May fifteen working days, none of them a holiday.
    assert case.due_at.astimezone(clock.SHANGHAI).date().isoformat() == "2026-06-08"
    assert appeal.codes == ["010101"]


async def test_adjusted_the_released_rating_changes_at_once(agent: Agent, tmp_path: Path) -> None:
    await make.published(tmp_path, [f"{agent.uscc},某公司,2025,B,88,100,"])
    applied = await applying.apply(agent.citizen, agent.enterprise_id, REVIEW)
    await deciding.accept(CLERK, applied.appeal.case_number)
    appeal = await deciding.adjust(DECIDER, applied.appeal.case_number, Level.A, Decimal(93), "")
    assert (appeal.state, appeal.level_after, appeal.decided_at) == (AppealState.ADJUSTED, "A", NOON)
    assert (await Case.get(number=appeal.case_number)).state is CaseState.ISSUED
    newest = (await ratings.own(agent.citizen.person_id, agent.enterprise_id)).of(2025)
    assert (newest.level, newest.score, newest.adjusted_on) == (Level.A, Decimal(93), NOON.date())
    assert await queries.under_way(agent.enterprise_id) == {}
    assert await service.is_whole(appeal.case_number)


async def test_nobody_is_told_of_a_new_rating_that_could_not_be_written(agent: Agent, tmp_path: Path) -> None:
    await make.published(tmp_path, [f"{agent.uscc},某公司,2025,B,88,100,"])
    applied = await applying.apply(agent.citizen, agent.enterprise_id, REVIEW)
    await deciding.accept(CLERK, applied.appeal.case_number)
    await Enterprise.filter(id=agent.enterprise_id).update(name="某\u202e公司")
    with pytest.raises(AppealInvalid):
        await deciding.adjust(DECIDER, applied.appeal.case_number, Level.A, Decimal(93), "")
    assert (await CreditAppeal.get()).state is AppealState.ACCEPTED


async def test_who_left_meanwhile_applies_for_nothing(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    check = free_text.check

    async def leave_meanwhile(person_id: UUID, text: str) -> free_text.Opinion | None:
        opinion = await check(person_id, text)
        await portability.delete(agent.citizen)
        return opinion

    monkeypatch.setattr(free_text, "check", leave_meanwhile)
    with pytest.raises(SessionEnded):
        await applying.apply(agent.citizen, agent.enterprise_id, REVIEW)
    assert await CreditAppeal.all().count() == 0


async def test_kept_the_applicant_is_told_why(agent: Agent) -> None:
    applied = await applying.apply(agent.citizen, agent.enterprise_id, REVIEW)
    await deciding.accept(CLERK, applied.appeal.case_number)
    with pytest.raises(ReasonMissing):
        await deciding.keep(DECIDER, applied.appeal.case_number, " ")
    assert (await CreditAppeal.get()).state is AppealState.ACCEPTED
    appeal = await deciding.keep(DECIDER, applied.appeal.case_number, "申报期内系统运行正常，未见故障记录")
    assert (appeal.state, (await Case.get()).state) == (AppealState.KEPT, CaseState.DENIED)


async def test_one_application_of_a_kind_is_open_at_a_time(agent: Agent) -> None:
    first = await applying.apply(agent.citizen, agent.enterprise_id, REVIEW)
    with pytest.raises(AlreadyApplied):
        await applying.apply(agent.citizen, agent.enterprise_id, REVIEW)
    assert await Case.all().count() == 1
    await applying.apply(agent.citizen, agent.enterprise_id, REPAIR)
    assert await queries.under_way(agent.enterprise_id) == {2025: RatingStatus.UNDER_REVIEW}
    await deciding.accept(CLERK, first.appeal.case_number)
    await deciding.keep(DECIDER, first.appeal.case_number, "理由")
    await applying.apply(agent.citizen, agent.enterprise_id, REVIEW)
    assert len(await queries.of_enterprise(agent.citizen.person_id, agent.enterprise_id)) == 3


async def test_of_two_who_apply_at_once_one_is_first(agent: Agent) -> None:
    both = await asyncio.gather(
        *(applying.apply(agent.citizen, agent.enterprise_id, REVIEW) for _ in range(2)),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in both) == ["AlreadyApplied", "Applied"]
    with pytest.raises(asyncpg.UniqueViolationError):
        await raw.execute(
            "INSERT INTO credit_appeal (enterprise_id, year, kind, state, case_number, codes,"
            " level_before, applied_at) SELECT enterprise_id, year, kind, 'accepted', 'OTHER001', '[]',"
            " 'B', now() FROM credit_appeal"
        )


async def test_an_application_follows_its_case_wherever_it_is_moved(agent: Agent) -> None:
    applied = await applying.apply(agent.citizen, agent.enterprise_id, REVIEW)
    number, office = applied.appeal.case_number, "税务局系统"
    await service.record(number, Step(CaseState.ACCEPTED, clock.now(), office, "已受理"))
    await relay()
    assert (await CreditAppeal.get()).state is AppealState.ACCEPTED
    for to in (CaseState.REVIEW, CaseState.GRANTED, CaseState.ISSUED):
        await service.record(number, Step(to, clock.now(), office, "已调整"))
    await relay()
    found = await CreditAppeal.get()
    assert (found.state, found.decided_at) == (AppealState.ADJUSTED, NOON)
    assert found.level_after is None


async def test_withdrawn_by_the_applicant_it_may_be_asked_for_again(agent: Agent) -> None:
    applied = await applying.apply(agent.citizen, agent.enterprise_id, REVIEW)
    await service.withdraw(applied.appeal.case_number, agent.citizen.person_id)
    await relay()
    assert (await CreditAppeal.get()).state is AppealState.WITHDRAWN
    await applying.apply(agent.citizen, agent.enterprise_id, REVIEW)


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        (Application(AppealKind.REVIEW, "理由", year=2024), AppealTooLate),
        (Application(AppealKind.REVIEW, "理由", year=2019), RatingNotFound),
        (Application(AppealKind.REVIEW, " "), AppealInvalid),
        (Application(AppealKind.REPAIR, "理由", lines=(9,)), AppealInvalid),
        (Application(AppealKind.REPAIR, "理由"), NothingToRepair),
        (Application(AppealKind.REPAIR, "理由", lines=(1, 2)), NothingToRepair),
    ],
)
async def test_what_cannot_be_asked_for_is_refused(
    agent: Agent, asked: Application, error: type[Fault]
) -> None:
    with pytest.raises(error):
        await applying.apply(agent.citizen, agent.enterprise_id, asked)
    assert await CreditAppeal.all().count() == 0
    assert await Case.all().count() == 0


async def test_only_certain_roles_of_the_enterprise_apply(agent: Agent) -> None:
    await EnterpriseBinding.all().update(role=AgentRole.INVOICE_COLLECTOR)
    with pytest.raises(WrongRole):
        await applying.apply(agent.citizen, agent.enterprise_id, REVIEW)
    await EnterpriseBinding.all().update(role=AgentRole.TAX_AGENT, expires_on=NOON.date() - timedelta(days=1))
    for deed in (
        applying.apply(agent.citizen, agent.enterprise_id, REVIEW),
        queries.of_enterprise(agent.citizen.person_id, agent.enterprise_id),
    ):
        with pytest.raises(EnterpriseNotBound):
            await deed


async def test_staff_need_their_posts_and_the_right_state(agent: Agent) -> None:
    applied = await applying.apply(agent.citizen, agent.enterprise_id, REVIEW)
    number = applied.appeal.case_number
    with pytest.raises(NotYourAppeal):
        await deciding.accept(DECIDER, number)
    with pytest.raises(NotYourAppeal):
        await deciding.keep(CLERK, number, "理由")
    with pytest.raises(AppealIllegalMove):
        await deciding.keep(DECIDER, number, "理由")
    with pytest.raises(AppealNotFound):
        await deciding.accept(CLERK, "XYFH2026051899999999")
    await deciding.accept(CLERK, number)
    with pytest.raises(AppealInvalid):
        await deciding.adjust(DECIDER, number, Level.A, Decimal(60), "")
    assert (await Case.get()).state is CaseState.ACCEPTED


async def test_the_applicants_words_are_sealed(agent: Agent) -> None:
    applied = await applying.apply(agent.citizen, agent.enterprise_id, REVIEW)
    assert applied.appeal.reason == REVIEW.reason
    assert REVIEW.reason not in str(await raw.fetch("SELECT * FROM credit_appeal"))


async def test_a_person_takes_their_applications_along_and_leaves_them_to_the_enterprise(
    agent: Agent,
) -> None:
    applied = await applying.apply(agent.citizen, agent.enterprise_id, REVIEW)
    told = await portability.export(agent.citizen)
    assert applied.appeal.case_number in str(told["credit_appeals"])
    await portability.delete(agent.citizen)
    kept = await CreditAppeal.get()
    assert (kept.person_id, kept.enterprise_id, kept.reason) == (None, agent.enterprise_id, None)


async def test_a_colleague_sees_the_enterprises_applications_and_a_stranger_none(agent: Agent) -> None:
    await applying.apply(agent.citizen, agent.enterprise_id, REVIEW)
    colleague = await accounts.known_citizen("lisi", "李四")
    with pytest.raises(EnterpriseNotBound):
        await queries.of_enterprise(colleague.person_id, agent.enterprise_id)
    await agency.bind(colleague, agent.uscc, AgentRole.FINANCE_OFFICER)
    assert len(await queries.of_enterprise(colleague.person_id, agent.enterprise_id)) == 1
