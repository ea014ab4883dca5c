"""Pages of notices 微发布, which anyone may read; who is signed in also sees those of their groups."""

from typing import Final
from urllib.parse import quote, urlencode
from uuid import UUID

from sanic import HTTPResponse

from app.domain.notices import queries, reads
from app.domain.notices.errors import AttachmentNotFound, NoticeNotFound
from app.domain.notices.models import NoticeKind
from app.kit.cursors import BadCursor
from app.kit.errors import NotSignedIn
from app.kit.uploads import FileLost
from app.kit.web import OPTIONAL_H5_CITIZEN, Call, Limit, Routes, fields
from app.kit.web.address import client_address
from app.kit.web.pages import HTML, PageQuery
from app.public_account.h5.downloads import size_of
from app.public_account.h5.pages import PREFIX, site

routes = Routes(PREFIX, tag="网页")

_OWN: Final = "private, no-cache"


class FindNotices(PageQuery):
    kind = fields.Enum(NoticeKind, by_value=True, load_default=None, metadata={"description": "栏目"})
    q = fields.Text(max=100, load_default="", metadata={"description": "标题、文号或正文中的词"})
    cursor = fields.Code(max=100, load_default=None, metadata={"description": "从哪里接着看"})


@routes.get(
    "/notices",
    caller=OPTIONAL_H5_CITIZEN,
    limit=Limit.READING,
    query=FindNotices,
    produces=HTML,
    errors=(BadCursor,),
)
async def find_notices(call: Call) -> object:
    """按栏目和关键词查找公告"""
    asked = call.query
    kind, q = asked["kind"], asked["q"]
    found = await queries.notices(
        reader=_reader(call), kinds=[kind] if kind else None, q=q, cursor=asked["cursor"]
    )
    kept = {name: value for name, value in (("kind", kind), ("q", q)) if value}
    return site.page(
        call.request,
        "notices.html",
        keep=_OWN,
        found=found.items,
        older=urlencode({**kept, "cursor": found.next}) if found.next else None,
        kinds=list(NoticeKind),
        kind=kind,
        q=q,
    )


@routes.get(
    "/notices/<notice_id:int>",
    caller=OPTIONAL_H5_CITIZEN,
    limit=Limit.READING,
    query=PageQuery,
    produces=HTML,
    errors=(NoticeNotFound,),
)
async def show_notice(call: Call) -> object:
    """一篇公告；已撤回的只说明原因"""
    notice_id = call.path["notice_id"]
    files_at = f"{PREFIX}/notices/{notice_id}/attachments"
    try:
        shown = await queries.notice(notice_id, reader=_reader(call), files_at=files_at)
    except NoticeNotFound:
        _ask_who(call)
        raise
    if shown.withdrawn_at is None:
        reads.note(notice_id, call.caller.caller_id if call.caller else client_address(call.request))
    addressed = [(f"{files_at}/{one.id}", one) for one in shown.attachments]
    files = [
        (address, one.name, size_of(one.size))
        for address, one in addressed
        if f'src="{address}"' not in shown.body  # A picture one sees needs no line of its own.
    ]
    return site.page(call.request, "notice.html", keep=_OWN, notice=shown, files=files)


@routes.get(
    "/notices/<notice_id:int>/attachments/<attachment_id:int>",
    caller=OPTIONAL_H5_CITIZEN,
    limit=Limit.READING,
    query=PageQuery,
    produces="application/octet-stream",
    errors=(NoticeNotFound, AttachmentNotFound, FileLost),
)
async def download(call: Call) -> object:
    """下载公告的附件"""
    file = await queries.attachment(call.path["notice_id"], call.path["attachment_id"], reader=_reader(call))
    # Whatever it holds, it is saved and never shown as a page of ours.
    return HTTPResponse(
        file.content,
        content_type=file.media_type,
        headers={
            "content-disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
            "cache-control": _OWN,
            "x-content-type-options": "nosniff",
        },
    )


def _ask_who(call: Call) -> None:
    """It may be there for somebody: whoever comes by a link is asked to sign in first. Raises NotSignedIn."""
    if call.caller is None:
        raise NotSignedIn


def _reader(call: Call) -> UUID | None:
    return call.caller.person_id if call.caller else None
