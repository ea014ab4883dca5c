"""Bookings of a hall before its manager: appointments and no-shows as tables, bans and appeals to decide."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from app.console import deeds, tables
from app.console.audits import after, midnight
from app.console.deeds import Shown
from app.console.forms import AskAfterDeed
from app.console.halls.desk import more_pages, within_reach
from app.console.site import site
from app.console.tables import Column, Filter, Table
from app.domain.accounts.staff import StaffMember
from app.domain.appointments import appeals, manager_lists
from app.domain.appointments.errors import AppealDecided, AppealNotFound, BanNotFound, BanOver
from app.domain.appointments.models import AppealStatus, AppointmentStatus, StrikeKind
from app.domain.halls import posts
from app.kit import crypto
from app.kit.masking import mask_name
from app.kit.web import Call, fields
from app.kit.web.pages import Form

routes = more_pages()

_DAYS: Final = (
    Filter("since", fields.Day(metadata={"description": "自哪天"}), asked=midnight),
    Filter("until", fields.Day(metadata={"description": "至哪天"}), asked=after),
)
_BUSINESS: Final = Filter("business", fields.Code(max=24, metadata={"description": "业务代码"}))
_STATES: Final = [status.value for status in AppointmentStatus]
_KINDS: Final = [kind.value for kind in StrikeKind]
_ANSWERS: Final = [status.value for status in AppealStatus]


def who(row: Any) -> str:
    """Whose it is: an enterprise by its name, a person by a masked one."""
    named: str | None = row.get("enterprise_name")
    return named or (mask_name(crypto.unseal(row["name_sealed"])) if row["name_sealed"] else "")


async def _everything(_: StaffMember) -> Mapping[str, object]:
    """These tables stand below a hall, and the hall was looked at already."""
    return {}


async def _of_hall(member: StaffMember, path: Mapping[str, Any]) -> Mapping[str, object]:
    return {"hall": (await posts.hall_of(member, path["hall_id"])).id}


APPOINTMENT_TABLE = Table(
    name="appointments",
    listing=manager_lists.APPOINTMENTS,
    columns=(
        Column("starts_at", lambda row: row["starts_at"], order="starts_at"),
        Column("number", lambda row: row["number"]),
        Column("business", lambda row: row["business_name"]),
        Column("who", who),
        Column("status", lambda row: row["status"], words="halls.status"),
        Column("channel", lambda row: row["channel"], words="halls.channel"),
        Column("checked_in_at", lambda row: row["checked_in_at"]),
        Column("created_at", lambda row: row["created_at"]),
    ),
    filters=(
        *_DAYS,
        Filter("status", fields.Choice(_STATES, metadata={"description": "状态"}), _STATES, "halls.status"),
        _BUSINESS,
        Filter("number", fields.Code(max=8, metadata={"description": "预约号"})),
    ),
    narrowed=_everything,
    order="starts_at",
    is_descending=True,
    placed=_of_hall,
)
NO_SHOW_TABLE = Table(
    name="no_shows",
    listing=manager_lists.NO_SHOWS,
    columns=(
        Column("starts_at", lambda row: row["starts_at"], order="starts_at"),
        Column("number", lambda row: row["number"]),
        Column("business", lambda row: row["business_name"]),
        Column("who", who),
        Column("counts", lambda row: "excused" if row["excused_at"] else "counts", words="halls.strike"),
        Column("banned_until", lambda row: row["banned_until"]),
    ),
    filters=(*_DAYS, _BUSINESS),
    narrowed=_everything,
    order="starts_at",
    is_descending=True,
    placed=_of_hall,
)
BAN_TABLE = Table(
    name="bans",
    listing=manager_lists.BANS,
    columns=(
        Column(
            "starts_at",
            lambda row: row["starts_at"],
            order="starts_at",
            link=lambda row: f"{routes.prefix}/bans/{row['id']}",
        ),
        Column("who", who),
        Column("reason", lambda row: row["reason"], words="halls.strike_kind"),
        Column("hall", lambda row: row["hall_name"]),
        Column("ends_at", lambda row: row["ends_at"]),
        Column("lifted_at", lambda row: row["lifted_at"]),
    ),
    filters=(
        Filter(
            "reason", fields.Choice(_KINDS, metadata={"description": "原因"}), _KINDS, "halls.strike_kind"
        ),
        Filter(
            "running",
            fields.Choice(["yes", "no"], metadata={"description": "是否仍在限制"}),
            ("yes", "no"),
            "halls.running",
            asked=lambda said: said == "yes",
        ),
    ),
    narrowed=within_reach,
    order="starts_at",
    is_descending=True,
)
APPEAL_TABLE = Table(
    name="appeals",
    listing=manager_lists.APPEALS,
    columns=(
        Column(
            "created_at",
            lambda row: row["created_at"],
            order="created_at",
            link=lambda row: f"{routes.prefix}/appeals/{row['id']}",
        ),
        Column("who", who),
        Column("reason", lambda row: row["reason"], words="halls.strike_kind"),
        Column("hall", lambda row: row["hall_name"]),
        Column("status", lambda row: row["status"], words="halls.appeal"),
        Column("ends_at", lambda row: row["ends_at"]),
        Column("decided_at", lambda row: row["decided_at"]),
    ),
    filters=(
        Filter("status", fields.Choice(_ANSWERS, metadata={"description": "状态"}), _ANSWERS, "halls.appeal"),
    ),
    narrowed=within_reach,
    order="created_at",
    is_descending=True,
)


class Decide(Form):
    verdict = fields.Choice(["upheld", "refused"], required=True, metadata={"description": "决定"})
    answer = fields.Text(min=5, max=500, lines=True, required=True, metadata={"description": "答复"})


class Lift(Form):
    reason = fields.Text(min=5, max=500, required=True, metadata={"description": "理由"})


@routes.get("/appeals/<id:uuid>", query=AskAfterDeed, errors=(AppealNotFound,))
async def show_appeal(call: Call) -> object:
    """一条申诉与它所针对的限制"""
    return await _appeal(call, Shown(done=call.query["done"]))


@routes.post("/appeals/<id:uuid>", body=Decide, errors=(AppealNotFound, AppealDecided), shows_faults=True)
async def decide_appeal(call: Call) -> object:
    """答复申诉：支持则解除限制，不支持则维持"""
    said, appeal_id = call.body, call.path["id"]
    return await deeds.done(
        call,
        "decided",
        lambda: appeals.decide(
            call.caller, appeal_id, is_upheld=said["verdict"] == "upheld", answer=said["answer"]
        ),
        f"{routes.prefix}/appeals/{appeal_id}",
        _appeal,
    )


async def _appeal(call: Call, shown: Shown) -> Any:
    appeal_id: UUID = call.path["id"]
    found = await appeals.appeal_of(call.caller, appeal_id)
    return site.page(
        call.request,
        "halls_appeal.html",
        member=call.caller,
        appeal=found,
        who=who(found),
        strikes=await appeals.strikes_behind(found),
        typed=shown.typed,
        refusal=shown.refusal,
        done=shown.done,
    )


@routes.get("/bans/<ban_id:int>", query=AskAfterDeed, errors=(BanNotFound,))
async def show_ban(call: Call) -> object:
    """一条预约限制与它的由来"""
    return await _ban(call, Shown(done=call.query["done"]))


@routes.post("/bans/<ban_id:int>", body=Lift, errors=(BanNotFound, BanOver), shows_faults=True)
async def lift_ban(call: Call) -> object:
    """解除预约限制，须写明理由"""
    said, ban_id = call.body, call.path["ban_id"]
    return await deeds.done(
        call,
        "lifted",
        lambda: appeals.lift(call.caller, ban_id, said["reason"]),
        f"{routes.prefix}/bans/{ban_id}",
        _ban,
    )


async def _ban(call: Call, shown: Shown) -> Any:
    found = await appeals.ban_of(call.caller, call.path["ban_id"])
    return site.page(
        call.request,
        "halls_ban.html",
        member=call.caller,
        ban=found,
        who=who(found),
        strikes=await appeals.strikes_behind(found),
        typed=shown.typed,
        refusal=shown.refusal,
        done=shown.done,
    )


tables.serve(routes, "/<hall_id:int>/appointments", APPOINTMENT_TABLE, "大厅的预约", title="halls_table.html")
tables.serve(routes, "/<hall_id:int>/no-shows", NO_SHOW_TABLE, "大厅的爽约", title="halls_table.html")
tables.serve(routes, "/bans", BAN_TABLE, "预约限制")
tables.serve(routes, "/appeals", APPEAL_TABLE, "预约申诉")
