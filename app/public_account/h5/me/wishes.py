"""Pages of wishes 消息设置: which messages remind me, and on which way; when everybody is left in peace."""

from typing import Any, Final

from sanic import HTTPResponse

from app.kit.errors import Fault, InvalidInput
from app.kit.web import H5_CITIZEN, Call, Limit, Routes, Schema, fields
from app.kit.web.pages import HTML, PageQuery
from app.kit.web.pages.site import to
from app.public_account.h5.pages import PREFIX, site
from config import settings
from notifications import prompts
from notifications.inbox import preferences
from notifications.inbox.errors import CannotSwitchOff
from notifications.inbox.preferences import Choice, Wish

routes = Routes(PREFIX, tag="网页")

_MOST: Final = 50
_BETWEEN: Final = ":"


class SetWishes(Schema):
    """Boxes that are not ticked are not sent: ``shown`` says which kinds the page had."""

    shown = fields.List(fields.Code(max=40), required=True, metadata={"description": "页面上的消息种类"})
    on = fields.List(fields.Code(max=40), load_default=list, metadata={"description": "要提醒的消息种类"})
    ways = fields.List(
        fields.Text(max=60), load_default=list, metadata={"description": "要使用的渠道，形如 种类:渠道"}
    )


@routes.get("/me/messages", caller=H5_CITIZEN, limit=Limit.READING, query=PageQuery, produces=HTML)
async def show_wishes(call: Call) -> object:
    """消息设置：提醒哪些消息、走哪些渠道"""
    return await _page(call)


@routes.post(
    "/me/messages",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    body=SetWishes,
    produces=HTML,
    errors=(InvalidInput, CannotSwitchOff),
    shows_faults=True,
)
async def set_wishes(call: Call) -> object:
    """保存消息设置"""
    if call.wrong is not None:
        return await _page(call, call.wrong)
    asked = set(call.body["shown"][:_MOST])
    try:
        await preferences.wish(
            call.caller.person_id,
            [
                _wished(one, call.body)
                for one in await preferences.choices(call.caller.person_id)
                if one.may_be_muted and one.kind.name in asked
            ],
        )
    except InvalidInput as refusal:
        return await _page(call, refusal)
    return to(f"{PREFIX}/me", {"done": "messages"})


def _wished(choice: Choice, said: dict[str, Any]) -> Wish:
    name, ways = choice.kind.name, set(said["ways"])
    off = frozenset(one for one in choice.channels if f"{name}{_BETWEEN}{one.value}" not in ways)
    return Wish(name, name not in said["on"], off)


def _title(call: Call, choice: Choice) -> str:
    """What a kind of message is called: its title is Chinese, and other languages have words for it."""
    key = f"message_kind.{choice.kind.name}"
    words = site.said(call.request, key)
    return choice.kind.title if words == key else words


async def _page(call: Call, refusal: Fault | None = None) -> HTTPResponse:
    chosen = settings.current()
    return site.page(
        call.request,
        "wishes.html",
        choices=[(one, _title(call, one)) for one in await preferences.choices(call.caller.person_id)],
        quiet=[f"{one:%H:%M}" for one in chosen.quiet_hours] if chosen.quiet_hours else None,
        digest_at=f"{chosen.digest_at:%H:%M}",
        refusal=refusal,
        needs_way=await prompts.needs_way(call.caller.person_id),
    )
