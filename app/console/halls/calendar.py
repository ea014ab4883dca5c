"""The work calendar: a year at a glance, and the State Council's notice looked at before it is loaded."""

from calendar import monthcalendar
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from app.console.halls.desk import ADMIN, may_everywhere, more_pages
from app.console.site import site
from app.domain.appointments import calendar_changes, house_rules
from app.domain.appointments.errors import OutlookChanged
from app.domain.cases import due_dates
from app.domain.halls import holidays
from app.domain.halls.errors import BadNotice
from app.domain.halls.schedules import load_calendar
from app.kit import clock
from app.kit.errors import Fault, InvalidInput
from app.kit.web import Call, fields
from app.kit.web.pages import Form, PageQuery
from app.kit.web.pages.site import to

routes = more_pages()

_LARGEST: Final = 200_000


class AskCalendar(PageQuery):
    year = fields.whole(
        holidays.FIRST_YEAR, 2100, load_default=lambda: clock.today().year, metadata={"description": "年份"}
    )
    done = fields.Code(max=24, load_default="", metadata={"description": "刚刚做了什么"})


class LoadNotice(Form):
    days = fields.Text(max=20_000, lines=True, load_default="", metadata={"description": "通知全文或清单"})
    file = fields.File(metadata={"description": "通知全文或清单，文本文件"})
    source = fields.Text(min=2, max=80, required=True, metadata={"description": "文号"})
    go = fields.Choice(
        ["preview", "edit", "apply"], load_default="preview", metadata={"description": "下一步"}
    )
    seen = fields.Code(max=32, load_default="", metadata={"description": "看过的预览"})


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


@routes.post(
    "/calendar/notice",
    body=LoadNotice,
    roles=ADMIN,
    errors=(BadNotice, OutlookChanged),
    largest_file=_LARGEST,
    shows_faults=True,
)
async def load_notice(call: Call) -> object:
    """节假日安排通知：先看会改变什么，再载入"""
    if call.wrong is not None or call.body["go"] == "edit":
        return _notice(call, call.wrong)
    said, text = call.body, call.body["days"]
    try:
        text = _text_of(said)
        if said["go"] == "apply":
            loaded = await calendar_changes.load(call.caller, text, source=said["source"], seen=said["seen"])
            return to(f"{routes.prefix}/calendar", {"year": str(loaded.year), "done": "notice"})
        return await _preview(call, text, None)
    except OutlookChanged as changed:
        return await _preview(call, text, changed)
    except InvalidInput as refusal:
        return _notice(call, refusal, text)


def _text_of(said: Mapping[str, Any]) -> str:
    """What is to be read: the file if one was given, else what was pasted. Raises InvalidInput."""
    content: bytes = said["file"].content if "file" in said else b""
    if not content:
        if not said["days"]:
            raise InvalidInput(fields={"days": ["请粘贴通知全文，或选择文件"]})
        return str(said["days"])
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise InvalidInput(fields={"file": ["应为文本文件（.txt 或 .csv）；Word 或 PDF 请打开后复制全文粘贴"]})


async def _preview(call: Call, text: str, refusal: Fault | None) -> Any:
    outlook = await calendar_changes.outlook(call.caller, text)
    return site.page(
        call.request,
        "halls_notice_preview.html",
        member=call.caller,
        outlook=outlook,
        cases=await due_dates.count_touched(outlook.changed_days),
        names={
            code: await house_rules.business_name(code) for code in {hit.business_id for hit in outlook.hits}
        },
        typed={**call.typed, "days": text},
        refusal=refusal,
    )


def _notice(call: Call, refusal: Fault | None, text: str = "") -> Any:
    return site.page(
        call.request,
        "halls_notice.html",
        member=call.caller,
        typed={**call.typed, "days": text or call.typed.get("days", "")},
        refusal=refusal,
    )
