"""The desk of department systems: their scopes and keys, how their messages stand, what needs a person."""

from collections.abc import Awaitable, Callable
from typing import Any

from app.console import deeds, tables
from app.console.deeds import Shown
from app.console.doors import Desk
from app.console.forms import AskAfterDeed, Reason
from app.console.site import site
from app.console.tables import Column, Filter, Table
from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.partners import dead_letters, listings, queries, systems
from app.domain.partners.kinds import MessageKind
from app.kit import clock
from app.kit.web import Call, fields
from app.kit.web.pages import Form, Nothing

_SECURITY = frozenset({StaffRole.SECURITY_ADMIN})
_KINDS = tuple(kind.value for kind in MessageKind)
_SYSTEM = "/<code:str>"
_KEY_DAYS = 180

routes = Desk(
    "/partners", name="partners", roles=frozenset({StaffRole.EXCHANGE_OPERATOR, StaffRole.SECURITY_ADMIN})
)


class NewKey(Form):
    days = fields.whole(1, systems.LONGEST_DAYS, required=True, metadata={"description": "有效天数"})
    public_key = fields.Text(
        max=4000, lines=True, load_default="", metadata={"description": "对方的 SM2 公钥或证书（PEM）"}
    )


class Replay(Reason):
    sequence = fields.whole(1, 2**63 - 1, metadata={"description": "序号；不填为全部"})


async def _exchange_only(member: StaffMember) -> dict[str, object]:
    systems.check_exchange(member)
    return {}


def _place(row: Any) -> str:
    return f"{routes.prefix}/{row['code']}"


PARTNER_TABLE = Table(
    name="partners",
    listing=listings.SYSTEMS,
    columns=(
        Column("code", lambda row: row["code"], order="code", link=_place),
        Column("name", lambda row: row["name"]),
        Column("department", lambda row: row["department"], order="department"),
        Column("state", lambda row: "on" if row["is_active"] else "off", words="partners.state"),
        Column("keys", lambda row: row["live_keys"]),
        Column("key_ends", lambda row: row["next_end"]),
        Column("used", lambda row: row["used_at"]),
        Column("last", lambda row: row["last_sequence"]),
        Column("parked", lambda row: row["parked"]),
        Column(
            "dead",
            lambda row: row["dead"],
            link=lambda row: f"{routes.prefix}/dead-letters?system={row['code']}",
        ),
    ),
    filters=(
        Filter("department", fields.Text(max=80, metadata={"description": "部门开头"})),
        Filter(
            "state",
            fields.Choice(["on", "off"], metadata={"description": "是否接收"}),
            choices=("on", "off"),
            words="partners.state",
        ),
    ),
    narrowed=_exchange_only,
    order="code",
)

DEAD_LETTER_TABLE = Table(
    name="dead_letters",
    listing=listings.DEAD_LETTERS,
    columns=(
        Column("system", lambda row: row["code"], link=_place),
        Column("sequence", lambda row: row["sequence"],
               link=lambda row: f"{routes.prefix}/{row['code']}?sequence={row['sequence']}#replay-reason"),
        Column("kind", lambda row: row["kind"], words="message_kind"),
        Column("case", lambda row: row["case_number"]),
        Column("step", lambda row: row["step"]),
        Column("error", lambda row: row["error_text"]),
        Column("received", lambda row: row["received_at"]),
        Column("settled", lambda row: row["settled_at"], order="settled"),
    ),
    filters=(
        Filter("system", fields.Code(max=40, metadata={"description": "系统代码"})),
        Filter(
            "kind",
            fields.Choice(list(_KINDS), metadata={"description": "消息类别"}),
            choices=_KINDS,
            words="message_kind",
        ),
        Filter("case", fields.Text(max=64, metadata={"description": "办件编号"})),
        Filter("error", fields.Code(max=40, metadata={"description": "错误代码"})),
    ),
    narrowed=_exchange_only,
    order="settled",
    is_descending=True,
)  # fmt: skip

tables.serve(routes, "/", PARTNER_TABLE, "对接系统", title="partners.html")
tables.serve(routes, "/dead-letters", DEAD_LETTER_TABLE, "转人工的消息")


class AskPartner(AskAfterDeed):
    sequence = fields.whole(1, 2**63 - 1, metadata={"description": "要重新处理的序号"})


@routes.get(_SYSTEM, query=AskPartner)
async def show_one(call: Call) -> object:
    """一个对接系统：授权、密钥、消息"""
    sequence = call.query.get("sequence")
    typed = {"sequence": str(sequence)} if sequence else {}
    return await _one(call, Shown(done=call.query["done"], typed=typed))


@routes.post(f"{_SYSTEM}/keys", body=NewKey, roles=_SECURITY, shows_faults=True)
async def add_key(call: Call) -> object:
    """发新密钥；密钥只显示一次"""
    code, said = call.path["code"], call.body
    shown = await deeds.attempt(
        call,
        "add_key",
        lambda: systems.add_key(call.caller, code, days=said["days"], public_key=said["public_key"] or None),
    )
    if shown.refusal is not None:
        return await _one(call, shown)
    return site.page(call.request, "partner_key.html", member=call.caller, code=code, given=shown.given)


@routes.post(f"{_SYSTEM}/keys/<key:str>/revoke", body=Nothing, roles=_SECURITY)
async def revoke_key(call: Call) -> object:
    """停用密钥"""
    return await _deed(call, "revoke_key", lambda: systems.revoke_key(call.caller, call.path["key"]))


@routes.post(f"{_SYSTEM}/suspend", body=Nothing, roles=_SECURITY)
async def suspend(call: Call) -> object:
    """暂停接收"""
    code = call.path["code"]
    return await _deed(call, "suspend", lambda: systems.switch(call.caller, code, is_active=False))


@routes.post(f"{_SYSTEM}/resume", body=Nothing, roles=_SECURITY)
async def resume(call: Call) -> object:
    """恢复接收"""
    code = call.path["code"]
    return await _deed(call, "resume", lambda: systems.switch(call.caller, code, is_active=True))


@routes.post(f"{_SYSTEM}/replay", body=Replay, shows_faults=True)
async def replay(call: Call) -> object:
    """重新处理转人工的消息"""
    said = call.body

    async def act() -> None:
        sequences = [said["sequence"]] if "sequence" in said else None
        await dead_letters.replay(call.caller, call.path["code"], sequences, reason=said["reason"])

    return await _deed(call, "replay", act)


async def _deed(call: Call, deed: str, act: Callable[[], Awaitable[object]]) -> object:
    return await deeds.done(call, deed, act, f"{routes.prefix}/{call.path['code']}", _one)


async def _one(call: Call, shown: Shown) -> object:
    systems.check_exchange(call.caller)
    system, keys = await systems.with_keys(call.caller, call.path["code"])
    return site.page(
        call.request,
        "partner_one.html",
        refusal=shown.refusal,
        member=call.caller,
        one=system,
        keys=keys,
        now=clock.now(),
        status_=await queries.status(system.id),
        shown=shown,
        days=_KEY_DAYS,
        is_security=staff.may(call.caller, StaffRole.SECURITY_ADMIN, None),
    )
