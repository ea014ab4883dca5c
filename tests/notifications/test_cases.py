"""Each step of a case is told to whom it concerns, less of it to who follows it, and old news to nobody."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import orjson
import pytest

from app.domain.accounts.models import AgentRole, BindingStatus, ConsentEntry, Enterprise, EnterpriseBinding
from app.domain.cases import followers, service
from app.domain.cases.clock import TimeLimit
from app.domain.cases.follower_models import CaseFollower
from app.domain.cases.history import NewCase, Special, Step
from app.domain.cases.models import DUE_MOVED, EXTENDED, SPECIAL_OVERDUE, LimitUnit, SpecialKind
from app.domain.cases.models import CaseState as S
from app.kit import clock, db, outbox
from app.kit.ids import uuid7
from config import settings
from notifications import cases
from notifications.inbox import reading
from notifications.inbox.reading import Item
from tests.factories.cases import case_number
from tests.factories.messages import agree_to_service
from tests.notifications.conftest import Story

ID_NUMBER = "440106199003070012"
WORDS = f"请补充张三（{ID_NUMBER}，13800138000）的身份证明"
TAX_OFFICE = "天河区税务局审核岗"


@pytest.fixture
def no_quiet_hours(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("WEIBAN_QUIET_HOURS", "off")
    settings.current.cache_clear()
    yield
    monkeypatch.undo()
    settings.current.cache_clear()


def step(to: S, *, office: str = "天河区审核岗", special: SpecialKind | None = None) -> Step:
    """A step that has just happened."""
    procedure = (
        Special(special, "审批岗", TimeLimit(10, LimitUnit.WORKING_DAY), "需要专家评审") if special else None
    )
    due_on = clock.today() + timedelta(days=20) if to is S.ACCEPTED else None
    return Step(to=to, at=clock.now(), office=office, text=WORDS, due_on=due_on, special=procedure)


async def case_of(
    person_id: UUID | None,
    *path: S | Step,
    enterprise_id: UUID | None = None,
    ago: timedelta = timedelta(hours=1),
) -> str:
    """A case handed in a while ago that takes these steps now; answers its number."""
    new = NewCase(
        number=case_number(), item_name="食品经营许可（新办）", office="天河区受理窗口", person_id=person_id,
        enterprise_id=enterprise_id,
    )  # fmt: skip
    await service.submit(new, at=clock.now() - ago, query_code="K7M2XQ")
    for one in path:
        await service.record(new.number, one if isinstance(one, Step) else step(one))
    return new.number


async def told(person_id: UUID) -> list[Item]:
    """What lies in an inbox, the oldest first."""
    items, _ = await reading.page(person_id, before=None, limit=50)
    return list(reversed(items))


async def kinds(person_id: UUID) -> list[str]:
    """What kinds of messages lie in an inbox; those of one moment are in no order."""
    return sorted(item.message for item in await told(person_id))


async def follow(person_id: UUID, number: str, *, agrees: bool = True) -> None:
    await CaseFollower.create(person_id=person_id, case_number=number, since=clock.now())
    await ConsentEntry.create(
        person_id=person_id, purpose=followers.CONSENT, is_granted=agrees, text_version="1",
        text_hash=bytes(32), channel="MP",
    )  # fmt: skip


async def agent(
    story: Story, name: str, firm: Enterprise, role: AgentRole, *, days: int = 30, is_active: bool = True
) -> UUID:
    """Somebody who acts, or acted, for an enterprise."""
    person_id = await story.person(name)
    await EnterpriseBinding.create(
        id=uuid7(), person_id=person_id, enterprise=firm, role=role,
        status=BindingStatus.ACTIVE if is_active else BindingStatus.UNBOUND,
        ended_at=None if is_active else clock.now(), expires_on=clock.today() + timedelta(days=days),
    )  # fmt: skip
    return person_id


@pytest.mark.parametrize(
    ("kind", "before", "message", "state"),
    [
        (S.ACCEPTED, S.SUBMITTED, "case_accepted", "已受理"),
        (S.SUPPLEMENT, S.SUBMITTED, "case_correction", "待补正"),
        (S.NOT_ACCEPTED, S.SUBMITTED, "case_progress", "不予受理"),
        (S.TRANSFERRED, S.SUBMITTED, "case_progress", "告知转送"),
        (S.SUSPENDED, S.REVIEW, "case_progress", "特别程序"),
        (S.REVIEW, S.SUSPENDED, "case_progress", "恢复审核"),
        (S.REVIEW, SPECIAL_OVERDUE, "case_progress", "恢复审核"),
        (SPECIAL_OVERDUE, S.SUSPENDED, "case_progress", "恢复计时"),
        (EXTENDED, S.REVIEW, "case_progress", "延长期限"),
        (S.GRANTED, S.REVIEW, "case_decided", "准予办理"),
        (S.DENIED, S.REVIEW, "case_decided", "不予办理"),
        (S.ISSUED, S.GRANTED, "case_ready", "已出件"),
        (S.DELIVERED, S.ISSUED, "case_progress", "已送达"),
        (S.TERMINATED, S.SUPPLEMENT, "case_progress", "已终止"),
        (S.WITHDRAWN, S.REVIEW, "case_progress", "已撤回"),
    ],
)
def test_each_step_of_the_list_has_its_message(kind: str, before: str, message: str, state: str) -> None:
    saying = cases.saying_of(kind, before)
    assert saying is not None
    assert (saying.message, saying.state) == (message, state)


@pytest.mark.parametrize(
    ("kind", "before"),
    [(S.SUBMITTED, None), (S.SUBMITTED, S.SUPPLEMENT), (S.PRE_REVIEW, S.SUBMITTED), (S.REVIEW, S.ACCEPTED),
     (S.REVIEW, S.SUPPLEMENT), (S.REVIEW, EXTENDED), (S.CLOSED, S.DELIVERED), (DUE_MOVED, S.REVIEW)],
)  # fmt: skip
def test_steps_that_ask_nothing_of_anybody_are_not_told(kind: str, before: str | None) -> None:
    assert cases.saying_of(kind, before) is None


@pytest.mark.parametrize("saying", cases.SAYINGS.values(), ids=lambda saying: saying.state)
def test_hints_and_states_fit_their_fields_uncut(saying: cases.Saying) -> None:
    assert len(saying.hint) <= 20
    assert len(saying.state) <= 5


async def test_a_case_is_told_step_by_step(story: Story) -> None:
    person_id = await story.person()
    number = await case_of(
        person_id, S.ACCEPTED, S.REVIEW, step(S.SUSPENDED, special=SpecialKind.EXPERT_REVIEW), S.REVIEW,
        step(S.REVIEW, special=SpecialKind.EXTENSION), S.GRANTED, S.ISSUED, S.DELIVERED, S.CLOSED,
    )  # fmt: skip
    await story.relay()
    found = await told(person_id)
    assert Counter((item.message, item.params["state"]) for item in found) == Counter(
        [
            ("case_accepted", "已受理"), ("case_progress", "特别程序"), ("case_progress", "恢复审核"),
            ("case_progress", "延长期限"), ("case_decided", "准予办理"), ("case_ready", "已出件"),
            ("case_progress", "已送达"),
        ]
    )  # fmt: skip
    assert {item.params["case_number"] for item in found} == {number}


@pytest.mark.usefixtures("no_quiet_hours")
async def test_the_phone_shows_it_and_leads_to_the_case(story: Story) -> None:
    person_id = await story.person()
    number = await case_of(person_id, S.ACCEPTED, S.SUPPLEMENT)
    await story.deliver()
    accepted, correction = story.phone()
    assert (accepted["title"], correction["title"]) == ("办件受理通知", "补正材料通知")
    assert correction["page"] == f"pages/cases/detail?number={number}"


async def test_no_message_repeats_what_an_office_wrote(story: Story) -> None:
    person_id = await story.person()
    await case_of(person_id, S.SUPPLEMENT, S.SUBMITTED, S.ACCEPTED, S.REVIEW, S.DENIED)
    await story.relay()
    rows = [*await story.rows(), *await db.fetch("SELECT * FROM inbox_item")]
    assert rows
    for row in rows:
        assert ID_NUMBER not in str(row["params"])
        assert "张三" not in str(row["params"])


async def test_an_event_told_twice_is_one_message(story: Story) -> None:
    person_id = await story.person()
    number = await case_of(person_id, S.ACCEPTED)
    (event,) = [one for one in await _events() if one.payload["seq"] == 2]
    handle = cases.handlers(story.messages)[cases.MOVED]
    await handle([event])
    await handle([event])
    assert [item.params["case_number"] for item in await told(person_id)] == [number]


async def test_written_notices_are_served_on_who_agreed_by_tax_offices_alone(story: Story) -> None:
    agreed, other = await story.person("zhang"), await story.person("li")
    await agree_to_service(agreed)
    for office, person_id in ((TAX_OFFICE, agreed), (TAX_OFFICE, other), ("市场监管局审核岗", agreed)):
        await case_of(person_id, S.ACCEPTED, S.REVIEW, step(S.DENIED, office=office))
    await story.relay()
    served = [item for item in await told(agreed) if item.is_statutory]
    assert [(item.message, item.params["document"]) for item in served] == [("case_document", "不予决定书")]
    assert await kinds(agreed) == ["case_accepted", "case_accepted", "case_decided", "case_document"]
    assert await kinds(other) == ["case_accepted", "case_decided"]


async def test_history_brought_in_is_no_news(story: Story) -> None:
    person_id = await story.person()
    new = NewCase(number=case_number(), item_name="旧办件", office="天河区受理窗口", person_id=person_id)
    before = clock.now() - timedelta(days=30)
    await service.submit(new, at=before)
    accepted = Step(S.ACCEPTED, before + timedelta(days=1), "审核岗", due_on=clock.today())
    await service.record(new.number, accepted)
    await service.record(new.number, step(S.REVIEW))
    await service.record(new.number, step(S.GRANTED))
    await story.relay()
    assert await kinds(person_id) == ["case_decided"]


async def test_an_enterprises_case_is_told_to_those_who_act_for_it_today(story: Story) -> None:
    firm = await Enterprise.create(id=uuid7(), uscc_sealed="-", uscc_hash=uuid7().bytes, name="某公司")
    roles = AgentRole
    boss = await agent(story, "boss", firm, roles.LEGAL_REPRESENTATIVE)
    finance = await agent(story, "finance", firm, roles.FINANCE_OFFICER)
    maker = await agent(story, "maker", firm, roles.TAX_AGENT)
    idle = await agent(story, "idle", firm, roles.TAX_AGENT)
    expired = await agent(story, "expired", firm, roles.LEGAL_REPRESENTATIVE, days=-1)
    fired = await agent(story, "fired", firm, roles.FINANCE_OFFICER, is_active=False)
    await case_of(maker, S.ACCEPTED, enterprise_id=firm.id)
    await story.relay()
    for person_id in (boss, finance, maker):
        assert await kinds(person_id) == ["case_accepted"]
    for person_id in (idle, expired, fired):
        assert await kinds(person_id) == []


async def test_who_handed_in_and_was_fired_hears_nothing_more(story: Story) -> None:
    firm = await Enterprise.create(id=uuid7(), uscc_sealed="-", uscc_hash=uuid7().bytes, name="某公司")
    fired = await agent(story, "fired", firm, AgentRole.TAX_AGENT, is_active=False)
    await case_of(fired, S.ACCEPTED, enterprise_id=firm.id)
    await story.relay()
    assert await kinds(fired) == []


async def test_who_follows_is_told_where_it_stands_and_nothing_else(story: Story) -> None:
    applicant, follower = await story.person("zhang"), await story.person("li")
    number = await case_of(applicant)
    await follow(follower, number)
    await follow(applicant, number)  # Whom it concerns hears it once.
    await service.record(number, step(S.ACCEPTED))
    await story.relay()
    (item,) = await told(follower)
    assert item.message == "case_followed"
    assert set(item.params) == {"case_number", "item", "state", "changed_at"}
    assert await kinds(applicant) == ["case_accepted"]


async def test_who_took_consent_back_is_told_nothing(story: Story) -> None:
    follower = await story.person("li")
    number = await case_of(None)
    await follow(follower, number, agrees=False)
    await service.record(number, step(S.ACCEPTED))
    await story.relay()
    assert await kinds(follower) == []


async def test_a_due_date_that_moves_is_told_with_both_days(story: Story) -> None:
    applicant, follower = await story.person("zhang"), await story.person("li")
    number = await case_of(applicant, S.ACCEPTED)
    await story.relay()
    await follow(follower, number)
    await outbox.emit(
        cases.DUE_MOVED, {"number": number, "seq": 2, "was_due_on": "2027-02-05", "due_on": "2027-02-09"}
    )
    await story.relay()
    moved = (await told(applicant))[-1]
    assert moved.message == "case_due_moved"
    assert (moved.params["was_due_on"], moved.params["due_on"]) == ("2027年2月5日", "2027年2月9日")
    assert await kinds(follower) == []


async def test_a_hundred_steps_are_told_in_as_many_statements_as_one(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    person_id = await story.person()
    for _ in range(3):
        await case_of(person_id, S.ACCEPTED)
    events = [one for one in await _events() if one.payload["kind"] == S.ACCEPTED]
    fetch, asked = db.fetch, []

    async def heard(sql: str, *values: object) -> object:
        asked.append(sql)
        return await fetch(sql, *values)

    monkeypatch.setattr(db, "fetch", heard)
    handle = cases.handlers(story.messages)[cases.MOVED]
    await handle(events[:1])
    of_one, asked[:] = len(asked), []
    await handle(events[1:])
    assert len(asked) <= of_one


async def _events() -> list[outbox.Event]:
    rows = await db.fetch("SELECT * FROM outbox_event WHERE kind = $1 ORDER BY id", cases.MOVED)
    return [
        outbox.Event(row["id"], row["kind"], orjson.loads(row["payload"]), row["created_at"], 0)
        for row in rows
    ]
