"""Routes about oneself under ``/api/v1``: session, proofs, enterprises, consents, one's data."""

from app.domain.accounts import agency, consents, login, portability, proofing, queries, sessions
from app.domain.accounts.errors import (
    AgentMismatch,
    BindingNotFound,
    ConsentUnknown,
    EnterpriseNotBound,
    EnterpriseUnknown,
    IdNumberInvalid,
    IdNumberTaken,
    NameInvalid,
    PersonFrozen,
    PhoneNeedsMiniProgram,
    RealNameFixed,
    RealNameMismatch,
    RealNameRequired,
    RealNameUnknown,
    UsccInvalid,
)
from app.gateways.exchange import ExchangeDown
from app.gateways.wechat import AskedTooOften, CodeInvalid, PersonBlocked, WeChatDown
from app.kit import clock
from app.kit.errors import Refused
from app.kit.web import ANYONE, CITIZEN, Call, Limit, Routes
from miniprogram_api.accounts.schemas import (
    AnswerConsent,
    BindEnterprise,
    BoundEnterpriseView,
    ChooseIdentity,
    ConsentPage,
    ConsentView,
    ExportView,
    LogIn,
    PersonView,
    ProveRealName,
    SessionView,
    SharePhone,
)

routes = Routes("/api/v1", tag="我的")


@routes.post(
    "/session",
    caller=ANYONE,
    limit=Limit.LOGIN,
    body=LogIn,
    answer=SessionView,
    errors=(CodeInvalid, PersonBlocked, PersonFrozen, AskedTooOften, WeChatDown),
)
async def log_in(call: Call) -> object:
    """用 wx.login 的 code 登录"""
    begun = await login.log_in(call.body["code"])
    person = await queries.profile(begun.citizen)
    return {"token": begun.token, "expires_at": begun.expires_at, "person": person}


@routes.delete("/session", caller=CITIZEN, limit=Limit.WRITING, status=204)
async def log_out(call: Call) -> None:
    """退出登录"""
    await sessions.end(call.caller.session_id)


@routes.put(
    "/session/identity",
    caller=CITIZEN,
    limit=Limit.WRITING,
    body=ChooseIdentity,
    answer=PersonView,
    errors=(EnterpriseNotBound,),
)
async def choose_identity(call: Call) -> object:
    """切换为代表企业或本人"""
    return await queries.profile(await sessions.act_as(call.caller, call.body["enterprise_id"]))


@routes.get("/me", caller=CITIZEN, limit=Limit.READING, answer=PersonView)
async def me(call: Call) -> object:
    """我的身份、等级和绑定的企业"""
    return await queries.profile(call.caller)


@routes.put(
    "/me/phone",
    caller=CITIZEN,
    limit=Limit.WRITING,
    body=SharePhone,
    answer=PersonView,
    errors=(CodeInvalid, PhoneNeedsMiniProgram, AskedTooOften, WeChatDown),
)
async def share_phone(call: Call) -> object:
    """用 getPhoneNumber 的 code 绑定手机号"""
    await proofing.prove_phone(call.caller, call.body["code"])
    return await queries.profile(call.caller)


@routes.put(
    "/me/real-name",
    caller=CITIZEN,
    limit=Limit.WRITING,
    body=ProveRealName,
    answer=PersonView,
    errors=(
        NameInvalid,
        IdNumberInvalid,
        RealNameMismatch,
        RealNameUnknown,
        RealNameFixed,
        IdNumberTaken,
        ExchangeDown,
    ),
)
async def prove_real_name(call: Call) -> object:
    """实名核验"""
    await proofing.prove_real_name(call.caller, call.body["name"], call.body["id_number"])
    return await queries.profile(call.caller)


@routes.post(
    "/me/enterprises",
    caller=CITIZEN,
    limit=Limit.WRITING,
    body=BindEnterprise,
    answer=BoundEnterpriseView,
    status=201,
    idempotent=True,
    errors=(UsccInvalid, RealNameRequired, EnterpriseUnknown, AgentMismatch, ExchangeDown),
)
async def bind_enterprise(call: Call) -> object:
    """绑定企业；以同一身份再次绑定即为续期"""
    binding_id = await agency.bind(call.caller, call.body["uscc"], call.body["role"])
    return await queries.binding(call.caller, binding_id)


@routes.delete(
    "/me/enterprises/<binding_id:uuid>",
    caller=CITIZEN,
    limit=Limit.WRITING,
    status=204,
    errors=(BindingNotFound,),
)
async def unbind_enterprise(call: Call) -> None:
    """解除企业绑定"""
    await agency.unbind(call.caller, call.path["binding_id"])


@routes.get("/me/consents", caller=CITIZEN, limit=Limit.READING, answer=ConsentPage)
async def list_consents(call: Call) -> object:
    """授权事项、条款全文和我的答复"""
    return {"items": await consents.standing(call.caller.person_id), "next": None}


@routes.post(
    "/me/consents",
    caller=CITIZEN,
    limit=Limit.WRITING,
    body=AnswerConsent,
    answer=ConsentView,
    status=201,
    idempotent=True,
    errors=(ConsentUnknown,),
)
async def answer_consent(call: Call) -> object:
    """同意或撤回一项授权"""
    given = call.body
    return await consents.answer(
        call.caller, given["purpose"], given["text_version"], is_granted=given["granted"]
    )


@routes.get("/me/export", caller=CITIZEN, limit=Limit.WRITING, answer=ExportView)
async def export_data(call: Call) -> object:
    """导出我的全部个人数据"""
    return {"exported_at": clock.now(), "sections": await portability.export(call.caller)}


@routes.delete("/me", caller=CITIZEN, limit=Limit.WRITING, status=204, errors=(Refused,))
async def delete_account(call: Call) -> None:
    """注销账号：解除微信绑定并清除个人信息"""
    await portability.delete(call.caller)
