"""Boards of figures: whose halls they count, for which days, with the table of every plot and its export."""

import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post
from app.domain.appointments.models import AppointmentStatus as S
from app.domain.figures import counting
from app.domain.halls.models import Hall
from app.kit import cache, clock, db
from app.kit.models import AuditEntry
from app.kit.web import route_times
from tests.console.conftest import AtWork
from tests.factories.appointments import make_hall, make_person, make_slot
from tests.factories.figures import attend
from tests.public_account.h5.conftest import Browser

BOARDS = "/console/figures"


@pytest.fixture
async def halls(db: None) -> tuple[Hall, Hall]:
    mine, other = await make_hall(), await make_hall("OTHER")
    await Hall.filter(id=other.id).update(name="别处的大厅")
    yesterday = clock.today() - timedelta(days=1)
    for hall, status in ((mine, S.DONE), (mine, S.DONE), (mine, S.NO_SHOW), (other, S.DONE)):
        await attend(hall, yesterday, 9, status)
    return mine, other


@pytest.fixture
async def supervisor(at_work: AtWork) -> Browser:
    return await at_work("supervisor", Post(StaffRole.SUPERVISOR))


def numbers(text: str) -> list[str]:
    """The cells of a board from which rates can be told: what its figures above the sheets say."""
    told = text.split('<dl class="numbers">')[1].split("</dl>", maxsplit=1)[0]
    return [part.split("</dd>")[0] for part in told.split("<dd>")[1:]]


async def test_a_manager_counts_their_own_hall_and_finds_no_other(
    at_work: AtWork, halls: tuple[Hall, Hall]
) -> None:
    mine, other = halls
    manager = await at_work("manager", Post(StaffRole.HALL_MANAGER, hall_id=mine.id))
    page = await manager.get(f"{BOARDS}/bookings")
    assert numbers(page.text)[:3] == ["3", "2", "1"]
    assert numbers(page.text)[-1] == "33.3", "one of the three that were to come"
    assert "别处的大厅" not in page.text
    for board in ("bookings", "seats", "bookings.csv"):
        asked = f"{BOARDS}/{board}?hall={other.id}&sheet=by_day"
        assert (await manager.get(asked)).status == 404, board
    assert "别处的大厅" not in (await manager.get(f"{BOARDS}/seats")).text


async def test_a_supervisor_counts_every_hall_and_each(supervisor: Browser, halls: tuple[Hall, Hall]) -> None:
    _, other = halls
    page = await supervisor.get(f"{BOARDS}/bookings")
    assert numbers(page.text)[:3] == ["4", "3", "1"]
    assert f"hall={other.id}" in page.text
    assert "别处的大厅" in page.text
    one = await supervisor.get(f"{BOARDS}/bookings?hall={other.id}")
    assert numbers(one.text) == ["1", "1", "0", "0", "0", "0", "0.0"]


async def test_counted_days_and_live_ones_show_the_same(
    supervisor: Browser, halls: tuple[Hall, Hall]
) -> None:
    await attend(halls[0], clock.today(), 9, S.BOOKED)
    live = numbers((await supervisor.get(f"{BOARDS}/bookings")).text)
    await counting.count()
    assert numbers((await supervisor.get(f"{BOARDS}/bookings")).text) == live
    assert live[0] == "5", "today is among them"


async def test_only_the_days_asked_for_count(supervisor: Browser, halls: tuple[Hall, Hall]) -> None:
    today = clock.today()
    day = (today - timedelta(days=1)).isoformat()
    assert numbers((await supervisor.get(f"{BOARDS}/bookings?since={day}&until={day}")).text)[0] == "4"
    assert numbers((await supervisor.get(f"{BOARDS}/bookings?days=1")).text)[0] == "0"
    long_ago = f"since={today - timedelta(days=300)}&until={day}"
    page = await supervisor.get(f"{BOARDS}/bookings?{long_ago}")
    assert 'id="by_month"' in page.text
    assert 'id="by_day"' not in page.text


@pytest.mark.parametrize(
    ("since", "until", "field"),
    [("2026-03-09", "2026-03-02", "until"), ("2024-01-01", "2026-03-02", "since"), ("gestern", "", "since")],
)
async def test_days_that_cannot_be_counted_are_marked_and_kept(
    supervisor: Browser, halls: tuple[Hall, Hall], since: str, until: str, field: str
) -> None:
    page = await supervisor.get(f"{BOARDS}/bookings?hall={halls[1].id}&since={since}&until={until}")
    assert page.status == 422
    assert f'value="{since}"' in page.text
    marked = page.text.split('aria-invalid="true"')[0].rpartition("<input")[2]
    assert f'name="{field}"' in marked
    assert numbers(page.text)[0] == "1", "the hall is still the one that was chosen"


async def test_every_sheet_is_exported_marked_and_recorded(
    supervisor: Browser, halls: tuple[Hall, Hall]
) -> None:
    page = await supervisor.get(f"{BOARDS}/bookings?days=7")
    assert f"{BOARDS}/bookings.csv?days=7&amp;sheet=by_hall" in page.text
    told = await supervisor.get(f"{BOARDS}/bookings.csv?days=7&sheet=by_hall")
    mark, heads, first, second = told.text.lstrip("\ufeff").splitlines()
    assert "supervisor" in mark
    assert heads.startswith("大厅,预约总数,")
    assert first == "天河区办税服务厅,3,2,1,0,0,0,33.3"
    assert second == "别处的大厅,1,1,0,0,0,0,0.0"
    async with supervisor.session.get(f"{BOARDS}/bookings.xlsx?days=7&sheet=by_hour") as answer:
        sheet = load_workbook(io.BytesIO(await answer.read())).active
    assert sheet is not None
    assert [cell.value for cell in sheet[3]][:3] == ["09:00", 4, 3]
    recorded = await AuditEntry.filter(action="table.exported").order_by("id")
    assert [one.target for one in recorded] == ["table:figures-by_hall", "table:figures-by_hour"]
    assert (await supervisor.get(f"{BOARDS}/bookings.csv?days=7&sheet=by_month")).status == 422
    assert (await supervisor.get(f"{BOARDS}/bookings.csv?days=7")).status == 422


async def test_free_seats_stand_by_hall_and_by_hour(supervisor: Browser, halls: tuple[Hall, Hall]) -> None:
    slot = await make_slot(halls[0], 4)
    await type(slot).filter(id=slot.id).update(booked=1)
    page = await supervisor.get(f"{BOARDS}/seats")
    assert numbers(page.text) == ["4", "3", "75.0"]
    assert page.text.count('data-warmth="75.0"') == 2, "once in the map of halls and once in that of hours"
    told = await supervisor.get(f"{BOARDS}/seats.csv?sheet=free_by_hour&hall={halls[0].id}")
    assert told.text.splitlines()[1:][0].startswith("日期,10:00,")
    assert told.text.splitlines()[2].endswith(",3,3,4,75.0")


_TOLD = """
INSERT INTO notification (message, message_version, person_id, channel, account_id, lane, status, params,
    run_at, event_id, committed_at, attempt)
SELECT 'appointment_booked', 1, $1, channel, 'app', 1, status, '{}', now(), n, now(), 0
FROM (VALUES ('template', 'delivered', 1), ('template', 'failed', 2), ('sms', 'created', 3))
    AS v (channel, status, n)
"""
_READ = """
INSERT INTO inbox_item (id, person_id, message, message_version, params, event_id, told, is_statutory,
    committed_at, arrived_at, shown_at, read_at)
SELECT gen_random_uuid(), $1, 'appointment_booked', 1, '{}', n, 'template', false, now(), now(), now(),
    CASE WHEN n = 1 THEN now() END
FROM generate_series(1, 2) n
"""


async def test_messages_are_counted_by_what_became_of_them_on_each_channel(at_work: AtWork) -> None:
    person_id = await make_person()
    await db.execute(_TOLD, person_id)
    await db.execute(_READ, person_id)
    await cache.client().delete("messages:funnel:7")
    publisher = await at_work("publisher", Post(StaffRole.PUBLISHER))
    told = await publisher.get(f"{BOARDS}/messages.csv?sheet=by_channel")
    assert told.text.splitlines()[1:] == [
        "渠道,生成,已发出,已送达,已打开,发送中,失败,取消",
        "短信,1,0,0,,1,0,0",
        "公众号模板消息,2,1,1,,0,1,0",
        "站内消息,2,2,2,1,0,0,0",
    ]
    assert (await publisher.get(f"{BOARDS}/messages?days=8")).status == 422


_CALLS = """
INSERT INTO exchange_call (at, source, purpose, fields_asked, outcome, duration_ms, attempts, bytes_sent,
    bytes_received, hops)
SELECT $1, source, 'x', 'a', outcome, ms, 1, 1, 1, ''
FROM (VALUES ('invoice', 'answered', 40), ('invoice', 'down', 900), ('invoice', 'cached', 1),
    ('idv', 'answered', 20)) AS v (source, outcome, ms)
"""


async def test_outside_systems_are_counted_by_what_came_of_the_calls(at_work: AtWork) -> None:
    hour = clock.now()
    await db.execute(_CALLS, hour)
    operator = await at_work("operator", Post(StaffRole.EXCHANGE_OPERATOR))
    told = await operator.get(f"{BOARDS}/upstreams.csv?sheet=by_source")
    assert [row.split(",")[1:4] for row in told.text.splitlines()[2:]] == [
        ["1", "0", "0.0"],
        ["3", "1", "33.3"],
    ]
    by_hour = await operator.get(f"{BOARDS}/upstreams.csv?sheet=by_call_hour")
    assert by_hour.text.splitlines()[2].startswith(f"{hour:%H}:00,1,3,0,0,1,25.0")


async def test_response_times_are_those_of_all_processes(at_work: AtWork) -> None:
    await cache.client().delete("route_times")
    admin = await at_work("admin", Post(StaffRole.SYSTEM_ADMIN))
    assert "还没有报数" in (await admin.get(f"{BOARDS}/speed")).text
    await route_times.tell()
    page = await admin.get(f"{BOARDS}/speed")
    assert "合计 1 个服务进程" in page.text
    assert "GET /console/figures/speed" in page.text


async def test_the_desk_offers_what_may_be_opened_and_nothing_else(at_work: AtWork) -> None:
    offered = {
        StaffRole.HALL_MANAGER: {"bookings", "seats"},
        StaffRole.PUBLISHER: {"messages"},
        StaffRole.EXCHANGE_OPERATOR: {"upstreams"},
        StaffRole.SYSTEM_ADMIN: {"bookings", "seats", "messages", "upstreams", "speed"},
    }
    for role, boards in offered.items():
        browser = await at_work(role.value, Post(role))
        page = (await browser.get(f"{BOARDS}/")).text
        for board in offered[StaffRole.SYSTEM_ADMIN]:
            assert (f'href="{BOARDS}/{board}"' in page) == (board in boards), (role, board)
            status = (await browser.get(f"{BOARDS}/{board}")).status
            assert status == (200 if board in boards else 403), (role, board)
