"""The route that hands a person over from the mini-program."""

from app.domain.accounts import handoffs
from app.domain.accounts.errors import HandoffPathInvalid
from app.domain.accounts.models import ServiceChannel
from app.kit.web import CITIZEN, Call, Limit, Routes
from config import settings
from miniprogram_api.handoffs import schemas

routes = Routes("/api/v1", tag="渠道衔接")

_CHANNELS = {schemas.H5: ServiceChannel.WX_OA}


@routes.post(
    "/handoffs",
    caller=CITIZEN,
    limit=Limit.WRITING,
    body=schemas.HandOver,
    answer=schemas.HandoffView,
    status=201,
    errors=(HandoffPathInvalid,),
)
async def hand_over(call: Call) -> object:
    """转到其他渠道继续办理：取得 60 秒内一次有效的免登录链接"""
    wanted = call.body
    ticket = await handoffs.issue(
        call.caller,
        wanted["path"],
        from_channel=ServiceChannel.MP,
        to_channel=_CHANNELS[wanted["to"]],
    )
    url = f"{settings.current().public_url}/h5/handoff/{ticket.token}"
    return {"url": url, "expires_at": ticket.expires_at}
