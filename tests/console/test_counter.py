"""The counter's page: by scanner and by hand, for one's own hall, and kept up without a reload."""

import asyncio
import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import aiohttp
import pytest

from app.console.counter import live as counter_live
from app.domain.accounts.models import Person, Staff, StaffPost, StaffRole, StaffSession
from app.domain.accounts.staff import Post
from app.domain.appointments import booking, passes
from app.domain.appointments.models import Appointment, AppointmentStatus
from app.domain.halls.models import Hall
from app.kit import clock, crypto, db
from app.kit.web import live
from tests.console.conftest import AtWork
from tests.factories.appointments import make_hall, make_person, make_slot, seat, tomorrow_at
from tests.public_account.h5.conftest import Browser, Page

NINE = tomorrow_at(9)


@pytest.fixture(autouse=True)
def _nine() -> Iterator[None]:
    with clock.frozen(NINE):
        yield


@pytest.fixture
async def hall(db: None) -> Hall:
    return await make_hall()


def of(hall: Hall, role: StaffRole = StaffRole.CLERK) -> Post:
    return Post(role, hall_id=hall.id)


async def booked(hall: Hall, count: int = 1) -> list[Appointment]:
    slot = await make_slot(hall, capacity=count, starts_at=NINE)
    with clock.frozen(NINE - timedelta(hours=2)):
        made = [await booking.book(seat(slot, await make_person())) for _ in range(count)]
    return [await Appointment.get(id=one.id) for one in made]


async def press(browser: Browser, hall: Hall, path: str, **form: str) -> Page:
    page = await browser.get(f"/console/counter/{hall.id}")
    return await browser.post(f"/console/counter/{hall.id}{path}", csrf=page.field("csrf"), **form)


async def status_of(appointment: Appointment) -> AppointmentStatus:
    return (await Appointment.get(id=appointment.id)).status


async def test_a_visit_goes_from_the_scan_to_done(at_work: AtWork, hall: Hall) -> None:
    clerk, [one] = await at_work("li-si", of(hall)), await booked(hall)
    checked = await press(clerk, hall, "/check-in", said=passes.issue(one.id, NINE)[0])
    assert (checked.status, await status_of(one)) == (303, AppointmentStatus.CHECKED_IN)
    page = await clerk.get(checked.location)
    assert f"{one.number} 已签到" in page.text
    await press(clerk, hall, "/next")
    for deed in ("recall", "finish"):
        assert (await press(clerk, hall, f"/appointments/{one.id}/deeds", deed=deed)).status == 303
    assert await status_of(one) is AppointmentStatus.DONE
    assert one.number in (await clerk.get(f"/console/counter/{hall.id}?ended=yes")).text
    actions = await db.fetch(
        "SELECT action FROM audit_entry WHERE target = $1 ORDER BY id", f"appointment:{one.id}"
    )
    assert [row["action"].partition(".")[2] for row in actions] == [
        "checked_in",
        "called",
        "recalled",
        "finished",
    ]


async def test_a_number_nobody_has_stays_in_the_field_with_the_way_out(at_work: AtWork, hall: Hall) -> None:
    clerk = await at_work("li-si", of(hall))
    unknown = await press(clerk, hall, "/check-in", said="8888")
    assert unknown.status == 404
    assert 'value="8888"' in unknown.text
    assert "核对号码" in unknown.text
    empty = await press(clerk, hall, "/check-in", said="")
    assert (empty.status, 'aria-invalid="true"' in empty.text) == (422, True)


async def test_of_many_clerks_one_calls_and_the_others_are_told_who(at_work: AtWork, hall: Hall) -> None:
    names = ["li-si", "wang-wu", "zhao-liu", "sun-qi"]
    clerks = [await at_work(name, of(hall)) for name in names]
    [one] = await booked(hall)
    await press(clerks[0], hall, "/check-in", said=one.number)
    deeds = f"/appointments/{one.id}/deeds"
    outcomes = await asyncio.gather(*(press(clerk, hall, deeds, deed="call") for clerk in clerks))
    assert sorted(page.status for page in outcomes) == [303, 409, 409, 409]
    winner = next(at for at, page in enumerate(outcomes) if page.status == 303)
    slower = (winner + 1) % len(clerks)
    assert f"已由 {names[winner]} 叫号" in outcomes[slower].text
    clerks[slower].plant("weiban_language", "en")
    told = await press(clerks[slower], hall, deeds, deed="call")
    assert f"{names[winner]} has called this appointment already" in told.text
    clerks[slower].plant("weiban_language", "zh")
    ended = await press(clerks[slower], hall, deeds, deed="finish")
    assert (ended.status, f"请由 {names[winner]} 或大厅负责人操作" in ended.text) == (409, True)
    assert await status_of(one) is AppointmentStatus.SERVING


async def test_a_pass_scanned_at_two_counters_at_once_checks_in_once(at_work: AtWork, hall: Hall) -> None:
    clerks = [await at_work(name, of(hall)) for name in ("li-si", "wang-wu")]
    [one] = await booked(hall)
    scanned = passes.issue(one.id, NINE)[0]
    outcomes = await asyncio.gather(*(press(clerk, hall, "/check-in", said=scanned) for clerk in clerks))
    assert sorted(page.status for page in outcomes) == [303, 409]
    assert "已经签到" in next(page.text for page in outcomes if page.status == 409)


async def test_a_deed_that_is_none_leaves_the_page_with_the_way_out(at_work: AtWork, hall: Hall) -> None:
    clerk, [one] = await at_work("li-si", of(hall)), await booked(hall)
    wrong = await press(clerk, hall, f"/appointments/{one.id}/deeds", deed="forget")
    assert (wrong.status, "请按提示修改" in wrong.text) == (422, True)


async def test_another_halls_clerk_finds_nothing_here(at_work: AtWork, hall: Hall) -> None:
    stranger, [one] = await at_work("li-si", of(await make_hall("OTHER"))), await booked(hall)
    sent = await stranger.get("/console/counter/")
    assert sent.location == f"/console/counter/{(await Hall.get(code='OTHER')).id}"
    csrf = (await stranger.get(sent.location)).field("csrf")
    address = f"/console/counter/{hall.id}"
    for path in ("", f"/appointments/{one.id}", "/live"):
        assert (await stranger.get(address + path)).status == 404
    for path, form in (
        ("/check-in", {"said": one.number}),
        ("/next", {}),
        (f"/appointments/{one.id}/deeds", {"deed": "call"}),
        ("/walk-ins", {"business": one.business_id, "id_number": "440106199003070011"}),
    ):
        assert (await stranger.post(address + path, csrf=csrf, **form)).status == 404, path
    assert await status_of(one) is AppointmentStatus.BOOKED


async def test_a_walk_in_is_entered_or_told_why_not(at_work: AtWork, hall: Hall) -> None:
    clerk = await at_work("li-si", of(hall))
    assert "不能现场登记" in (await clerk.get(f"/console/counter/{hall.id}")).text
    await make_slot(hall, starts_at=NINE, onsite_capacity=2)
    wrong = await press(clerk, hall, "/walk-ins", business="INVOICE", id_number="440106199003070011")
    assert wrong.status == 422
    assert 'value="440106199003070011"' in wrong.text
    number = "11010519491231002X"
    person = await make_person()
    await Person.filter(id=person).update(id_number_hash=crypto.lookup_hash(number, "id_number"))
    made = await press(clerk, hall, "/walk-ins", business="INVOICE", id_number=number)
    assert made.status == 303
    assert (await Appointment.get(person_id=person)).status is AppointmentStatus.CHECKED_IN


async def test_too_many_walk_ins_are_told_when_to_go_on(
    at_work: AtWork, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.domain.appointments.walk_ins._AN_HOUR", 1)
    clerk, number = await at_work("li-si", of(hall)), "11010519491231002X"
    await make_slot(hall, starts_at=NINE, onsite_capacity=2)
    said = {"business": "INVOICE", "id_number": number}
    first, hasty = [await press(clerk, hall, "/walk-ins", **said) for _ in range(2)]
    assert (first.status, hasty.status, f'value="{number}"' in hasty.text) == (409, 429, True)
    assert 0 < int(hasty.headers["retry-after"]) <= 3600
    assert "retry-after" not in first.headers


async def test_a_card_is_masked_and_one_field_is_shown_once(at_work: AtWork, hall: Hall) -> None:
    clerk, manager = (
        await at_work("li-si", of(hall)),
        await at_work("wang-wu", of(hall, StaffRole.HALL_MANAGER)),
    )
    [one] = await booked(hall)
    await Person.filter(id=one.person_id).update(
        name_sealed=crypto.seal("欧阳小明"), phone_sealed=crypto.seal("13812345678")
    )
    address = f"/console/counter/{hall.id}/appointments/{one.id}"
    for browser in (clerk, manager):
        page = await browser.get(address)
        assert "欧**明" in page.text
        assert not {"欧阳小明", "13812345678"} & set(re.split(r"[<>]", page.text))
    said = {"field": "phone", "reason": "电话联系群众补材料"}
    assert 'name="reason"' not in (await clerk.get(address)).text, "nobody came yet"
    csrf = (await clerk.get(address)).field("csrf")
    refused = await clerk.post(f"{address}/unmask", csrf=csrf, **said)
    assert (refused.status, "13812345678" in refused.text) == (403, False)
    await press(clerk, hall, "/check-in", said=one.number)
    csrf = (await clerk.get(address)).field("csrf")
    assert "13812345678" in (await clerk.post(f"{address}/unmask", csrf=csrf, **said)).text
    csrf = (await manager.get(address)).field("csrf")
    short = await manager.post(f"{address}/unmask", csrf=csrf, field="phone", reason="看")
    assert (short.status, 'value="看"' in short.text, "13812345678" in short.text) == (422, True, False)
    shown = await manager.post(f"{address}/unmask", csrf=csrf, **said)
    assert (shown.status, "13812345678" in shown.text, "欧阳小明" in shown.text) == (200, True, False)
    assert shown.headers["cache-control"] == "no-store"
    assert "13812345678" not in (await manager.get(address)).text
    rows = await db.fetch("SELECT reason FROM audit_entry WHERE action = 'person.unmasked'")
    assert [row["reason"] for row in rows] == [said["reason"]] * 2


async def read_until(stream: aiohttp.StreamReader, word: str) -> str:
    """What a page is told until it has heard this."""
    heard = ""
    async with asyncio.timeout(20):
        while word not in heard:
            line = (await stream.readline()).decode()
            assert line, f"the stream ended without {word!r}"
            heard += line
    return heard


async def test_a_second_browser_sees_what_the_first_does_and_what_citizens_do(
    at_work: AtWork, hall: Hall
) -> None:
    first, second = await at_work("li-si", of(hall)), await at_work("wang-wu", of(hall))
    [one] = await booked(hall)
    page = await second.get(f"/console/counter/{hall.id}")
    found = re.search(r'sse-connect="([^"]+)"', page.text)
    assert found is not None
    async with second.session.get(found[1]) as stream:
        assert stream.headers["content-type"].startswith(live.EVENTS)
        assert (await stream.content.readline()) == b":\n", "nothing differs from the page as it was read"
        await press(first, hall, "/check-in", said=one.number)
        heard = await read_until(stream.content, f'id="call-{one.number}"')
        assert heard.count("event: rows") == 1
        other = (await booked_later(hall)).number
        await read_until(stream.content, other)


async def test_what_another_process_does_is_seen_too(at_work: AtWork, hall: Hall) -> None:
    clerk, [one] = await at_work("li-si", of(hall)), await booked(hall)
    async with clerk.session.get(f"/console/counter/{hall.id}/live") as stream:
        await read_until(stream.content, "event: rows")
        module = "tests.console.elsewhere"
        other = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, str(one.id), NINE.isoformat(), stderr=asyncio.subprocess.PIPE
        )
        _, said = await other.communicate()
        assert other.returncode == 0, said.decode()
        await read_until(stream.content, f'id="call-{one.number}"')


async def booked_later(hall: Hall) -> Appointment:
    slot = await make_slot(hall, starts_at=NINE + timedelta(hours=1))
    made = await booking.book(seat(slot, await make_person()))
    return await Appointment.get(id=made.id)


@pytest.mark.parametrize("end", ["sign_out", "dismissed", "other_post", "idle"])
async def test_a_live_page_ends_with_the_session_and_with_the_post(
    at_work: AtWork, hall: Hall, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    monkeypatch.setattr(live, "_LOOK_S", 0.1)
    clerk = await at_work("li-si", of(hall))
    csrf = (await clerk.get(f"/console/counter/{hall.id}")).field("csrf")
    async with clerk.session.get(f"/console/counter/{hall.id}/live") as stream:
        await read_until(stream.content, "event: rows")
        if end == "sign_out":
            await clerk.post("/console/sign-out", csrf=csrf)
        elif end == "dismissed":
            await Staff.filter(username="li-si").update(is_active=False)
        elif end == "other_post":
            await StaffPost.all().update(hall_id=(await make_hall("OTHER")).id)
        else:
            await StaffSession.all().update(seen_at=NINE - timedelta(minutes=31))
        await read_until(stream.content, "event: over")
        assert await stream.content.read() in (b"data: .\n\n", b"")


async def test_a_live_page_keeps_no_idle_session_alive(
    at_work: AtWork, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_LOOK_S", 0.05)
    clerk = await at_work("li-si", of(hall))
    seen = NINE - timedelta(minutes=20)
    async with clerk.session.get(f"/console/counter/{hall.id}/live") as stream:
        await read_until(stream.content, "event: rows")
        await StaffSession.all().update(seen_at=seen)
        for _ in range(8):
            await stream.content.readline()
    assert (await StaffSession.get()).seen_at == seen


async def test_one_reader_opens_so_many_live_pages_and_no_more(at_work: AtWork, hall: Hall) -> None:
    clerk = await at_work("li-si", of(hall))
    address = f"/console/counter/{hall.id}/live"
    opened = [await clerk.session.get(address) for _ in range(live._MOST_EACH)]
    for stream in opened:
        await read_until(stream.content, "event: rows")
    async with clerk.session.get(address) as refused:
        assert refused.status == 503
    for stream in opened:
        stream.close()
    for _ in range(3 * live._MOST_EACH):
        async with clerk.session.get(address) as again:
            assert again.status == 200, "who leaves a page makes room at once"
            await read_until(again.content, "event: rows")
    for _ in range(100):
        if not counter_live.watch.listeners:
            break
        await asyncio.sleep(0.05)
    assert not counter_live.watch._places, "nobody asks for a place that nobody looks at"


async def test_an_address_of_a_hall_that_is_none_leads_to_words(at_work: AtWork) -> None:
    browser = await at_work("li-si", Post(StaffRole.CLERK))
    assert (await browser.get("/console/counter/404")).status == 404
    assert "没有找到您可以办理业务的大厅" in (await browser.get("/console/counter/")).text
    assert (await browser.get(f"/console/counter/1/appointments/{UUID(int=1)}")).status == 404


async def test_what_is_typed_cannot_become_markup(at_work: AtWork, hall: Hall) -> None:
    clerk = await at_work("li-si", of(hall))
    probe = '"><script>alert(1)</script>'
    assert "<script>alert" not in (await press(clerk, hall, "/check-in", said=probe)).text
    assert "<script>alert" not in (await clerk.get("/console/counter/?words=%3Cscript%3Ealert")).text
