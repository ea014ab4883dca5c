"""Pages of one's messages: the list, one of them with the proof of its service, reading them all."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from app.kit.web import H5_CITIZEN, Call, Limit, Routes, fields
from app.kit.web.pages import HTML, Nothing, PageQuery
from app.kit.web.pages.site import to
from app.public_account.h5.pages import PREFIX, site
from notifications.inbox import proofs, reading
from notifications.inbox.errors import ItemNotFound, NothingToAcknowledge
from notifications.inbox.reading import Item

routes = Routes(PREFIX, tag="网页")

_SHOWN: Final = 20
# Where what a message speaks of can be seen on a page, by the fact that names it.
_ABOUT: Final[Mapping[str, str]] = {
    "appointment_id": "appointments",
    "invoice_id": "invoices",
    "case_number": "cases",
    "certificate_id": "certificates",
    "notice_id": "notices",
}
# Pages that show whatever there is, without naming one.
_AMONG: Final[Mapping[str, str]] = {"rating_year": "credit"}


class AskInbox(PageQuery):
    unread = fields.Boolean(load_default=False, metadata={"description": "只看未读的"})
    cursor = fields.UUID(metadata={"description": "从哪一条之后"})


@routes.get("/inbox", caller=H5_CITIZEN, limit=Limit.READING, query=AskInbox, produces=HTML)
async def show_inbox(call: Call) -> object:
    """我的消息"""
    person_id, is_unread = call.caller.person_id, call.query["unread"]
    items, following = await reading.page(
        person_id, before=call.query.get("cursor"), limit=_SHOWN, is_unread=is_unread
    )
    [unread] = await reading.unread([person_id])
    return site.page(
        call.request,
        "inbox.html",
        items=items,
        older=urlencode({**({"unread": 1} if is_unread else {}), "cursor": following}) if following else None,
        is_unread=is_unread,
        unread="99+" if unread >= reading.MOST_COUNTED else unread,
    )


@routes.post("/inbox/read-all", caller=H5_CITIZEN, limit=Limit.WRITING, body=Nothing, produces=HTML)
async def read_all(call: Call) -> object:
    """全部标为已读"""
    await reading.read_all(call.caller.person_id)
    return to(f"{PREFIX}/inbox")


@routes.get(
    "/inbox/<id:uuid>",
    caller=H5_CITIZEN,
    limit=Limit.READING,
    query=PageQuery,
    produces=HTML,
    errors=(ItemNotFound,),
)
async def show_item(call: Call) -> object:
    """一条消息；打开即记为已读"""
    item = await reading.read(call.caller.person_id, call.path["id"])
    proof = await reading.proof(call.caller.person_id, item.id) if item.is_statutory else None
    return site.page(
        call.request, "message.html", item=item, proof=proof, basis=proofs.BASIS, way_on=_way_on(item)
    )


@routes.post(
    "/inbox/<id:uuid>/acknowledge",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    body=Nothing,
    produces=HTML,
    errors=(ItemNotFound, NothingToAcknowledge),
)
async def acknowledge(call: Call) -> object:
    """签收文书"""
    item = await reading.acknowledge(call.caller.person_id, call.path["id"])
    return to(f"{PREFIX}/inbox/{item.id}")


def _way_on(item: Item) -> str | None:
    """The page of what the message speaks of, if there is one."""
    exactly = (f"{folder}/{item.params[name]}" for name, folder in _ABOUT.items() if name in item.params)
    among = (page for name, page in _AMONG.items() if name in item.params)
    found = next(exactly, None) or next(among, None)
    return f"{PREFIX}/{found}" if found else None
