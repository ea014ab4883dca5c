"""Lists of people that a department names in a file: which there are, and taking in another."""

from collections.abc import AsyncIterator
from typing import Final

from sanic import HTTPResponse

from app.console import deeds, tables
from app.console.campaigns.desk import AUTHORS, LIST, READERS, all_of_them, labels_of, title_of
from app.console.deeds import Shown
from app.console.doors import Desk
from app.console.site import site
from app.console.tables import Column, Filter, Table
from app.domain.audiences import lists
from app.domain.audiences.columns import IDENTITIES
from app.domain.audiences.errors import ListRefused
from app.domain.audiences.reports import Report
from app.kit.web import Call, fields
from app.kit.web.pages import Form, PageQuery
from config import messages as message_list
from notifications.campaigns.listings import AUDIENCE_LISTS

routes = Desk("/campaigns/lists", name="campaigns", roles=READERS)

LARGEST: Final = 20 * 1024 * 1024
"""Bytes of a list uploaded here; larger ones are taken in by the command ``weiban audience upload``."""

_CHUNK: Final = 1024 * 1024
_MOST_NAMED: Final = 50

LIST_TABLE: Final = Table(
    name="audience_lists",
    listing=AUDIENCE_LISTS,
    columns=(
        Column("id", lambda row: row["id"], order="id"),
        Column("name", lambda row: row["name"]),
        Column("identity", lambda row: row["identity"], words="list.identity"),
        Column("rows", lambda row: row["rows"]),
        Column("people", lambda row: row["people"]),
        Column("author", lambda row: row["author"]),
        Column("created_at", lambda row: row["created_at"]),
        Column("kept_until", lambda row: row["created_at"] + lists.KEPT),
        Column("campaigns", lambda row: row["campaigns"], link=lambda row: f"{LIST}?list={row['id']}"),
    ),
    filters=(Filter("name", fields.Text(max=80, metadata={"description": "名单名称里的字"})),),
    narrowed=all_of_them,
    order="id",
    is_descending=True,
)

tables.serve(routes, "/", LIST_TABLE, "上传名单", title="audience_lists.html")


class NewList(Form):
    name = fields.Text(max=80, required=True, metadata={"description": "名单名称"})
    message = fields.Code(max=40, load_default=None, metadata={"description": "用于哪种消息"})
    facts = fields.List(fields.Code(max=40), load_default=list, metadata={"description": "文件里带有的内容"})
    file = fields.File(required=True, metadata={"description": "CSV 或 XLSX"})


class AskList(PageQuery):
    message = fields.Code(max=40, load_default=None, metadata={"description": "用于哪种消息"})


@routes.get("/new", query=AskList, roles=AUTHORS)
async def ask_list(call: Call) -> object:
    """上传名单：需要哪些列"""
    return _page(call, call.query["message"], Shown())


@routes.post("/new", body=NewList, roles=AUTHORS, largest_file=LARGEST, shows_faults=True)
async def upload(call: Call) -> object:
    """上传名单；有误则全部不写入，逐行说明"""
    message, said = call.body.get("message"), call.body

    async def act() -> Report:
        titles = labels_of(message)
        wanted = {titles[name]: name for name in said["facts"] if name in titles}
        return await lists.take_in(call.caller, said["name"], _bytes(said["file"].content), facts=wanted)

    return _page(call, message, await deeds.attempt(call, "upload", act))


def _page(call: Call, message: str | None, shown: Shown) -> HTTPResponse:
    facts = labels_of(message)
    has_asked = call.request.method == "GET"
    report = shown.refusal.report if isinstance(shown.refusal, ListRefused) else shown.given
    return site.page(
        call.request,
        "audience_list.html",
        member=call.caller,
        kinds=[(kind.name, kind.title) for kind in message_list.current().values()],
        message=message,
        title=title_of(message),
        facts=list(facts.items()),
        chosen=list(facts) if has_asked else call.body.get("facts", []),
        identities=list(IDENTITIES),
        typed=shown.typed,
        refusal=shown.refusal,
        report=report,
        faults=sorted(report.faults)[:_MOST_NAMED] if report else [],
        back=f"{routes.prefix}/",
    )


async def _bytes(content: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(content), _CHUNK):
        yield content[at : at + _CHUNK]
