"""A connection goes the way of its class, each step is written down, and nothing else gets it there."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import product

import asyncpg
import pytest

from app.domain.accounts.models import StaffRole
from app.domain.connections import connecting, desk
from app.domain.connections.errors import (
    BadStep,
    ConnectedAlready,
    NotConnecting,
    NotNow,
    NotThrough,
    SystemNotFound,
)
from app.domain.connections.models import Connection, ConnectionCategory, ConnectionState
from app.domain.connections.rules import CLASSES_OF, STEPS
from app.kit import audit, clock
from app.kit import db as raw
from app.kit.errors import NotAllowed
from tests.factories.connections import DUE, admin, decision, supervisor, system, walk
from tests.factories.notices import member

pytestmark = pytest.mark.usefixtures("db")

S, C = ConnectionState, ConnectionCategory
TODAY = datetime(2026, 11, 22, 10, tzinfo=clock.SHANGHAI)
LATER = date(2027, 1, 15)


async def stands(system_id: int) -> tuple[ConnectionState, ConnectionCategory | None]:
    found = (await desk.whole(supervisor(), system_id)).connection
    return found.state, found.category


async def kinds(system_id: int) -> list[str]:
    return [one.kind for one in (await desk.whole(supervisor(), system_id)).events]


@pytest.mark.parametrize("category", [C.DIRECT, C.AGREED])
async def test_a_class_that_may_connect_goes_live_degrades_and_ends(category: ConnectionCategory) -> None:
    one = await system(category)
    await walk(one, [S.INTEGRATING, S.TESTING, S.LIVE, S.DEGRADED, S.LIVE, S.DEGRADED, S.OFFLINE])
    assert await stands(one) == (S.OFFLINE, category)
    assert [kind for kind in await kinds(one) if kind != "ticked"] == [
        "surveyed", "classified", "integrating", "testing", "live", "degraded", "live", "degraded", "offline",
    ]  # fmt: skip
    assert await audit.verify() > 9


async def test_open_costs_are_quoted_funded_and_become_class_two() -> None:
    one = await system(C.COST_OPEN)
    await connecting.quote(admin(), one, Decimal("128000.50"), "汴财采〔2016〕3号")
    assert await stands(one) == (S.QUOTED, C.COST_OPEN)
    await connecting.fund(admin(), one, "汴财预〔2016〕9号")
    found = (await desk.whole(supervisor(), one)).connection
    assert (found.cost, found.quotation, found.approval) == (
        Decimal("128000.50"), "汴财采〔2016〕3号", "汴财预〔2016〕9号",
    )  # fmt: skip
    for other in set(C) - {C.AGREED}:
        with pytest.raises(NotNow):
            await connecting.classify(admin(), one, decision(other))
    await connecting.classify(admin(), one, decision(C.AGREED, "汴政办〔2016〕12号"))
    assert await stands(one) == (S.CLASSIFIED, C.AGREED)


async def test_what_waits_for_the_province_is_followed_up() -> None:
    with clock.frozen(TODAY):
        one = await system(C.PROVINCE_FIRST)
        for note in ("省厅称接口年底开放", "省厅已排期"):
            await connecting.follow_up(admin(), one, note, LATER)
        view = await desk.whole(supervisor(), one)
        assert (view.connection.state, view.connection.next_check_on) == (S.FOLLOWING, LATER)
        assert [event.note for event in view.events][-2:] == ["省厅称接口年底开放", "省厅已排期"]
        with pytest.raises(BadStep):
            await connecting.follow_up(admin(), one, "再问", TODAY.date())
        await connecting.classify(admin(), one, decision(C.AGREED))
        assert (await desk.whole(supervisor(), one)).connection.next_check_on is None


@pytest.mark.parametrize("after", [C.AGREED, C.PROVINCE_FIRST])
async def test_what_was_declined_is_reported_and_asked_again(after: ConnectionCategory) -> None:
    with clock.frozen(TODAY):
        one = await system(C.DECLINED)
        with pytest.raises(NotNow):
            await connecting.follow_up(admin(), one, "尚未上报", LATER)
        await connecting.report(admin(), one, "汴政文〔2016〕20号", "窗口二次录入", LATER)
        with pytest.raises(NotNow):
            await connecting.classify(admin(), one, decision(after))
        await connecting.follow_up(admin(), one, "省级仍未同意", LATER + timedelta(days=90))
        view = await desk.whole(supervisor(), one)
        assert view.connection.state is S.RECHECK
        assert (view.connection.report, view.connection.entry_path) == ("汴政文〔2016〕20号", "窗口二次录入")
        await connecting.classify(admin(), one, decision(after))
        assert await stands(one) == (S.CLASSIFIED, after)


async def test_every_class_change_is_in_the_history_with_its_document() -> None:
    one = await system(C.DIRECT)
    await connecting.classify(admin(), one, decision(C.PROVINCE_FIRST, "汴政办〔2016〕8号"))
    told = [(event.category, event.document_number) for event in (await desk.whole(supervisor(), one)).events]
    assert told == [(None, None), (C.DIRECT, "汴政办〔2016〕7号"), (C.PROVINCE_FIRST, "汴政办〔2016〕8号")]


async def test_live_needs_all_three_ticks_and_keeps_them() -> None:
    one = await system(C.AGREED)
    await walk(one, [S.INTEGRATING, S.TESTING])
    await connecting.tick(admin(), one, network=True, data=True)
    with pytest.raises(NotThrough):
        await connecting.advance(admin(), one, S.LIVE)
    await walk(one, [S.LIVE])
    with pytest.raises(NotThrough):
        await connecting.tick(admin(), one, data=False)
    await connecting.advance(admin(), one, S.DEGRADED, "数据通道中断")
    await connecting.tick(admin(), one, data=False)
    view = await desk.whole(supervisor(), one)
    ticks = (view.connection.has_network, view.connection.has_data, view.connection.has_business)
    assert ticks == (True, False, True)
    assert view.events[-1].note == "数据不通"


async def test_a_system_has_one_connection_under_way() -> None:
    one = await system(C.DIRECT)
    with pytest.raises(ConnectedAlready):
        await connecting.survey(admin(), one)
    await walk(one, [S.INTEGRATING, S.TESTING, S.LIVE, S.DEGRADED, S.OFFLINE])
    with pytest.raises(NotConnecting):
        await connecting.classify(admin(), one, decision(C.DIRECT))
    await connecting.survey(admin(), one)
    assert await stands(one) == (S.SURVEYED, None)
    for nobody in (one + 1, 0, -1, 2**70):
        with pytest.raises(SystemNotFound):
            await connecting.survey(admin(), nobody)
        with pytest.raises(NotConnecting):
            await connecting.tick(admin(), nobody, data=True)


async def test_administrators_change_and_supervision_reads() -> None:
    one = await system(C.COST_OPEN)
    for deed in (
        connecting.survey(supervisor(), one),
        connecting.classify(supervisor(), one, decision(C.DIRECT)),
        connecting.advance(supervisor(), one, S.INTEGRATING),
        connecting.quote(supervisor(), one, Decimal(1), "文号"),
        connecting.fund(supervisor(), one, "文号"),
        connecting.follow_up(supervisor(), one, "问", LATER),
        connecting.report(supervisor(), one, "文号", "录入", LATER),
        connecting.tick(supervisor(), one, data=True),
        desk.whole(member(StaffRole.CLERK), one),
        desk.systems(member(StaffRole.SUPERVISOR, region="4101")),
    ):
        with pytest.raises(NotAllowed):
            await deed
    assert [entry.id for entry in await desk.systems(supervisor())] == [one]


async def test_the_list_goes_on_after_the_last_one_seen() -> None:
    ids = [await system(name=f"系统{number}", department=f"部门{number % 2}") for number in range(5)]
    seen: list[int] = []
    while page := await desk.systems(admin(), after=seen[-1] if seen else 0, limit=2):
        seen += [entry.id for entry in page]
    assert seen == ids
    assert [one.id for one in await desk.systems(admin(), department="部门1")] == ids[1::2]


async def place(state: ConnectionState, category: ConnectionCategory | None) -> int:
    """A connection put where it is to begin, past the trigger but not past the checks."""
    await raw.execute("DELETE FROM connection")
    async with raw.transaction():
        await raw.execute("SET LOCAL session_replication_role = replica")
        return int(
            await raw.fetch_value(
                "INSERT INTO connection (system_id, state, category, category_seq, due_on, next_check_on,"
                " cost, quotation, approval, report, entry_path, has_network, has_data, has_business,"
                " last_seq)"
                " VALUES (1, $1, $2, CASE WHEN $2::smallint > 0 THEN 1 END,"
                " CASE WHEN $2 <= 3 THEN date '2026-12-31' END, CASE WHEN $2 > 3 THEN date '2026-12-31' END,"
                " 1, 'a', 'b', 'c', 'd', true, true, true, 1) RETURNING id",
                state.value, category,
            )
        )  # fmt: skip


async def test_the_database_refuses_every_other_step() -> None:
    homes = {state: min(classes, default=None) for state, classes in CLASSES_OF.items()}
    await raw.execute(
        "INSERT INTO system_census (id, name, department, network, uncoded_items)"
        " VALUES (1, 'a', 'b', 'internet', 0)"
    )
    for begin, end in product(S, S):
        if begin is end or S.CLASSIFIED in (begin, end) or homes[begin] != homes[end]:
            continue
        id_ = await place(begin, homes[begin])
        try:
            await raw.execute("UPDATE connection SET state = $2 WHERE id = $1", id_, end.value)
            is_legal = True
        except asyncpg.CheckViolationError:
            is_legal = False
        assert is_legal == (end in STEPS[begin]), (begin, end)


REFUSED_BY_THE_DATABASE = {
    "a class without an event": "UPDATE connection SET category = 1, due_on = NULL",
    "another event's class": "UPDATE connection SET category = 1, category_seq = 3, due_on = NULL",
    "an event that was used before": "UPDATE connection SET category = 1, category_seq = 1",
    "a class without a document": "INSERT INTO connection_event"
    " (connection_id, seq, kind, state, category, actor, at)"
    " SELECT id, 9, 'classified', 'classified', 1, 'x', now() FROM connection",
    "a class with an empty document": "INSERT INTO connection_event"
    " (connection_id, seq, kind, state, category, document_number, actor, at)"
    " SELECT id, 9, 'classified', 'classified', 1, '', 'x', now() FROM connection",
    "no deadline": "UPDATE connection SET due_on = NULL",
    "two dates": "UPDATE connection SET next_check_on = '2027-01-01'",
    "a state of another class": "UPDATE connection SET state = 'following'",
    "quoted without a cost": "UPDATE connection SET state = 'quoted'",
    "quoted without a document": "UPDATE connection SET state = 'quoted', cost = 1, quotation = ''",
    "born live": "INSERT INTO connection (system_id, state, category, category_seq)"
    " SELECT system_id, 'live', 1, 1 FROM connection",
}


@pytest.mark.parametrize("statement", REFUSED_BY_THE_DATABASE.values(), ids=REFUSED_BY_THE_DATABASE)
async def test_the_database_itself_refuses(statement: str) -> None:
    await system(C.COST_OPEN)
    with pytest.raises((asyncpg.CheckViolationError, asyncpg.UniqueViolationError)):
        await raw.execute(statement)


async def test_the_database_wants_ticks_funds_and_reports() -> None:
    one = await system(C.AGREED)
    await walk(one, [S.INTEGRATING, S.TESTING])
    two = await system(C.COST_OPEN, "另一系统")
    await connecting.quote(admin(), two, Decimal(1), "文号")
    three = await system(C.DECLINED, "第三系统")
    for system_id, change in (
        (one, "state = 'live', has_network = true, has_data = true"),
        (two, "state = 'funded'"),
        (three, "state = 'reported', report = '文号'"),
    ):
        with pytest.raises(asyncpg.CheckViolationError):
            await raw.execute(f"UPDATE connection SET {change} WHERE system_id = $1", system_id)  # noqa: S608


async def test_a_deadline_is_kept_as_the_document_said() -> None:
    one = await system(C.AGREED)
    assert (await Connection.get(system_id=one)).due_on == DUE
    assert (await desk.systems(admin()))[0].due_on == DUE
