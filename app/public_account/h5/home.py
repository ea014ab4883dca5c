"""The first page: what is next for this person, and every function of the menu."""

import asyncio

from app.domain.accounts import consents
from app.domain.appointments import queries
from app.domain.cases import queries as cases
from app.kit.web import H5_CITIZEN, Call, Limit, Routes
from app.kit.web.pages import HTML, PageQuery
from app.public_account.h5 import functions
from app.public_account.h5.entry.privacy import PURPOSE
from app.public_account.h5.pages import PREFIX, site
from app.public_account.h5.visits import shown as visits
from notifications.inbox import reading

routes = Routes(PREFIX, tag="网页")

_APPOINTMENTS, _CASES = 10, 3


@routes.get("/", caller=H5_CITIZEN, limit=Limit.READING, query=PageQuery, produces=HTML)
async def show_home(call: Call) -> object:
    """首页：我的预约、办件和未读消息，以及全部功能"""
    person_id, enterprise_id = call.caller.person_id, call.caller.enterprise_id
    (rows, _), under_way, [unread], has_agreed = await asyncio.gather(
        queries.own_page(person_id, before=None, limit=_APPOINTMENTS, is_active=True),
        cases.own(person_id, enterprise_id=enterprise_id, is_open=True, limit=_CASES),
        reading.unread([person_id]),
        consents.is_granted(person_id, PURPOSE),
    )
    coming = sorted(rows, key=lambda row: row.starts_at)
    appointments = [await visits.shown(row) for row in coming]
    return site.page(
        call.request,
        "home.html",
        has_agreed=has_agreed,
        appointments=appointments,
        # Drawing it takes as long as all the rest of the page; nobody is checked in before the day.
        code=visits.pass_of(coming[0]) if coming and appointments[0]["is_today"] else None,
        cases=under_way,
        unread="99+" if unread >= reading.MOST_COUNTED else unread,
        categories=functions.offered(),
    )
