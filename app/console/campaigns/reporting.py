"""What became of a campaign: its report, and its recipients as a file."""

import asyncio
import tempfile
from pathlib import Path
from typing import Final

from app.console import exports
from app.console.campaigns.desk import BOTH, READERS, address
from app.console.doors import Desk
from app.console.site import site
from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.kit.web import Call, Limit
from app.kit.web.pages import PageQuery
from notifications.campaigns import exports as recipients
from notifications.campaigns import reports
from notifications.campaigns.errors import CampaignNotFound, NotYourCampaign
from notifications.campaigns.models import RecipientState

routes = Desk("/campaigns", name="campaigns", roles=READERS)

_EXPORTERS: Final = BOTH | {StaffRole.AUDITOR}


@routes.get("/<campaign_id:int>/report", query=PageQuery, errors=(CampaignNotFound, NotYourCampaign))
async def show_report(call: Call) -> object:
    """发送结果：按状态、原因、地区、小时、通道"""
    found = await reports.report(call.caller, call.path["campaign_id"])
    told = [state for state in RecipientState if found.people.get(state)]
    return site.page(
        call.request,
        "campaign_report.html",
        member=call.caller,
        report=found,
        states=told,
        at=address(found.campaign.id),
        may_export=any(staff.may(call.caller, role, None) for role in _EXPORTERS),
    )


@routes.get(
    "/<campaign_id:int>/recipients.csv",
    roles=_EXPORTERS,
    query=PageQuery,
    limit=Limit.WRITING,
    produces=exports.Form.CSV.value,
)
async def export_csv(call: Call) -> object:
    """每个接收人的发送结果，导出 CSV"""
    return await _export(call, exports.Form.CSV)


@routes.get(
    "/<campaign_id:int>/recipients.xlsx",
    roles=_EXPORTERS,
    query=PageQuery,
    limit=Limit.WRITING,
    produces=exports.Form.XLSX.value,
)
async def export_xlsx(call: Call) -> object:
    """每个接收人的发送结果，导出 XLSX"""
    return await _export(call, exports.Form.XLSX)


async def _export(call: Call, form: exports.Form) -> object:
    campaign_id = call.path["campaign_id"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"campaign-{campaign_id}.{form.ending}"
        await recipients.export(call.caller, campaign_id, path)
        # The file is open before its folder goes, and gone for everybody else.
        return exports.sent(await asyncio.to_thread(path.open, "rb"), form, path.name)
