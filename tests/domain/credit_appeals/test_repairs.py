"""整体修复 and the repair of a direct D as applications: what they rest on, and how far a decision may go."""

import asyncio
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from app.domain.accounts import free_text
from app.domain.accounts.models import StaffRole
from app.domain.cases.models import Case, CaseState
from app.domain.credit_appeals import applying, deciding, queries, texts
from app.domain.credit_appeals.applying import Application
from app.domain.credit_appeals.errors import AlreadyApplied, AppealInvalid, NotYourAppeal, RepairNotOpen
from app.domain.credit_appeals.models import AppealKind, AppealState, CreditAppeal
from app.domain.credit_ratings import queries as ratings
from app.domain.credit_ratings.rule_sets import Level
from app.gateways.exchange import Answered, RatingFacts, RatingStatus
from app.kit import clock
from app.kit import db as raw
from tests.domain.credit_appeals.conftest import Agent
from tests.factories import credit as make
from tests.factories.audiences import at_work
from tests.factories.credit import NOON, Authority

OVERALL = Application(AppealKind.OVERALL, "六个月来没有新的失信行为，申请整体修复")
DIRECT_D = Application(AppealKind.DIRECT_D, "已足额缴清税款、滞纳金和罚款，申请修复")
REVIEW = Application(AppealKind.REVIEW, "有一次逾期申报系税务系统故障造成")
CLERK = at_work("clerk", StaffRole.CLERK)
DECIDER = at_work("decider", StaffRole.REVIEWER)


async def accepted(agent: Agent, asked: Application) -> str:
    """An application that is accepted; its number."""
    applied = await applying.apply(agent.citizen, agent.enterprise_id, asked)
    await deciding.accept(CLERK, applied.appeal.case_number)
    return applied.appeal.case_number


async def newest(agent: Agent) -> ratings.RatedYear:
    """The rating in force."""
    return (await ratings.own(agent.citizen.person_id, agent.enterprise_id)).of(2025)


async def test_an_overall_repair_is_a_case_that_says_what_it_rests_on(
    agent: Agent, authority: Authority
) -> None:
    authority.told = [make.facts(2025, "B", "80", make.deduction(), make.deduction("15"))]
    appeal = (await applying.apply(agent.citizen, agent.enterprise_id, OVERALL)).appeal
    assert (appeal.since_on, appeal.points, appeal.evidence_at) == (date(2025, 6, 16), Decimal(11), NOON)
    assert appeal.codes == ["010101", "010101"]
    case = await Case.get(number=appeal.case_number)
    assert (case.item_name, case.state) == ("纳税缴费信用整体修复", CaseState.SUBMITTED)
    assert await queries.under_way(agent.enterprise_id) == {2025: RatingStatus.UNDER_REPAIR}
    assert "2026-05-18" in (texts.grounds(appeal) or "")
    assert "最多恢复 11.00 分" in (texts.grounds(appeal) or "")


async def test_granted_it_brings_no_more_than_it_rests_on(
    agent: Agent, authority: Authority, tmp_path: Path
) -> None:
    authority.told = [make.facts(2025, "B", "80", make.deduction("20"))]
    await make.published(tmp_path, [f"{agent.uscc},某公司,2025,B,80,100,"])
    number = await accepted(agent, OVERALL)
    for score in (Decimal("91.01"), Decimal("79.99"), None):
        with pytest.raises(AppealInvalid):
            await deciding.adjust(DECIDER, number, Level.B if score else Level.M, score, "")
    appeal = await deciding.adjust(DECIDER, number, Level.A, Decimal(91), "")
    assert (appeal.state, (await newest(agent)).level, (await newest(agent)).score) == (
        AppealState.ADJUSTED, Level.A, Decimal(91),
    )  # fmt: skip


async def test_the_same_months_are_repaired_once(agent: Agent, authority: Authority, tmp_path: Path) -> None:
    late = make.deduction("20", occurred_on=date(2025, 10, 18))
    authority.told = [make.facts(2025, "B", "80", late)]
    await make.published(tmp_path, [f"{agent.uscc},某公司,2025,B,80,100,"])
    await deciding.adjust(DECIDER, await accepted(agent, OVERALL), Level.B, Decimal(87), "")
    with pytest.raises(RepairNotOpen, match="已经恢复"):
        await applying.apply(agent.citizen, agent.enterprise_id, OVERALL)
    with clock.frozen(NOON + timedelta(days=31)):
        again = await applying.apply(agent.citizen, agent.enterprise_id, OVERALL)
    assert (again.appeal.points, again.appeal.score_before) == (Decimal(1), Decimal(87))


async def test_what_was_granted_while_it_was_asked_for_again_is_not_brought_twice(
    agent: Agent, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.told = [make.facts(2025, "B", "80", make.deduction("20"))]
    number = await accepted(agent, OVERALL)
    check = free_text.check

    async def grant_meanwhile(person_id: UUID, text: str) -> free_text.Opinion | None:
        await deciding.adjust(DECIDER, number, Level.A, Decimal(91), "")
        return await check(person_id, text)

    monkeypatch.setattr(free_text, "check", grant_meanwhile)
    with pytest.raises(AlreadyApplied):
        await applying.apply(agent.citizen, agent.enterprise_id, OVERALL)
    assert await CreditAppeal.all().count() == await Case.all().count() == 1


async def test_of_a_review_and_a_repair_decided_at_once_the_later_builds_on_the_earlier(
    agent: Agent, authority: Authority, tmp_path: Path
) -> None:
    authority.told = [make.facts(2025, "B", "70", make.deduction("30"))]
    await make.published(tmp_path, [f"{agent.uscc},某公司,2025,B,70,100,"])
    review, repair = await accepted(agent, REVIEW), await accepted(agent, OVERALL)
    await deciding.adjust(DECIDER, review, Level.B, Decimal(85), "")
    with pytest.raises(AppealInvalid, match="填写的内容有误") as refused:
        await deciding.adjust(DECIDER, repair, Level.B, Decimal(81), "")
    assert "85.00 到 96.00" in refused.value.fields["score"][0]
    await deciding.adjust(DECIDER, repair, Level.A, Decimal(96), "")
    assert (await newest(agent)).score == Decimal(96)


async def test_what_was_told_some_days_ago_shows_nothing_of_the_days_since(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[RatingFacts] = [
        make.facts(2025, "B", "80", make.deduction("20", occurred_on=date(2025, 11, 17)))
    ]

    async def days_ago(uscc: str, *, may_be_silent: bool) -> Answered[list[RatingFacts]]:
        return Answered(told, datetime(2026, 5, 16, 12, tzinfo=clock.SHANGHAI), is_stale=True)

    monkeypatch.setattr(ratings, "_told", days_ago)
    with pytest.raises(RepairNotOpen, match="2026-05-17 起"):
        await applying.apply(agent.citizen, agent.enterprise_id, OVERALL)


async def test_without_the_authoritys_details_nothing_can_be_checked(
    agent: Agent, authority: Authority, tmp_path: Path
) -> None:
    await make.published(tmp_path, [f"{agent.uscc},某公司,2025,B,80,100,"])
    authority.is_down = True
    for asked in (OVERALL, DIRECT_D):
        with pytest.raises(RepairNotOpen, match="暂时取不到"):
            await applying.apply(agent.citizen, agent.enterprise_id, asked)


@pytest.mark.parametrize("kind", [AppealKind.OVERALL, AppealKind.DIRECT_D])
async def test_only_the_rating_in_force_is_repaired_as_a_whole(agent: Agent, kind: AppealKind) -> None:
    with pytest.raises(RepairNotOpen, match="最近一次"):
        await applying.apply(agent.citizen, agent.enterprise_id, Application(kind, "理由", year=2024))
    with pytest.raises(AppealInvalid):
        await applying.apply(agent.citizen, agent.enterprise_id, Application(kind, "理由", lines=(1,)))


async def test_a_direct_d_is_rated_anew_but_not_a(agent: Agent, authority: Authority, tmp_path: Path) -> None:
    authority.told = [make.direct_d(make.deduction())]
    await make.published(tmp_path, [f"{agent.uscc},某公司,2025,D,88,100,"])
    number = await accepted(agent, DIRECT_D)
    appeal = await CreditAppeal.get()
    assert (appeal.since_on, appeal.points) == (date(2026, 2, 18), None)
    with pytest.raises(AppealInvalid) as refused:
        await deciding.adjust(DECIDER, number, Level.A, Decimal(93), "")
    assert "不得评为 A 级" in refused.value.fields["level"][0]
    await deciding.adjust(DECIDER, number, Level.B, Decimal(88), "")
    found = await newest(agent)
    assert (found.level, found.direct_d) == (Level.B, ())


@pytest.mark.parametrize(
    ("told", "why"),
    [(make.direct_d(wait_months=6), "2026-08-18"), (make.direct_d(corrected_on=None), "尚未纠正")],
)
async def test_a_direct_d_is_not_asked_for_too_early(
    agent: Agent, authority: Authority, told: RatingFacts, why: str
) -> None:
    authority.told = [told]
    with pytest.raises(RepairNotOpen, match=why):
        await applying.apply(agent.citizen, agent.enterprise_id, DIRECT_D)
    assert await Case.all().count() == 0


async def test_a_direct_d_that_is_kept_stays_one(agent: Agent, authority: Authority) -> None:
    authority.told = [make.direct_d()]
    number = await accepted(agent, DIRECT_D)
    appeal = await deciding.keep(DECIDER, number, "经核实滞纳金尚未缴清")
    assert (appeal.state, (await newest(agent)).level) == (AppealState.KEPT, Level.D)


async def test_of_two_repairs_asked_for_at_once_one_is_first(agent: Agent, authority: Authority) -> None:
    authority.told = [make.direct_d()]
    both = await asyncio.gather(
        *(applying.apply(agent.citizen, agent.enterprise_id, DIRECT_D) for _ in range(2)),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in both) == ["AlreadyApplied", "Applied"]


async def test_the_database_keeps_a_repair_and_its_grounds_together(agent: Agent) -> None:
    await applying.apply(agent.citizen, agent.enterprise_id, REVIEW)
    for wrong in ("kind = 'overall'", "kind = 'direct_d'", "points = 3", "since_on = '2026-01-01'"):
        with pytest.raises(asyncpg.CheckViolationError):
            await raw.execute(f"UPDATE credit_appeal SET {wrong}")  # noqa: S608  From the line above.


async def test_staff_see_what_waits_for_them(agent: Agent, authority: Authority) -> None:
    authority.told = [make.direct_d()]
    first = await applying.apply(agent.citizen, agent.enterprise_id, REVIEW)
    await applying.apply(agent.citizen, agent.enterprise_id, DIRECT_D)
    for member in (CLERK, DECIDER):
        assert [one.kind for one in await deciding.under_way(member)] == [REVIEW.kind, DIRECT_D.kind]
    with pytest.raises(NotYourAppeal):
        await deciding.under_way(at_work("operator", StaffRole.EXCHANGE_OPERATOR))
    await deciding.accept(CLERK, first.appeal.case_number)
    await deciding.keep(DECIDER, first.appeal.case_number, "理由")
    assert [one.kind for one in await deciding.under_way(CLERK)] == [DIRECT_D.kind]
