"""Routes of consents to subscribe messages."""

from uuid import UUID

from app.domain.accounts import subscriptions
from app.kit.errors import InvalidInput
from app.kit.web import CITIZEN, Call, Limit, Routes
from config import messages, settings
from miniprogram_api.messages.schemas import ReportConsents, TemplateList

routes = Routes("/api/v1", tag="消息")


@routes.get("/subscriptions/templates", caller=CITIZEN, limit=Limit.READING, answer=TemplateList)
async def find_templates(call: Call) -> object:
    """列出可以请求订阅的消息模板，及各自剩余的可发送次数"""
    return await _templates(call.caller.person_id)


@routes.post(
    "/subscriptions",
    caller=CITIZEN,
    limit=Limit.WRITING,
    body=ReportConsents,
    answer=TemplateList,
    errors=(InvalidInput,),
    idempotent=True,
)
async def report_consents(call: Call) -> object:
    """登记用户对订阅消息的选择，一次允许可收到一条消息"""
    results: dict[str, str] = call.body["results"]
    known = {kind.mp_template_id for kind in messages.current().values()}
    if strangers := [template_id for template_id in results if template_id not in known]:
        raise InvalidInput(fields={f"results.{name}": ["不认识的模板 id"] for name in strangers})
    accepted = [template_id for template_id, answer in results.items() if answer == "accept"]
    await subscriptions.grant(
        call.caller.person_id, settings.current().mp_appid, accepted, reported_by="client"
    )
    return await _templates(call.caller.person_id)


async def _templates(person_id: UUID) -> dict[str, object]:
    kinds = messages.current().values()
    left = await subscriptions.count_unspent([person_id], [kind.mp_template_id for kind in kinds])
    items = [
        {
            "message": kind.name,
            "title": kind.title,
            "template_id": kind.mp_template_id,
            "left": left.get((person_id, kind.mp_template_id), 0),
        }
        for kind in kinds
    ]
    return {"items": items, "next": None}
