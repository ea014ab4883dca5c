"""The desk of materials: what applicants handed in, read for a reason, and found to hold or not."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from sanic import HTTPResponse

from app.console import deeds, tables
from app.console.deeds import Shown
from app.console.doors import Desk
from app.console.forms import AskAfterDeed, Reason
from app.console.site import PREFIX, site
from app.console.tables import Column, Filter, Table
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.cases import judging, listings, paper_desk, posts
from app.kit.web import Call, fields
from app.kit.web.pages import Form, Nothing

_MATERIAL = "/<id:uuid>"

routes = Desk("/materials", name="materials", roles=frozenset({StaffRole.CLERK}))


class Rejection(Form):
    reason = fields.Text(required=True, min=1, max=200, metadata={"description": "不合格的原因"})


async def _clerks_reach(member: StaffMember) -> dict[str, object]:
    regions = await posts.reach(member, StaffRole.CLERK)
    return {"reach": None if regions is None else list(regions)}


def _case(row: Any) -> str:
    return f"{PREFIX}/lookups/cases/{row['case_number']}"


MATERIAL_TABLE = Table(
    name="materials",
    listing=listings.MATERIALS,
    columns=(
        Column("name", lambda row: row["name"], link=lambda row: f"{routes.prefix}/{row['id']}"),
        Column("case", lambda row: row["case_number"], link=_case),
        Column("item", lambda row: row["item_name"]),
        Column("office", lambda row: row["office"]),
        Column("type", lambda row: row["media_type"]),
        Column("size", lambda row: _size(row["size"])),
        Column("uploaded", lambda row: row["uploaded_at"], order="uploaded"),
    ),
    filters=(
        Filter("case", fields.Text(max=64, metadata={"description": "办件编号"})),
        Filter("office", fields.Text(max=80, metadata={"description": "经办单位开头"})),
    ),
    narrowed=_clerks_reach,
    order="uploaded",
)  # fmt: skip


def _size(size: int | None) -> str | None:
    return None if size is None else f"{-(-size // 1024)} KB"


tables.serve(routes, "/", MATERIAL_TABLE, "待核对的材料")


@routes.get(_MATERIAL, query=AskAfterDeed)
async def show_material(call: Call) -> object:
    """一份材料"""
    return await _material(call, Shown(done=call.query["done"]))


@routes.post(f"{_MATERIAL}/file", body=Reason, shows_faults=True)
async def read_material(call: Call) -> object:
    """查看材料原件；查看会记入审计"""
    id_ = call.path["id"]
    shown = await deeds.attempt(
        call, "file", lambda: judging.read(call.caller, id_, reason=call.body["reason"])
    )
    return await _material(call, shown) if shown.refusal is not None else _file(*shown.given)


@routes.post(f"{_MATERIAL}/approve", body=Nothing, shows_faults=True)
async def approve_material(call: Call) -> object:
    """材料与原件一致"""
    return await _judge(call, "approve", lambda: judging.approve(call.caller, call.path["id"]))


@routes.post(f"{_MATERIAL}/reject", body=Rejection, shows_faults=True)
async def reject_material(call: Call) -> object:
    """材料不合格，告知申请人原因"""
    return await _judge(
        call, "reject", lambda: judging.reject(call.caller, call.path["id"], call.body["reason"])
    )


async def _judge(call: Call, deed: str, act: Callable[[], Awaitable[object]]) -> object:
    return await deeds.done(call, deed, act, f"{routes.prefix}/{call.path['id']}", _material)


async def _material(call: Call, shown: Shown) -> object:
    return site.page(
        call.request,
        "material_one.html",
        refusal=shown.refusal,
        member=call.caller,
        one=await paper_desk.material(call.caller, call.path["id"]),
        shown=shown,
    )


def _file(material: Any, content: bytes) -> HTTPResponse:
    """Somebody else's file: saved and never shown as a page of ours."""
    return HTTPResponse(
        content,
        content_type="application/octet-stream",
        headers={
            "content-disposition": f"attachment; filename*=UTF-8''{quote(material.name)}",
            "content-security-policy": "default-src 'none'; sandbox",
            "x-content-type-options": "nosniff",
            "cache-control": "no-store",
        },
    )
