"""The desk of staff: who works here, in which posts, who is locked out, and where they are signed in."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from app.console import deeds, tables
from app.console.deeds import Shown
from app.console.doors import Desk
from app.console.forms import AskAfterDeed, Reason
from app.console.site import site
from app.console.tables import Column, Filter, Table
from app.domain.accounts import listings, personnel, staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.accounts.staffing import Credentials
from app.domain.halls import places, postings
from app.kit import qr
from app.kit.web import Call, fields
from app.kit.web.pages import Form, Nothing, PageQuery
from app.kit.web.pages.site import to

ROLES = tuple(role.value for role in StaffRole)
_ADMINISTRATORS = frozenset({StaffRole.SECURITY_ADMIN, StaffRole.SYSTEM_ADMIN, StaffRole.AUDITOR})
_SECURITY = frozenset({StaffRole.SECURITY_ADMIN})
_PERSON = "/<id:uuid>"

routes = Desk("/staff", name="staff", roles=_ADMINISTRATORS)


class NewPost(Form):
    role = fields.Choice(list(ROLES), required=True, metadata={"description": "岗位"})
    hall = fields.Text(max=120, load_default="", metadata={"description": "只限这个大厅（名称或编码）"})
    region = fields.Text(
        max=200, load_default="", metadata={"description": "只限这个地区及其下级（名称或区划代码）"}
    )


class NewMember(NewPost):
    username = fields.Text(required=True, max=40, metadata={"description": "用户名"})
    display_name = fields.Text(required=True, min=1, max=40, metadata={"description": "姓名"})


class Relief(Reason):
    post = fields.whole(1, 2**63 - 1, required=True, metadata={"description": "岗位编号"})


async def _administrators_only(member: StaffMember) -> dict[str, object]:
    personnel.check_may_read(member)
    return {}


def _person(row: Any) -> str:
    return f"{routes.prefix}/{row['id']}"


STAFF_TABLE = Table(
    name="staff",
    listing=listings.STAFF,
    columns=(
        Column("username", lambda row: row["username"], order="username", link=_person),
        Column("name", lambda row: row["display_name"]),
        Column("state", lambda row: row["state"], words="staff.state"),
        Column("posts", lambda row: row["posts"]),
        Column("seen", lambda row: row["seen_at"]),
        Column("created", lambda row: row["created_at"], order="created"),
    ),
    filters=(
        Filter("username", fields.Text(max=40, metadata={"description": "用户名开头"})),
        Filter(
            "state",
            fields.Choice(list(listings.STATES), metadata={"description": "账号状态"}),
            choices=listings.STATES,
            words="staff.state",
        ),
        Filter(
            "role",
            fields.Choice(list(ROLES), metadata={"description": "岗位"}),
            choices=ROLES,
            words="role",
        ),
    ),
    narrowed=_administrators_only,
    order="username",
)

POST_TABLE = Table(
    name="posts",
    listing=postings.POSTS,
    columns=(
        Column("role", lambda row: row["role"], order="role", words="role"),
        Column("username", lambda row: row["username"], order="username",
               link=lambda row: f"{routes.prefix}/{row['staff_id']}"),
        Column("name", lambda row: row["display_name"]),
        Column("hall", lambda row: row["hall"]),
        Column("region", lambda row: row["region"] or row["region_code"]),
        Column("serving", lambda row: "yes" if row["is_active"] else "no", words="posts.serving"),
    ),
    filters=(
        Filter(
            "role", fields.Choice(list(ROLES), metadata={"description": "岗位"}), choices=ROLES, words="role"
        ),
        Filter("username", fields.Text(max=40, metadata={"description": "用户名开头"})),
        Filter("hall", fields.Text(max=80, metadata={"description": "大厅编码，或名称里的字"})),
        Filter("region", fields.Text(max=80, metadata={"description": "地区名称或区划代码"})),
        Filter(
            "serving",
            fields.Choice(["yes", "no"], metadata={"description": "账号是否在用"}),
            choices=("yes", "no"),
            words="posts.serving",
        ),
    ),
    narrowed=_administrators_only,
    order="role",
)  # fmt: skip

tables.serve(routes, "/", STAFF_TABLE, "人员名单", title="staff.html")
tables.serve(routes, "/posts", POST_TABLE, "任岗名单")


@routes.get("/new", query=PageQuery, roles=_SECURITY)
async def show_new(call: Call) -> object:
    """新建人员账号"""
    return await _new(call, Shown())


@routes.post("/new", body=NewMember, roles=_SECURITY, shows_faults=True)
async def hire(call: Call) -> object:
    """新建人员账号；一次性密码和动态口令只显示一次"""
    said = call.body

    async def act() -> Credentials:
        post = await places.post_at(StaffRole(said["role"]), said["hall"], said["region"])
        return await personnel.hire(call.caller, said["username"], said["display_name"], post)

    shown = await deeds.attempt(call, "hire", act)
    return await _new(call, shown) if shown.refusal is not None else _handed_over(call, shown.given)


@routes.get(_PERSON, query=AskAfterDeed)
async def show_one(call: Call) -> object:
    """一名工作人员：账号、岗位、会话"""
    return await _one(call, Shown(done=call.query["done"]))


@routes.post(f"{_PERSON}/appoint", body=NewPost, roles=_SECURITY, shows_faults=True)
async def appoint(call: Call) -> object:
    """任岗"""
    said = call.body

    async def act() -> None:
        post = await places.post_at(StaffRole(said["role"]), said["hall"], said["region"])
        await personnel.appoint(call.caller, call.path["id"], post)

    return await _deed(call, "appoint", act)


@routes.post(f"{_PERSON}/relieve", body=Relief, roles=_SECURITY, shows_faults=True)
async def relieve(call: Call) -> object:
    """免岗"""
    said, id_ = call.body, call.path["id"]
    return await _deed(
        call, "relieve", lambda: personnel.relieve(call.caller, id_, said["post"], said["reason"])
    )


@routes.post(f"{_PERSON}/dismiss", body=Reason, roles=_SECURITY, shows_faults=True)
async def dismiss(call: Call) -> object:
    """停用账号"""
    id_ = call.path["id"]
    return await _deed(call, "dismiss", lambda: personnel.dismiss(call.caller, id_, call.body["reason"]))


@routes.post(f"{_PERSON}/unlock", body=Reason, roles=_SECURITY, shows_faults=True)
async def unlock(call: Call) -> object:
    """解除锁定"""
    id_ = call.path["id"]
    return await _deed(call, "unlock", lambda: personnel.unlock(call.caller, id_, call.body["reason"]))


@routes.post(f"{_PERSON}/renew", body=Reason, roles=_SECURITY, shows_faults=True)
async def renew(call: Call) -> object:
    """重发密码和动态口令；旧的立即失效"""
    id_ = call.path["id"]
    shown = await deeds.attempt(call, "renew", lambda: personnel.renew(call.caller, id_, call.body["reason"]))
    return await _one(call, shown) if shown.refusal is not None else _handed_over(call, shown.given)


@routes.post(f"{_PERSON}/sessions/<session_id:uuid>/end", body=Nothing, roles=_SECURITY)
async def end_session(call: Call) -> object:
    """结束一个会话"""
    await personnel.end_session(call.caller, call.path["id"], call.path["session_id"])
    return to(_place(call.path["id"]), {"done": "end_session"})


def _place(staff_id: UUID) -> str:
    return f"{routes.prefix}/{staff_id}"


async def _deed(call: Call, deed: str, act: Callable[[], Awaitable[object]]) -> object:
    return await deeds.done(call, deed, act, _place(call.path["id"]), _one)


async def _one(call: Call, shown: Shown) -> object:
    found = await personnel.one(call.caller, call.path["id"])
    may_change = staff.holds(call.caller, StaffRole.SECURITY_ADMIN) and call.caller.id != found.id
    return site.page(
        call.request,
        "staff_one.html",
        refusal=shown.refusal,
        member=call.caller,
        one=found,
        names=await postings.names([held.post for held in found.posts]),
        roles=ROLES,
        shown=shown,
        **(await _places() if may_change else {}),
        may_change=may_change,
    )


async def _new(call: Call, shown: Shown) -> object:
    return site.page(
        call.request,
        "staff_new.html",
        refusal=shown.refusal,
        member=call.caller,
        roles=ROLES,
        shown=shown,
        **await _places(),
    )


async def _places() -> dict[str, Any]:
    """What a form of a post offers to choose from."""
    return {"halls": await places.halls_to_choose(), "regions": await places.regions_to_choose()}


def _handed_over(call: Call, given: Credentials) -> object:
    return site.page(
        call.request, "staff_given.html", member=call.caller, given=given, code=qr.inline(given.totp_uri)
    )
