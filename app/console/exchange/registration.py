"""Registering a department's system: what it may tell of, in whose name, and what it may have relayed."""

from typing import Any

from app.console import deeds
from app.console.deeds import Shown
from app.console.doors import Desk
from app.console.site import site
from app.domain.accounts.models import StaffRole
from app.domain.partners import systems
from app.domain.partners.kinds import CASE_KINDS, MessageKind
from app.domain.partners.mapping import PRESETS
from app.domain.partners.relaying import PURPOSES
from app.domain.partners.systems import NewSystem
from app.kit.web import Call, fields
from app.kit.web.pages import Form, PageQuery

_KINDS = tuple(kind.value for kind in MessageKind)

routes = Desk("/partners", name="partners", roles=frozenset({StaffRole.SECURITY_ADMIN}))


class NewPartner(Form):
    code = fields.Text(required=True, max=40, metadata={"description": "系统代码"})
    name = fields.Text(required=True, max=80, metadata={"description": "系统名称"})
    department = fields.Text(required=True, max=80, metadata={"description": "部门"})
    kinds = fields.List(
        fields.Choice(list(_KINDS)),
        load_default=list,
        metadata={"description": "可推送的消息；空为全部办件"},
    )
    authorities = fields.Text(max=2000, load_default="", metadata={"description": "可代表的实施主体"})
    any_authority = fields.Choice(["yes"], load_default="", metadata={"description": "可代表任何实施主体"})
    regions = fields.Text(max=2000, load_default="", metadata={"description": "可代表的区划"})
    any_region = fields.Choice(["yes"], load_default="", metadata={"description": "可代表任何区划"})
    relays = fields.List(
        fields.Choice(list(PURPOSES)), load_default=list, metadata={"description": "可转查的用途"}
    )
    field_map = fields.Choice(sorted(PRESETS), load_default="", metadata={"description": "字段映射"})


@routes.get("/new", query=PageQuery)
async def show_new(call: Call) -> object:
    """登记对接系统"""
    return await _new(call, Shown())


@routes.post("/new", body=NewPartner, shows_faults=True)
async def create(call: Call) -> object:
    """登记对接系统"""
    said = call.body
    return await deeds.done(
        call,
        "create",
        lambda: systems.create(call.caller, _registered(said)),
        lambda _: f"{routes.prefix}/{said['code']}",
        _new,
    )


def _registered(said: dict[str, Any]) -> NewSystem:
    """A system as its form tells of it; lists are written with blanks or commas between."""
    return NewSystem(
        code=said["code"],
        name=said["name"],
        department=said["department"],
        kinds=said["kinds"] or [kind.value for kind in CASE_KINDS],
        authorities=_items(said["authorities"]),
        regions=_items(said["regions"]),
        relays=said["relays"],
        any_authority=bool(said["any_authority"]),
        any_region=bool(said["any_region"]),
        field_map=PRESETS[said["field_map"]] if said["field_map"] else None,
    )


def _items(text: str) -> list[str]:
    for sign in "、,，;；":
        text = text.replace(sign, " ")
    return text.split()


async def _new(call: Call, shown: Shown) -> object:
    return site.page(
        call.request,
        "partner_new.html",
        refusal=shown.refusal,
        member=call.caller,
        maps=("", *sorted(PRESETS)),
        kinds=_KINDS,
        purposes=PURPOSES,
        chosen={name: call.body.get(name, ()) for name in ("kinds", "relays")},
        shown=shown,
    )
