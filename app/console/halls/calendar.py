"""The work calendar: a year at a glance, and the State Council's notice looked at before it is loaded."""

from calendar import monthcalendar
from datetime import date
from typing import Any

from app.console.forms import Form
from app.console.halls.desk import ADMIN, may_everywhere, more_pages
from app.console.site import site
from app.domain.appointments import calendar_changes
from app.domain.cases import due_dates
from app.domain.halls import holidays
from app.domain.halls.errors import BadNotice
from app.domain.halls.schedules import load_calendar
from app.kit import clock
from app.kit.errors import Fault
from app.kit.web import Call, fields
from app.kit.web.pages import PageQuery
from app.kit.web.pages.site import to

routes = more_pages()


class AskCalendar(PageQuery):
    year = fields.whole(
        holidays.FIRST_YEAR, 2100, load_default=lambda: clock.today().year, metadata={"description": "年份"}
    )
    done = fields.Code(max=24, load_default="", metadata={"description": "刚刚做了什么"})


class LoadNotice(Form):
    days = fields.Text(
        min=1, max=20_000, lines=True, required=True, metadata={"description": "日期,类别,名称"}
    )
    source = fields.Text(min=2, max=80, required=True, metadata={"description": "文号"})
    go = fields.Choice(
        ["preview", "edit", "apply"], load_default="preview", metadata={"description": "下一步"}
    )


@routes.get("/calendar", query=AskCalendar)
async def show_calendar(call: Call) -> object:
    """工作日历：一年的工作日与节假日"""
    year, calendar = call.query["year"], await load_calendar()
    months = [
        [[calendar.day(date(year, month, day)) if day else None for day in week] for week in weeks]
        for month, weeks in ((month, monthcalendar(year, month)) for month in range(1, 13))
    ]
    return site.page(
        call.request,
        "halls_calendar.html",
        member=call.caller,
        year=year,
        months=months,
        first_year=holidays.FIRST_YEAR,
        last_year=clock.today().year + holidays.YEARS_AHEAD,
        is_provisional=calendar.is_provisional(date(year, 7, 1)),
        is_admin=may_everywhere(call.caller),
        done=call.query["done"],
    )


@routes.get("/calendar/notice", query=PageQuery, roles=ADMIN)
async def ask_notice(call: Call) -> object:
    """载入节假日安排通知"""
    return _notice(call, None)


@routes.post("/calendar/notice", body=LoadNotice, roles=ADMIN, errors=(BadNotice,), shows_faults=True)
async def load_notice(call: Call) -> object:
    """节假日安排通知：先看会改变什么，再载入"""
    if call.wrong is not None or call.body["go"] == "edit":
        return _notice(call, call.wrong)
    said: dict[str, Any] = call.body
    try:
        if said["go"] == "apply":
            loaded = await calendar_changes.load(call.caller, said["days"], source=said["source"])
            return to(f"{routes.prefix}/calendar", {"year": str(loaded.year), "done": "notice"})
        outlook = await calendar_changes.outlook(call.caller, said["days"])
    except BadNotice as refusal:
        return _notice(call, refusal)
    return site.page(
        call.request,
        "halls_notice_preview.html",
        member=call.caller,
        outlook=outlook,
        cases=await due_dates.count_touched(outlook.changed_days),
        typed=call.typed,
    )


def _notice(call: Call, refusal: Fault | None) -> Any:
    return site.page(
        call.request,
        "halls_notice.html",
        status=200 if refusal is None else refusal.status,
        member=call.caller,
        typed=call.typed,
        refusal=refusal,
    )
