"""What time itself does to due dates: new calendars, silent offices, special procedures that run out."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import orjson
import pytest

from app import worker
from app.domain.cases import due_dates, reading, service
from app.domain.cases.clock import TimeLimit
from app.domain.cases.history import NewCase, Special
from app.domain.cases.models import Case, CaseEvent, CaseFinding, LimitUnit, SpecialKind, SpecialProcedure
from app.domain.cases.models import CaseState as S
from app.domain.halls import holidays, schedules
from app.kit import clock
from app.kit import db as raw
from app.kit.outbox import Event
from tests.factories.cases import HANDED_IN, case_number, make_case, step

pytestmark = pytest.mark.usefixtures("calendar")

TEN_DAYS = TimeLimit(10, LimitUnit.WORKING_DAY)
NEW_YEAR = """date,kind,name
2027-01-01,restday,元旦
2027-01-04,restday,元旦
2027-02-05,restday,春节
2027-04-05,restday,清明节
2027-05-03,restday,劳动节
2027-06-09,restday,端午节
2027-09-15,restday,中秋节
2027-10-01,restday,国庆节
"""


@pytest.fixture
async def calendar(db: None) -> None:
    with clock.frozen(HANDED_IN):
        await holidays.fill_calendar()


def at(month: int, day: int, hour: int = 10) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=clock.SHANGHAI)


async def accepted(when: datetime, limit: TimeLimit = TEN_DAYS, legal: TimeLimit | None = None) -> Case:
    """A case under review that was accepted at a moment, the day after it was handed in."""
    new = NewCase(case_number(), "许可", "窗口", promised=limit, legal=legal)
    await service.submit(new, at=when - timedelta(days=1))
    await service.record(new.number, step(S.ACCEPTED, at=when, due_on=None))
    return await service.record(new.number, step(S.REVIEW, at=when + timedelta(hours=1)))


async def told_of(kind: str) -> Sequence[dict[str, object]]:
    rows = await raw.fetch("SELECT payload FROM outbox_event WHERE kind = $1 ORDER BY id", kind)
    return [orjson.loads(row["payload"]) for row in rows]


async def load_notice() -> list[str]:
    loaded = await holidays.load_notice(NEW_YEAR, source="国办发明电")
    return [day.isoformat() for day in loaded.changed_days]


async def test_due_dates_move_with_a_new_calendar_and_say_so() -> None:
    moves, stays = await accepted(at(12, 24)), await accepted(at(11, 24))
    assert moves.is_due_provisional
    assert moves.due_at == datetime(2027, 1, 8, 17, tzinfo=clock.SHANGHAI)
    changed = await load_notice()
    with clock.frozen(at(12, 28)):
        assert await due_dates.recount({"changed_days": changed}) == 1
        assert await due_dates.recount({"changed_days": changed}) == 0
    moved = await Case.get(number=moves.number)
    assert moved.due_at == datetime(2027, 1, 11, 17, tzinfo=clock.SHANGHAI)
    assert not moved.is_due_provisional
    assert await service.is_whole(moves.number)
    assert await told_of("case_due_moved") == [
        {"number": moves.number, "seq": 4, "due_on": "2027-01-11", "was_due_on": "2027-01-08"}
    ]
    (line,) = await raw.fetch("SELECT detail FROM audit_entry WHERE action = 'case.due_dates_moved'")
    assert orjson.loads(line["detail"])["cases"] == 1
    (found,) = await reading.progress_each([moves.number])
    assert found is not None
    assert found.steps[-1].text == "办结期限随节假日安排调整：由 2027-01-08 调整为 2027-01-11"
    assert (await Case.get(number=stays.number)).due_at == stays.due_at


async def test_the_legal_date_moves_even_if_the_promised_one_does_not() -> None:
    case = await accepted(at(12, 10), TEN_DAYS, TimeLimit(20, LimitUnit.WORKING_DAY))
    changed = await load_notice()
    assert await due_dates.recount({"changed_days": changed}) == 0
    moved = await Case.get(number=case.number)
    assert (moved.due_at, case.legal_due_at, moved.legal_due_at) == (
        case.due_at,
        datetime(2027, 1, 8, 17, tzinfo=clock.SHANGHAI),
        datetime(2027, 1, 11, 17, tzinfo=clock.SHANGHAI),
    )


async def test_a_decided_case_and_a_stated_due_day_stay_as_they_are() -> None:
    decided = await accepted(at(12, 24))
    await service.record(decided.number, step(S.GRANTED, at=at(12, 28)))
    stated = await make_case()
    await service.record(stated.number, step(S.ACCEPTED, at=at(11, 17), due_on=date(2027, 1, 8)))
    changed = await load_notice()
    assert await due_dates.recount({"changed_days": changed}) == 0
    kept = {case.number: case.due_at for case in await Case.all()}
    assert kept[decided.number] == decided.due_at
    assert kept[stated.number] == datetime(2027, 1, 8, 17, tzinfo=clock.SHANGHAI)


async def test_one_decided_since_it_was_found_stays_as_it_is() -> None:
    case = await accepted(at(12, 24))
    await service.record(case.number, step(S.GRANTED, at=at(12, 28)))
    changed = await load_notice()
    schedules.forget_calendar()
    assert await due_dates._recount_page([case.number], changed) == 0
    assert (await Case.get()).due_at == case.due_at


async def test_pages_reach_every_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due_dates, "_TOUCHED", due_dates._TOUCHED.replace("LIMIT 500", "LIMIT 2"))
    numbers = [(await accepted(at(12, 23 + place % 3))).number for place in range(5)]
    assert await due_dates.recount({"changed_days": await load_notice()}) == 5
    assert {one["number"] for one in await told_of("case_due_moved")} == set(numbers)


async def test_the_event_of_a_calendar_change_asks_for_the_job() -> None:
    changed = await load_notice()
    (payload,) = (one for one in await told_of("work_calendar_changed") if one["changed_days"] == changed)
    async with raw.transaction():
        await worker._follow_calendar([Event(1, "work_calendar_changed", payload, clock.now(), 0)])
    (job,) = await raw.fetch("SELECT payload FROM pgqueuer WHERE entrypoint = $1", due_dates.RECOUNT_JOB)
    assert orjson.loads(job["payload"]) == {"changed_days": changed}


async def test_whoever_kept_silent_for_five_days_has_accepted_and_is_found() -> None:
    silent, answered = await make_case(), await make_case(S.SUPPLEMENT)
    last = HANDED_IN.replace(day=23, hour=17)
    with clock.frozen(last):
        assert await due_dates.count_silences() == 0
    with clock.frozen(last + timedelta(days=1)):
        assert await due_dates.count_silences() == 1
        assert await due_dates.count_silences() == 0
    kept = await Case.get(number=silent.number)
    assert (kept.state, kept.counted_from, kept.accepted_at) == (S.SUBMITTED, HANDED_IN, None)
    assert kept.due_at == datetime(2026, 12, 14, 17, tzinfo=clock.SHANGHAI)
    assert await CaseFinding.all().values_list("case_number", "kind") == [
        (silent.number, "SILENT_ACCEPTANCE")
    ]
    assert (await Case.get(number=answered.number)).counted_from is None


async def test_a_special_procedure_that_runs_out_lets_the_clock_go_on() -> None:
    case = await accepted(at(11, 17))
    hearing = Special(SpecialKind.HEARING, "分管负责人", TimeLimit(3, LimitUnit.WORKING_DAY))
    await service.record(case.number, step(S.SUSPENDED, at=at(11, 18, 9), special=hearing))
    with clock.frozen(at(11, 23, 16)):
        assert await due_dates.end_overdue_specials() == 0
    with clock.frozen(at(11, 25)):
        assert await due_dates.end_overdue_specials() == 1
        assert await due_dates.end_overdue_specials() == 0
        (found,) = await reading.progress_each([case.number])
    assert found is not None
    assert (found.state, found.paused_since, found.due_on) == (S.SUSPENDED, None, date(2026, 12, 7))
    assert [one.kind for one in found.steps[-2:]] == ["suspended", "special_overdue"]
    assert (await told_of("case_moved"))[-1]["kind"] == "special_overdue"
    assert [one.kind for one in await CaseFinding.all()] == ["SPECIAL_OVERDUE"]

    back = await service.record(case.number, step(S.REVIEW, at=at(11, 27), text="听证结束"))
    special = await SpecialProcedure.get()
    assert (special.state, special.ended_at, special.result) == ("overdue", at(11, 27), "听证结束")
    assert back.due_at == datetime(2026, 12, 7, 17, tzinfo=clock.SHANGHAI)
    assert await service.is_whole(case.number)
    assert await CaseEvent.filter(case_number=case.number).count() == 6


async def test_a_running_special_procedure_is_counted_by_the_new_calendar() -> None:
    case = await accepted(at(12, 24))
    hearing = Special(SpecialKind.HEARING, "分管负责人", TEN_DAYS)
    await service.record(case.number, step(S.SUSPENDED, at=at(12, 25), special=hearing))
    before = (await SpecialProcedure.get()).due_at
    await due_dates.recount({"changed_days": await load_notice()})
    after = (await SpecialProcedure.get()).due_at
    assert (before, after) == (
        datetime(2027, 1, 11, 17, tzinfo=clock.SHANGHAI),
        datetime(2027, 1, 12, 17, tzinfo=clock.SHANGHAI),
    )
