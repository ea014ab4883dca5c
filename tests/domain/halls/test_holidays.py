"""Filling the work calendar and settling a year by its notice."""

from datetime import date, datetime

import pytest

from app.domain.halls import holidays
from app.domain.halls.errors import BadNotice
from app.domain.halls.models import DayKind, DayStatus, WorkDay
from app.domain.halls.schedules import load_calendar
from app.kit import clock
from app.kit.models import AuditEntry, OutboxEvent

SOURCE = "国办发明电〔2026〕7号"
NOTICE = """date,kind,name
2027-01-01,restday,元旦
2027-02-06,restday,春节
2027-02-08,restday,春节
2027-02-20,workday,春节
2027-04-05,放假,清明节
2027-05-01,restday,劳动节
2027-06-09,restday,端午节
2027-09-15,restday,中秋节
2027-10-01,restday,国庆节
2027-10-09,上班,国庆节
"""
NOW = datetime(2026, 11, 23, 10, tzinfo=clock.SHANGHAI)


async def test_calendar_stands_from_2024_to_two_years_ahead(db: None) -> None:
    with clock.frozen(NOW):
        assert await holidays.fill_calendar() == ()

    first, last = await WorkDay.all().order_by("on").first(), await WorkDay.all().order_by("-on").first()
    assert first is not None
    assert last is not None
    assert (first.on, last.on) == (date(2024, 1, 1), date(2028, 12, 31))
    assert await WorkDay.filter(on__year=2026, status=DayStatus.PROVISIONAL).count() == 0
    assert await WorkDay.filter(on__year=2027, status=DayStatus.OFFICIAL).count() == 0


async def test_notice_settles_the_year_and_answers_the_days_that_changed(db: None) -> None:
    with clock.frozen(NOW):
        await holidays.fill_calendar()
        assert (await load_calendar()).is_workday(date(2027, 2, 8))

        loaded = await holidays.load_notice(NOTICE, source=SOURCE)

    calendar = await load_calendar()
    assert loaded.year == 2027
    assert date(2027, 2, 8) in loaded.changed_days
    assert date(2027, 1, 1) not in loaded.changed_days
    assert not calendar.is_workday(date(2027, 2, 8))
    assert calendar.is_workday(date(2027, 2, 20))
    assert not calendar.is_provisional(date(2027, 7, 1))
    assert calendar.is_provisional(date(2028, 7, 3))


async def test_changed_days_are_told_and_audited_once(db: None) -> None:
    with clock.frozen(NOW):
        await holidays.fill_calendar()
        loaded = await holidays.load_notice(NOTICE, source=SOURCE, actor="staff:1")
        again = await holidays.load_notice(NOTICE, source=SOURCE, actor="staff:1")

    events = await OutboxEvent.filter(kind="work_calendar_changed")
    entries = await AuditEntry.filter(action="work_calendar_changed")
    assert again.changed_days == ()
    assert [event.payload for event in events] == [
        {"changed_days": [day.isoformat() for day in loaded.changed_days]}
    ]
    assert [(entry.actor, entry.detail["source"]) for entry in entries] == [("staff:1", SOURCE)]


async def test_refilling_leaves_what_a_notice_has_settled(db: None) -> None:
    with clock.frozen(NOW):
        await holidays.fill_calendar()
        await holidays.load_notice(NOTICE, source=SOURCE)
        assert await holidays.fill_calendar() == ()

    settled = await WorkDay.get(on=date(2027, 2, 20))
    assert (settled.kind, settled.source) == (DayKind.WORKDAY, SOURCE)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("date,kind,name\n2027-13-01,restday,元旦\n", "第 2 行"),
        ("date,kind,name\n2027-01-01,party,元旦\n", "第 2 行"),
        (NOTICE + "2027-01-01,restday,元旦\n", "第 12 行"),
        (NOTICE.replace("中秋节", ""), "name"),
        ("date,kind,name\n", "name"),
        ("day\n2027-01-01\n", "第 1 行"),
    ],
    ids=["no date", "no kind", "twice", "a holiday missing", "empty", "other columns"],
)
async def test_file_that_is_no_whole_notice_changes_nothing(db: None, text: str, place: str) -> None:
    with pytest.raises(BadNotice) as refused:
        await holidays.load_notice(text, source=SOURCE)

    assert list(refused.value.fields) == [place]
    assert await WorkDay.all().count() == 0
