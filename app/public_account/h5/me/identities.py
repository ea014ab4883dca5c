"""Pages of acting for enterprises: binding oneself, ending it, and whose things one is looking at."""

from typing import Final

from sanic import HTTPResponse

from app.domain.accounts import agency, queries, sessions
from app.domain.accounts.errors import (
    AgentMismatch,
    BindingNotFound,
    EnterpriseNotBound,
    EnterpriseUnknown,
    RealNameRequired,
    UsccInvalid,
)
from app.domain.accounts.models import AgentRole, IdentityLevel
from app.gateways.exchange import ExchangeDown
from app.kit.errors import Fault
from app.kit.web import H5_CITIZEN, Call, Limit, Routes, Schema, fields
from app.kit.web.pages import HTML, Nothing, PageQuery
from app.kit.web.pages.site import to
from app.public_account.h5.pages import PREFIX, own_page, site

routes = Routes(PREFIX, tag="网页")

_REFUSALS = (UsccInvalid, RealNameRequired, EnterpriseUnknown, AgentMismatch, ExchangeDown)
_LIST_DEPTH: Final = 2


class AskEnterprises(PageQuery):
    done = fields.Choice(["", "bound", "unbound"], load_default="", metadata={"description": "刚刚做了什么"})


class Bind(Schema):
    uscc = fields.Text(required=True, min=1, max=40, metadata={"description": "18 位统一社会信用代码"})
    role = fields.Enum(AgentRole, by_value=True, required=True, metadata={"description": "在该企业的身份"})


class AskIdentity(PageQuery):
    back = fields.Text(max=600, load_default="", metadata={"description": "回到哪一页"})


class ChooseIdentity(Schema):
    enterprise = fields.UUID(load_default=None, metadata={"description": "要代表的企业；不填为本人"})
    back = fields.Text(max=600, load_default="", metadata={"description": "回到哪一页"})


@routes.get("/me/enterprises", caller=H5_CITIZEN, limit=Limit.READING, query=AskEnterprises, produces=HTML)
async def show_enterprises(call: Call) -> object:
    """我绑定的企业"""
    return await _enterprises(call, done=call.query["done"])


@routes.post(
    "/me/enterprises",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    body=Bind,
    produces=HTML,
    errors=_REFUSALS,
    shows_faults=True,
)
async def bind(call: Call) -> object:
    """绑定企业；以同一身份再次绑定即为续期"""
    if call.wrong is not None:
        return await _enterprises(call, call.wrong)
    try:
        await agency.bind(call.caller, call.body["uscc"], call.body["role"])
    except _REFUSALS as refusal:
        return await _enterprises(call, refusal)
    return to(f"{PREFIX}/me/enterprises", {"done": "bound"})


@routes.post(
    "/me/enterprises/<id:uuid>/unbind",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    body=Nothing,
    produces=HTML,
    errors=(BindingNotFound,),
)
async def unbind(call: Call) -> object:
    """解除企业绑定"""
    await agency.unbind(call.caller, call.path["id"])
    return to(f"{PREFIX}/me/enterprises", {"done": "unbound"})


@routes.get("/me/identity", caller=H5_CITIZEN, limit=Limit.READING, query=AskIdentity, produces=HTML)
async def ask_identity(call: Call) -> object:
    """选择以谁的身份办理"""
    return await _choices(call, call.query["back"])


@routes.post(
    "/me/identity",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    body=ChooseIdentity,
    produces=HTML,
    errors=(EnterpriseNotBound,),
)
async def choose_identity(call: Call) -> object:
    """切换为代表企业或本人"""
    try:
        await sessions.act_as(call.caller, call.body["enterprise"])
    except EnterpriseNotBound as refusal:
        return await _choices(call, call.body["back"], refusal)
    return to(_list_of(call.body["back"]))


def _list_of(back: str) -> str:
    """A page that shows something to whoever one is now: one thing of the other identity does not."""
    path = own_page(back)
    is_list = path.partition("?")[0].count("/") <= _LIST_DEPTH
    return path if is_list else f"{PREFIX}/"


async def _choices(call: Call, back: str, refusal: Fault | None = None) -> HTTPResponse:
    return site.page(
        call.request,
        "identity.html",
        me=await queries.profile(call.caller),
        back=back,
        refusal=refusal,
    )


async def _enterprises(call: Call, refusal: Fault | None = None, *, done: str = "") -> HTTPResponse:
    me = await queries.profile(call.caller)
    return site.page(
        call.request,
        "enterprises.html",
        enterprises=me.enterprises,
        acting_for=me.enterprise_id,
        is_proved=me.level.rank >= IdentityLevel.REALNAME_L1.rank,
        roles=list(AgentRole),
        typed=call.typed,
        refusal=refusal,
        done=done,
    )
