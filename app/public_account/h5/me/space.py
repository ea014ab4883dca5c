"""Pages of my space: who I am here, my data to take along, signing out everywhere, leaving."""

from typing import Final

import orjson
from sanic import HTTPResponse

from app.domain.accounts import portability, queries, sessions
from app.domain.accounts.models import IdentityLevel
from app.kit import clock
from app.kit.clock import SHANGHAI
from app.kit.errors import Fault, InvalidInput, Refused
from app.kit.web import H5_CITIZEN, Call, Limit, Routes, Schema, fields
from app.kit.web.pages import HTML, PRIVATE, Nothing, PageQuery
from app.public_account.h5.entry.sign_in import SESSION_COOKIE, take_back
from app.public_account.h5.pages import PREFIX, site

routes = Routes(PREFIX, tag="网页")

_DONE: Final = frozenset({"real_name", "messages"})


class AskSpace(PageQuery):
    done = fields.Code(max=20, load_default="", metadata={"description": "刚刚做了什么"})


class Leave(Schema):
    sure = fields.Choice(["yes"], load_default="", metadata={"description": "已读并确认注销"})


@routes.get("/me", caller=H5_CITIZEN, limit=Limit.READING, query=AskSpace, produces=HTML)
async def show_space(call: Call) -> object:
    """我的空间：身份、企业、设置和个人数据"""
    me = await queries.profile(call.caller)
    return site.page(
        call.request,
        "space.html",
        me=me,
        is_proved=me.level.rank >= IdentityLevel.REALNAME_L1.rank,
        done=call.query["done"] if call.query["done"] in _DONE else "",
    )


@routes.get(
    "/me/export",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    query=PageQuery,
    produces="application/octet-stream",
)
async def export_data(call: Call) -> object:
    """下载我的全部个人数据"""
    told = {
        "exported_at": clock.now().astimezone(SHANGHAI).isoformat(timespec="seconds"),
        "sections": await portability.export(call.caller),
    }
    name = f"weiban-{clock.today().isoformat()}.json"
    return HTTPResponse(
        orjson.dumps(told, option=orjson.OPT_INDENT_2),
        content_type="application/json; charset=utf-8",
        headers={
            "content-disposition": f'attachment; filename="{name}"',
            "cache-control": PRIVATE,
            "x-content-type-options": "nosniff",
        },
    )


@routes.post("/me/sign-out", caller=H5_CITIZEN, limit=Limit.WRITING, body=Nothing, produces=HTML)
async def sign_out_everywhere(call: Call) -> object:
    """在所有手机和电脑上退出登录"""
    await sessions.end_all(call.caller.person_id)
    answer = site.page(call.request, "signed_out.html", about="signed_out.everywhere")
    take_back(answer, SESSION_COOKIE)
    return answer


@routes.get("/me/leave", caller=H5_CITIZEN, limit=Limit.READING, query=PageQuery, produces=HTML)
async def ask_leave(call: Call) -> object:
    """注销账号意味着什么"""
    return site.page(call.request, "leave.html", refusal=None)


@routes.post(
    "/me/leave",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    body=Leave,
    produces=HTML,
    errors=(Refused,),
    shows_faults=True,
)
async def leave(call: Call) -> object:
    """注销账号：解除微信绑定并清除个人信息"""
    refusal: Fault | None = call.wrong
    if refusal is None and not call.body["sure"]:
        refusal = InvalidInput(fields={"sure": [site.said(call.request, "leave.tick")]})
    if refusal is None:
        try:
            await portability.delete(call.caller)
        except Refused as why:
            refusal = why
    if refusal is not None:
        return site.page(call.request, "leave.html", refusal=refusal)
    answer = site.page(call.request, "left.html")
    take_back(answer, SESSION_COOKIE)
    return answer
