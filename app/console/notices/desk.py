"""The notices' desk 微发布: the list of one's districts, one notice with its way so far, and its files."""

from typing import Any, Final
from urllib.parse import quote

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
from app.domain.notices import desk, history, rules
from app.domain.notices.desk import DeskView
from app.domain.notices.errors import AttachmentNotFound, NoticeNotFound
from app.domain.notices.listings import NOTICES
from app.domain.notices.models import NoticeKind, NoticeState
from app.kit import audit, sanitize
from app.kit.uploads import FileLost
from app.kit.web import Call, fields
from app.kit.web.pages import PageQuery
from app.kit.web.pages.site import to

routes = Desk("/notices", name="notices", roles=frozenset({StaffRole.PUBLISHER, StaffRole.REVIEWER}))

AUTHORS: Final = frozenset({StaffRole.PUBLISHER})
REVIEWERS: Final = frozenset({StaffRole.REVIEWER})
LIST: Final = f"{routes.prefix}/list"


async def _own_districts(member: StaffMember) -> dict[str, object]:
    return {"districts": desk.districts_of(member)}


NOTICE_TABLE = Table(
    name="notices",
    listing=NOTICES,
    columns=(
        Column("id", lambda row: row["id"], order="id"),
        Column("title", lambda row: row["title"], link=lambda row: address(row["id"])),
        Column("kind", lambda row: row["kind"], words="notice.kind"),
        Column("state", lambda row: row["state"], words="notice.state"),
        Column("version", lambda row: row["version"]),
        Column("source", lambda row: row["source"]),
        Column("region", lambda row: row["region_code"]),
        Column("publish_at", lambda row: row["publish_at"]),
        Column("published_at", lambda row: row["published_at"]),
        Column("readers", lambda row: row["readers"]),
    ),
    filters=(
        Filter(
            "state",
            fields.Choice(list(NoticeState), metadata={"description": "状态"}),
            choices=list(NoticeState),
            words="notice.state",
        ),
        Filter(
            "kind",
            fields.Choice(list(NoticeKind), metadata={"description": "栏目"}),
            choices=list(NoticeKind),
            words="notice.kind",
        ),
        Filter(
            "region",
            fields.Code(max=12, metadata={"description": "区划代码，含其下各级"}),
            asked=lambda typed: f"{typed}%",
        ),
    ),
    narrowed=_own_districts,
    order="id",
    is_descending=True,
)


class AskNotice(AskAfterDeed):
    version = fields.whole(1, 32767, load_default=None, metadata={"description": "第几版，默认现在这一版"})


@routes.get("/", query=PageQuery)
async def show_desk(_: Call) -> object:
    """微发布：从稿件列表开始"""
    return to(LIST)


tables.serve(routes, "/list", NOTICE_TABLE, "稿件列表", title="notices.html")


@routes.get("/<notice_id:int>", query=AskNotice, errors=(NoticeNotFound,))
async def show_notice(call: Call) -> object:
    """一篇稿件：全文、附件、审校意见、经过和当前可以办的事"""
    return await sheet(call, Shown(done=call.query["done"]), version=call.query["version"])


@routes.get(
    "/<notice_id:int>/files/<file_id:int>",
    query=AskNotice,
    produces="application/octet-stream",
    errors=(NoticeNotFound, AttachmentNotFound, FileLost),
)
async def download(call: Call) -> object:
    """下载稿件的附件，审校时用"""
    file = await desk.file(
        call.caller, call.path["notice_id"], call.path["file_id"], version=call.query["version"]
    )
    # Whatever it holds, it is saved and never shown as a page of ours; a picture is shown inside its notice.
    return HTTPResponse(
        file.content,
        content_type=file.media_type,
        headers={
            "content-disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
        },
    )


async def sheet(call: Call, shown: Shown, *, version: int | None = None) -> HTTPResponse:
    """The page of a notice, with what came of a form."""
    member, notice_id = call.caller, call.path["notice_id"]
    view = await desk.whole(member, notice_id, version=version)
    actors = {one.actor for one in view.events} | {audit.staff(one.reviewer_id) for one in view.reviews}
    return site.page(
        call.request,
        "notice.html",
        member=member,
        notice=view.notice,
        text=view.text,
        view=view,
        body=_body(view),
        names=await colleagues.names_of(actors),
        actor_of=audit.staff,
        at=address(notice_id),
        listed=LIST,
        done=said_of("notice", shown.done),
        refusal=shown.refusal,
        typed=shown.typed,
        publish_at=minute(view.notice.publish_at),
        most_files=rules.MOST_ATTACHMENTS,
        **_deeds(member, view),
    )


def address(notice_id: int) -> str:
    """Where a notice stands."""
    return f"{routes.prefix}/{notice_id}"


def _deeds(member: StaffMember, view: DeskView) -> dict[str, Any]:
    """What is offered; whether it is granted the domain says when it is asked."""
    notice = view.notice
    place = history.place_of(notice.region_code)
    is_author = staff.may(member, StaffRole.PUBLISHER, place) and view.text.version == notice.version
    is_reviewer = staff.may(member, StaffRole.REVIEWER, place) and view.text.version == notice.version
    is_changeable = notice.state not in (NoticeState.PUBLISHED, NoticeState.WITHDRAWN)
    return {
        "may_change": is_author and is_changeable,
        "may_submit": is_author and notice.state is NoticeState.DRAFT,
        "may_review": is_reviewer and notice.state in rules.ROUNDS,
        "may_publish": is_author and notice.state is NoticeState.SCHEDULED,
        "may_withdraw": is_author and notice.state is NoticeState.PUBLISHED,
    }


def _body(view: DeskView) -> str:
    """The words with the pictures that come with them, as readers see them."""
    at = f"{address(view.notice.id)}/files"
    version = view.text.version
    return sanitize.with_attachments(
        view.text.body, {one.name: f"{at}/{one.id}?version={version}" for one in view.attachments}
    )
