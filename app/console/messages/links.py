"""A member's own WeChat, bound to the desk: messages are tried out on it."""

from typing import Any

from sanic import HTTPResponse

from app.console.doors import Desk
from app.console.messages.desk import AUTHORS, REVIEWERS
from app.console.site import site
from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.kit.web import Call
from app.kit.web.pages import Nothing, PageQuery
from notifications.wording import readers
from notifications.wording.errors import NotAnEditor

routes = Desk("/messages", name="messages", roles=AUTHORS | REVIEWERS)


@routes.get("/link", query=PageQuery)
async def ask_link(call: Call) -> object:
    """把自己的微信绑定到工号，用来试发"""
    return await _link_page(call)


@routes.post("/link", body=Nothing)
async def link(call: Call) -> object:
    """获取绑定码，只显示这一次"""
    if not any(staff.may(call.caller, role, None) for role in (StaffRole.PUBLISHER, StaffRole.REVIEWER)):
        raise NotAnEditor
    code, expires_at = await readers.new_code(call.caller)
    return await _link_page(call, code=code, expires_at=expires_at)


async def _link_page(call: Call, **told: Any) -> HTTPResponse:
    return site.page(
        call.request,
        "message_link.html",
        **{
            "member": call.caller,
            "is_linked": await readers.is_linked(call.caller),
            "a_day": readers.A_DAY,
            "code": None,
            "expires_at": None,
            **told,
        },
    )
