"""Pages of consents 授权: what I agreed to, in which words, and taking it back."""

from app.domain.accounts import consents
from app.domain.accounts.errors import ConsentUnknown
from app.kit.errors import Fault
from app.kit.web import H5_CITIZEN, Call, Limit, Routes, Schema, fields
from app.kit.web.pages import HTML, PageQuery
from app.kit.web.pages.site import to
from app.public_account.h5.entry.sign_in import CHANNEL
from app.public_account.h5.pages import PREFIX, own_page, site

routes = Routes(PREFIX, tag="网页")


class Answer(Schema):
    purpose = fields.Code(required=True, max=40, metadata={"description": "授权事项"})
    version = fields.Text(required=True, min=1, max=20, metadata={"description": "所阅条款的版本"})
    answer = fields.Choice(["yes", "no"], required=True, metadata={"description": "同意，或不同意、撤回"})
    back = fields.Text(max=400, load_default=f"{PREFIX}/me/consents", metadata={"description": "回到哪一页"})


@routes.get("/me/consents", caller=H5_CITIZEN, limit=Limit.READING, query=PageQuery, produces=HTML)
async def show_consents(call: Call) -> object:
    """我的授权：条款全文和我的答复"""
    return await _page(call)


@routes.post(
    "/me/consents",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    body=Answer,
    produces=HTML,
    errors=(ConsentUnknown,),
    shows_faults=True,
)
async def answer_consent(call: Call) -> object:
    """同意或撤回一项授权"""
    given = call.body
    if call.wrong is not None:
        return await _page(call, call.wrong)
    try:
        await consents.answer(
            call.caller,
            given["purpose"],
            given["version"],
            is_granted=given["answer"] == "yes",
            channel=CHANNEL.value,
        )
    except ConsentUnknown as refusal:
        return await _page(call, refusal)
    return to(own_page(given["back"]))


async def _page(call: Call, refusal: Fault | None = None) -> object:
    return site.page(
        call.request,
        "consents.html",
        consents=await consents.standing(call.caller.person_id),
        refusal=refusal,
    )
