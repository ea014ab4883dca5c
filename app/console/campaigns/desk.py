"""The campaigns' desk 群发: the list, one with its progress, its report, and its recipients as a file."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any, Final

from sanic import HTTPResponse

from app.console import exports, tables
from app.console.doors import Desk
from app.console.forms import AskAfterDeed, minute, said_of
from app.console.site import site
from app.console.tables import Column, Filter, Table
from app.domain.accounts import colleagues, staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.audiences import Explanation
from app.kit import audit
from app.kit.errors import Fault
from app.kit.web import Call, Limit, fields
from app.kit.web.pages import PageQuery
from app.kit.web.pages.site import to
from config import messages as message_list
from notifications.campaigns import exports as recipients
from notifications.campaigns import queries, reasons, reports, rules
from notifications.campaigns.errors import CampaignNotFound, NotYourCampaign
from notifications.campaigns.listings import CAMPAIGNS
from notifications.campaigns.models import Campaign, CampaignState, Product, RecipientState

_S = CampaignState

READERS: Final = frozenset({StaffRole.PUBLISHER, StaffRole.REVIEWER, StaffRole.SUPERVISOR, StaffRole.AUDITOR})
AUTHORS: Final = frozenset({StaffRole.PUBLISHER})
REVIEWERS: Final = frozenset({StaffRole.REVIEWER})
BOTH: Final = AUTHORS | REVIEWERS

routes = Desk("/campaigns", name="campaigns", roles=READERS)

LIST: Final = f"{routes.prefix}/list"
_EXPORTERS: Final = BOTH | {StaffRole.AUDITOR}
_MOVING: Final = (_S.SCHEDULED, _S.CANARY, _S.RUNNING, _S.PAUSED)


async def _all_of_them(member: StaffMember) -> dict[str, object]:
    """A campaign belongs to no district: whoever may read one may read all."""
    queries.check_reader(member)
    return {}


CAMPAIGN_TABLE = Table(
    name="campaigns",
    listing=CAMPAIGNS,
    columns=(
        Column("id", lambda row: row["id"], order="id"),
        Column("name", lambda row: row["name"], link=lambda row: address(row["id"])),
        Column("state", lambda row: row["state"], words="campaign.state"),
        Column("product", lambda row: row["product"], words="campaign.product"),
        Column("message", lambda row: title_of(row["message"])),
        Column("size", lambda row: row["audience_size"]),
        Column("author", lambda row: row["author"]),
        Column("scheduled_at", lambda row: row["scheduled_at"]),
        Column("launched_at", lambda row: row["launched_at"]),
    ),
    filters=(
        Filter(
            "state",
            fields.Choice(list(CampaignState), metadata={"description": "状态"}),
            choices=list(CampaignState),
            words="campaign.state",
        ),
        Filter(
            "product",
            fields.Choice(list(Product), metadata={"description": "发送方式"}),
            choices=list(Product),
            words="campaign.product",
        ),
    ),
    narrowed=_all_of_them,
    order="id",
    is_descending=True,
)


class AskProgress(PageQuery):
    state = fields.Code(max=12, load_default=None, metadata={"description": "页面上显示的状态"})


@routes.get("/", query=PageQuery)
async def show_desk(_: Call) -> object:
    """群发：从任务列表开始"""
    return to(LIST)


tables.serve(routes, "/list", CAMPAIGN_TABLE, "群发任务列表", title="campaigns.html")


@routes.get("/<campaign_id:int>", query=AskAfterDeed, errors=(CampaignNotFound, NotYourCampaign))
async def show_campaign(call: Call) -> object:
    """一个群发任务：受众、试算、进度、经过和当前可以办的事"""
    return await sheet(call, done=call.query["done"])


@routes.get("/<campaign_id:int>/progress", query=AskProgress, errors=(CampaignNotFound, NotYourCampaign))
async def show_progress(call: Call) -> object:
    """实时进度，页面每两秒来取一次"""
    campaign_id = call.path["campaign_id"]
    progress = await queries.progress(call.caller, campaign_id)
    answer = site.page(call.request, "campaign_progress.html", **_told_progress(campaign_id, progress))
    if call.query["state"] not in (None, progress.state.value):
        answer.headers["hx-refresh"] = "true"  # The deeds beside the bar are of another state now.
    return answer


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


async def sheet(
    call: Call, refusal: Fault | None = None, *, done: str = "", told: Explanation | None = None
) -> HTTPResponse:
    """The page of a campaign; after a deed that was refused with the reason, and what was typed."""
    member, campaign_id = call.caller, call.path["campaign_id"]
    campaign = await queries.one(member, campaign_id)
    progress = await queries.progress(member, campaign_id)
    history = await queries.history(member, campaign_id)
    author = audit.staff(campaign.author_id)
    return site.page(
        call.request,
        "campaign.html",
        status=200 if refusal is None else refusal.status,
        member=member,
        campaign=campaign,
        history=history,
        names=await colleagues.names_of({author, *(one.actor for one in history)}),
        author=author,
        message=title_of(campaign.message),
        reason_words=reasons.words_of,
        listed=LIST,
        done=said_of("campaign", done),
        refusal=refusal,
        typed=call.typed,
        explained=told,
        scheduled_at=minute(campaign.scheduled_at),
        **_told_progress(campaign_id, progress),
        **_deeds(member, campaign),
    )


def address(campaign_id: int) -> str:
    """Where a campaign stands."""
    return f"{routes.prefix}/{campaign_id}"


def title_of(message: str | None) -> str:
    """The title of a kind of message; of a mass send it has none."""
    kind = message_list.current().get(message or "")
    return kind.title if kind is not None else message or ""


def labels_of(message: str | None) -> dict[str, str]:
    """The facts a kind of message is filled with, each by the label under which it is read."""
    kind = message_list.current().get(message or "")
    if kind is None:
        return {}
    labels = {line.text: line.label for line in kind.lines}
    return {name: labels.get(f"{{{name}}}", name) for name in sorted(kind.placeholders)}


def _told_progress(campaign_id: int, progress: queries.Progress) -> dict[str, Any]:
    return {
        "at": address(campaign_id),
        "progress": progress,
        "counts": [(state.value, count) for state, count in progress.counts.by_state().items() if count],
        "failures": [(reasons.words_of(why), count) for why, count in progress.counts.failures().items()],
        "is_moving": progress.state in _MOVING or (not progress.is_over and progress.counts.queued > 0),
    }


def _deeds(member: StaffMember, campaign: Campaign) -> dict[str, Any]:
    """What is offered; whether it is granted the rules say when it is asked."""
    may_write = staff.may(member, StaffRole.PUBLISHER, None)
    may_act = may_write or staff.may(member, StaffRole.REVIEWER, None)
    state, legal = campaign.state, rules.LEGAL[campaign.state]
    is_draft = state in (_S.DRAFT, _S.DRY_RUN)
    return {
        "may_edit": may_write and is_draft and campaign.product is Product.TEMPLATE,
        "may_try": may_write and _S.DRY_RUN in legal,
        "may_submit": may_write and _S.PENDING in legal,
        "may_decide": may_act and state is _S.PENDING,
        "may_schedule": may_act and (is_draft or state in (_S.PENDING, _S.SCHEDULED)),
        "may_pause": may_act and _S.PAUSED in legal,
        "may_resume": may_act and state is _S.PAUSED,
        "may_cancel": may_act and _S.CANCELLED in legal,
        "may_explain": may_act,
    }


async def _export(call: Call, form: exports.Form) -> object:
    campaign_id = call.path["campaign_id"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"campaign-{campaign_id}.{form.ending}"
        await recipients.export(call.caller, campaign_id, path)
        # The file is open before its folder goes, and gone for everybody else.
        return exports.sent(await asyncio.to_thread(path.open, "rb"), form, path.name)
