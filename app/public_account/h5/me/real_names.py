"""Pages of proving one's real name 实名核验: consent to it first, then name and ID number."""

from sanic import HTTPResponse

from app.domain.accounts import consents, proofing, queries
from app.domain.accounts.consents import Consent
from app.domain.accounts.errors import (
    IdNumberInvalid,
    IdNumberTaken,
    NameInvalid,
    RealNameFixed,
    RealNameMismatch,
    RealNameUnknown,
)
from app.domain.accounts.models import IdentityLevel
from app.gateways.exchange import ExchangeDown
from app.kit.errors import Fault
from app.kit.web import H5_CITIZEN, Call, Limit, Routes, Schema, fields
from app.kit.web.pages import HTML, PageQuery
from app.kit.web.pages.site import to
from app.public_account.h5.pages import PREFIX, site

routes = Routes(PREFIX, tag="网页")

_REFUSALS = (
    NameInvalid,
    IdNumberInvalid,
    RealNameMismatch,
    RealNameUnknown,
    RealNameFixed,
    IdNumberTaken,
    ExchangeDown,
)
_PURPOSE = "real_name"


class Prove(Schema):
    name = fields.Text(required=True, min=1, max=60, metadata={"description": "身份证上的姓名"})
    id_number = fields.Text(required=True, min=1, max=40, metadata={"description": "18 位身份证号"})


@routes.get("/me/real-name", caller=H5_CITIZEN, limit=Limit.READING, query=PageQuery, produces=HTML)
async def ask_real_name(call: Call) -> object:
    """实名核验：先同意，再填写姓名和身份证号"""
    return await _page(call)


@routes.post(
    "/me/real-name",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    body=Prove,
    produces=HTML,
    errors=_REFUSALS,
    shows_faults=True,
)
async def prove(call: Call) -> object:
    """提交实名核验"""
    # Nothing goes to the registry from a person who has not agreed to it, or no longer does.
    if call.wrong is not None or not await consents.is_granted(call.caller.person_id, _PURPOSE):
        return await _page(call, call.wrong)
    try:
        await proofing.prove_real_name(call.caller, call.body["name"], call.body["id_number"])
    except _REFUSALS as refusal:
        return await _page(call, refusal)
    return to(f"{PREFIX}/me", {"done": "real_name"})


async def _page(call: Call, refusal: Fault | None = None) -> HTTPResponse:
    me = await queries.profile(call.caller)
    return site.page(
        call.request,
        "real_name.html",
        me=me,
        is_proved=me.level.rank >= IdentityLevel.REALNAME_L1.rank,
        consent=await _consent(call),
        typed=call.typed,
        refusal=refusal,
    )


async def _consent(call: Call) -> Consent:
    standing = await consents.standing(call.caller.person_id)
    return next(one for one in standing if one.purpose == _PURPOSE)
