"""The campaigns' desk 群发: the list, and one with its progress, its way so far and what can be done now."""

from typing import Any, Final

from sanic import HTTPResponse

from app.console import tables
from app.console.deeds import Shown
from app.console.doors import Desk
from app.console.forms import AskAfterDeed, minute, said_of
from app.console.site import site
from app.console.tables import Column, Filter, Table
from app.domain.accounts import colleagues, staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.audiences import rule_book
from app.kit import audit, clock
from app.kit.errors import Refused
from app.kit.web import Call, fields
from app.kit.web.pages import PageQuery
from app.kit.web.pages.site import to
from config import messages as message_list
from config import settings
from notifications import rules as sending
from notifications.campaigns import queries, reasons, rules
from notifications.campaigns.errors import CampaignNotFound, NotYourCampaign
from notifications.campaigns.listings import CAMPAIGNS
from notifications.campaigns.models import Campaign, CampaignErrand, CampaignState, Product

_S = CampaignState

READERS: Final = frozenset({StaffRole.PUBLISHER, StaffRole.REVIEWER, StaffRole.SUPERVISOR, StaffRole.AUDITOR})
AUTHORS: Final = frozenset({StaffRole.PUBLISHER})
REVIEWERS: Final = frozenset({StaffRole.REVIEWER})
BOTH: Final = AUTHORS | REVIEWERS

routes = Desk("/campaigns", name="campaigns", roles=READERS)

LIST: Final = f"{routes.prefix}/list"
_ASKED: Final = ("tried_out", "approved")
"""Deeds that are asked for, and so may not be done when the page says what became of them."""
_MOVING: Final = (_S.SCHEDULED, _S.CANARY, _S.RUNNING, _S.PAUSED)


async def all_of_them(member: StaffMember) -> dict[str, object]:
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
        Filter("list", fields.whole(1, fields.LARGEST_ID, metadata={"description": "名单编号"})),
    ),
    narrowed=all_of_them,
    order="id",
    is_descending=True,
)


@routes.get("/", query=PageQuery)
async def show_desk(_: Call) -> object:
    """群发：从任务列表开始"""
    return to(LIST)


tables.serve(routes, "/list", CAMPAIGN_TABLE, "群发任务列表", title="campaigns.html")


@routes.get("/<campaign_id:int>", query=AskAfterDeed, errors=(CampaignNotFound, NotYourCampaign))
async def show_campaign(call: Call) -> object:
    """一个群发任务：受众、试算、进度、经过和当前可以办的事"""
    return await sheet(call, Shown(done=call.query["done"]))


async def sheet(call: Call, shown: Shown) -> HTTPResponse:
    """The page of a campaign, with what came of a form: it may have asked why somebody is in."""
    has_asked = shown.done in _ASKED
    seen = await sight(call.caller, call.path["campaign_id"], has_asked=has_asked)
    return site.page(
        call.request,
        "campaign.html",
        listed=LIST,
        # What became of an errand the page says by itself.
        done="" if seen["errand"] else said_of("campaign", shown.done),
        refusal=shown.refusal,
        typed=shown.typed,
        explained=shown.given,
        group_titles={rule.group_code: rule.title for rule in await rule_book.in_force()},
        **seen,
    )


async def sight(member: StaffMember, campaign_id: int, *, has_asked: bool = False) -> dict[str, Any]:
    """All that is seen of a campaign by a member, as it stands now; ``has_asked`` for its last errand."""
    # An errand may end meanwhile: read first, it is under way on this page, which then hears of the end.
    errand = await queries.last_errand(campaign_id)
    campaign = await queries.one(member, campaign_id)
    progress = await queries.progress_of(campaign)
    history = await queries.history(member, campaign_id)
    author = audit.staff(campaign.author_id)
    if errand is not None and not _is_to_be_told(errand, campaign, has_asked=has_asked):
        errand = None
    asker = audit.staff(errand.member_id) if errand else author
    is_under_way = errand is not None and errand.ended_at is None
    return {
        "member": member,
        "campaign": campaign,
        "history": history,
        "names": await colleagues.names_of({author, asker, *(one.actor for one in history)}),
        "author": author,
        "errand": errand,
        "asker": asker,
        "errand_refusal": Refused(errand.refusal, code=errand.refusal_code) if errand else None,
        "is_under_way": is_under_way,
        "message": title_of(campaign.message),
        "reason_words": reasons.words_of,
        "scheduled_at": minute(campaign.scheduled_at),
        "at": address(campaign_id),
        "progress": progress,
        "counts": [(state.value, count) for state, count in progress.counts.by_state().items() if count],
        "failures": [(reasons.words_of(why), count) for why, count in progress.counts.failures().items()],
        "is_moving": not is_under_way
        and (progress.state in _MOVING or (not progress.is_over and progress.counts.queued > 0)),
        "quiet": _quiet_now(),
        **_deeds(member, campaign, is_under_way=is_under_way),
    }


def _is_to_be_told(errand: CampaignErrand, campaign: Campaign, *, has_asked: bool) -> bool:
    """One under way, or one that was refused: who asked is told so, and all until the campaign changes."""
    if errand.ended_at is None:
        return True
    return errand.refusal is not None and (has_asked or errand.version == campaign.version)


def _quiet_now() -> dict[str, str] | None:
    """From when to when people are left in peace, if they are now: a campaign then stands still."""
    hours = settings.current().quiet_hours
    if hours is None or not sending.is_quiet(clock.now(), hours):
        return None
    return {"begins": f"{hours[0]:%H:%M}", "ends": f"{hours[1]:%H:%M}"}


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


def _deeds(member: StaffMember, campaign: Campaign, *, is_under_way: bool) -> dict[str, Any]:
    """What is offered; whether it is granted the rules say when it is asked."""
    may_write = staff.may(member, StaffRole.PUBLISHER, None)
    may_act = may_write or staff.may(member, StaffRole.REVIEWER, None)
    state, legal = campaign.state, rules.LEGAL[campaign.state]
    is_draft = state in (_S.DRAFT, _S.DRY_RUN)
    offered = {
        "may_edit": may_write and is_draft and campaign.product is Product.TEMPLATE,
        "may_try": may_write and _S.DRY_RUN in legal,
        "may_submit": may_write and _S.PENDING in legal,
        "may_decide": may_act and state is _S.PENDING,
        "may_schedule": may_act and (is_draft or state in (_S.PENDING, _S.SCHEDULED)),
        "may_pause": may_act and _S.PAUSED in legal,
        "may_resume": may_act and state is _S.PAUSED,
        "may_cancel": may_act and _S.CANCELLED in legal,
    }
    if is_under_way:
        offered = dict.fromkeys(offered, False)
    return {**offered, "may_call_off": is_under_way and may_act, "may_explain": may_act}
