"""Routes of prefills: ask what the state already knows, confirm it, or object to it."""

from app.domain.accounts.errors import TextNotAllowed
from app.domain.sharing import asking, errors, prefills, settling
from app.kit.errors import TooOften
from app.kit.web import CITIZEN, Call, Limit, Routes
from miniprogram_api.sharing import schemas, views

routes = Routes("/api/v1", tag="数据预填")

_SETTLING = (
    errors.ShareRequestNotFound,
    errors.ShareRequestNotOpen,
    errors.ShareRequestLapsed,
    errors.ShareNeedsConsent,
)


@routes.post(
    "/me/prefills",
    caller=CITIZEN,
    limit=Limit.WRITING,
    body=schemas.AskPrefill,
    answer=schemas.PrefillView,
    status=201,
    errors=(errors.ShareNotOffered, errors.ShareNeedsRealName, errors.ShareNeedsConsent, TooOften),
)
async def ask(call: Call) -> object:
    """用已有数据预填：查本人或当前企业，查到后请确认；须先同意 data_sharing"""
    asked = await asking.ask(call.caller, call.body["library"], call.body["occasion"])
    return views.prefill(await prefills.one(call.caller, asked))


@routes.get(
    "/me/prefills",
    caller=CITIZEN,
    limit=Limit.READING,
    query=schemas.ListPrefills,
    answer=schemas.PrefillPage,
)
async def list_prefills(call: Call) -> object:
    """我以当前身份发起的预填，新的在前"""
    found, following = await prefills.recent(
        call.caller, before=call.query.get("cursor"), limit=call.query["limit"]
    )
    return {"items": [views.prefill(one) for one in found], "next": str(following) if following else None}


@routes.get(
    "/me/prefills/<id:uuid>",
    caller=CITIZEN,
    limit=Limit.READING,
    answer=schemas.PrefillView,
    errors=(errors.ShareRequestNotFound,),
)
async def show_prefill(call: Call) -> object:
    """一次预填和它的异议"""
    return views.prefill(await prefills.one(call.caller, call.path["id"]))


@routes.post(
    "/me/prefills/<id:uuid>/confirm",
    caller=CITIZEN,
    limit=Limit.WRITING,
    answer=schemas.PrefillView,
    errors=_SETTLING,
)
async def confirm(call: Call) -> object:
    """确认预填的内容无误"""
    await settling.confirm(call.caller, call.path["id"])
    return views.prefill(await prefills.one(call.caller, call.path["id"]))


@routes.post(
    "/me/prefills/<id:uuid>/correct",
    caller=CITIZEN,
    limit=Limit.WRITING,
    body=schemas.CorrectPrefill,
    answer=schemas.PrefillView,
    errors=(*_SETTLING, errors.BadObjection, TextNotAllowed),
)
async def correct(call: Call) -> object:
    """指出预填内容有误，由数源部门在 10 个工作日内核实答复"""
    wrong = [(one["record"], one["field"], one["value"]) for one in call.body["corrections"]]
    await settling.correct(call.caller, call.path["id"], wrong, call.body["reason"])
    return views.prefill(await prefills.one(call.caller, call.path["id"]))
