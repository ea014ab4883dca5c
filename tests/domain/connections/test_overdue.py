"""The day itself is in time, the next one is not: every list shows it, and it is announced once."""

from contextlib import AbstractContextManager
from datetime import date, datetime
from decimal import Decimal

import pytest

from app import worker
from app.domain.connections import connecting, desk, duties, overdue
from app.domain.connections.models import ConnectionCategory, ConnectionState, DutyState
from app.kit import audit, clock
from app.kit import db as raw
from app.kit.outbox import Relay
from config import messages as message_list
from notifications.messages import Messages
from tests.factories.connections import DUE, admin, decision, duty, supervisor, system, walk

pytestmark = pytest.mark.usefixtures("db")

S, C = ConnectionState, ConnectionCategory


def on(day: date) -> AbstractContextManager[None]:
    return clock.frozen(datetime(day.year, day.month, day.day, 9, tzinfo=clock.SHANGHAI))


AFTER = date(2027, 1, 1)


async def late() -> list[int]:
    return [one.id for one in await overdue.listed(supervisor())]


@pytest.mark.parametrize("category", [C.AGREED, C.COST_OPEN, C.PROVINCE_FIRST, C.DECLINED])
async def test_a_connection_is_overdue_from_the_day_after(category: ConnectionCategory) -> None:
    one = await system(category)
    with on(DUE):
        assert await late() == []
        assert not (await desk.systems(admin()))[0].is_overdue
    with on(AFTER):
        (found,) = await overdue.listed(supervisor())
        assert (found.id, found.is_duty, found.days, found.category) == (one, False, 1, category)
        assert (await desk.systems(admin()))[0].is_overdue


async def test_what_is_done_in_time_is_never_overdue() -> None:
    live, funded = await system(C.AGREED, "甲"), await system(C.COST_OPEN, "乙")
    asked = await system(C.PROVINCE_FIRST, "丙")
    await system(C.DIRECT, "丁")
    await system(None, "戊")
    await walk(live, [S.INTEGRATING, S.TESTING])
    with on(AFTER):
        assert await late() == [live, funded, asked]
        await walk(live, [S.LIVE])
        await connecting.quote(admin(), funded, Decimal(1), "文号")
        assert await late() == [funded, asked]
        await connecting.fund(admin(), funded, "文号")
        await connecting.follow_up(admin(), asked, "已询问", date(2027, 2, 1))
        assert await late() == []


async def test_it_is_announced_once_and_again_when_it_was_in_time_in_between() -> None:
    one = await system(C.PROVINCE_FIRST)
    owed = await duties.add(admin(), duty())
    with on(DUE):
        assert await overdue.mark() == 0
    with on(AFTER):
        assert await overdue.mark() == 2
        assert await overdue.mark() == 0
        (event,) = await raw.fetch("SELECT kind, payload::text FROM outbox_event")
        assert event["kind"] == overdue.OVERDUE
        assert event["payload"] == f'{{"duties": [{owed}], "systems": [{one}]}}'
        view = await desk.whole(supervisor(), one)
        assert (view.events[-1].kind, view.events[-1].actor) == ("overdue", audit.SYSTEM)
        assert (await desk.duties(supervisor()))[0].state is DutyState.OVERDUE
        await connecting.follow_up(admin(), one, "已询问", date(2027, 1, 20))
        assert await overdue.mark() == 0
        assert (await desk.whole(supervisor(), one)).connection.overdue_since is None
    with on(date(2027, 1, 21)):
        assert await overdue.mark() == 1
    assert await audit.verify() > 0


async def test_the_announcement_is_a_line_and_a_count(caplog: pytest.LogCaptureFixture) -> None:
    one = await system(C.AGREED)
    before = overdue.ANNOUNCED.labels("connection")._value.get()
    with on(AFTER):
        await overdue.mark()
        assert await Relay({overdue.OVERDUE: overdue.announce}).step() == 1
    assert overdue.ANNOUNCED.labels("connection")._value.get() == before + 1
    assert f"connections of systems [{one}]" in caplog.text
    assert await raw.fetch_value("SELECT count(*) FROM outbox_event") == 0


async def test_a_class_decided_anew_has_its_own_deadline() -> None:
    one = await system(C.AGREED)
    with on(AFTER):
        assert await overdue.mark() == 1
        await connecting.classify(admin(), one, decision(C.DIRECT, "另号"))
        assert await late() == []


async def test_a_duty_is_overdue_until_it_is_served_or_excused_by_law() -> None:
    served, refused, upheld = [await duties.add(admin(), duty(name)) for name in ("甲", "乙", "丙")]
    for one in (refused, upheld):
        await duties.refuse(
            admin(),
            one,
            legal_basis="《居民身份证法》第十九条",
            reason="涉及个人信息",
            escalated_to="市大数据局",
        )
    with on(AFTER):
        assert await late() == [served, refused, upheld]
        await duties.decide(admin(), upheld, is_upheld=True, document_number="文号")
        await duties.decide(admin(), refused, is_upheld=False, document_number="文号")
        assert await late() == [served, refused]
        assert await overdue.mark() == 2
        await duties.serve(admin(), served)
        assert await late() == [refused]


def test_the_worker_looks_every_day_and_hears_what_was_found() -> None:
    assert [cron.split()[2:] for cron, _, task in worker._TIMED if task is overdue.mark] == [["*", "*", "*"]]
    assert worker.handlers(Messages(message_list.current()))[overdue.OVERDUE] is overdue.announce
