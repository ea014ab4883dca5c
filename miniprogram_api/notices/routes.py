"""Routes of notices; who is signed in also sees those of their taxpayer groups."""

from typing import Final
from urllib.parse import quote
from uuid import UUID

from app.domain.notices import queries, reads
from app.domain.notices.errors import AttachmentNotFound, NoticeNotFound
from app.kit.cursors import BadCursor
from app.kit.uploads import FileLost
from app.kit.web import OPTIONAL_CITIZEN, Call, Limit, Routes, reply_with_etag
from app.kit.web.address import client_address
from app.kit.web.etag import tag_of
from config import settings
from miniprogram_api.caching import rendered
from miniprogram_api.notices.first_pages import first_page
from miniprogram_api.notices.schemas import FindNotices, NoticePage, NoticeWholeView

routes = Routes("/api/v1", tag="公告")

_FIRST_PAGE: Final = 20
_REVALIDATE: Final = "private, no-cache"


@routes.get(
    "/notices",
    caller=OPTIONAL_CITIZEN,
    limit=Limit.READING,
    query=FindNotices,
    answer=NoticePage,
    errors=(BadCursor,),
)
async def find_notices(call: Call) -> object:
    """按栏目和关键词查找公告，新的在前"""
    asked, reader = call.query, _reader(call)
    kind = asked.get("kind")

    async def ask() -> object:
        return await queries.notices(
            reader=reader,
            kinds=[kind] if kind else None,
            q=asked.get("q"),
            limit=asked["limit"],
            cursor=asked.get("cursor"),
        )

    is_everyones = reader is None and set(asked) <= {"kind", "limit"} and asked["limit"] == _FIRST_PAGE
    body = await first_page(kind, ask) if is_everyones else rendered(NoticePage, await ask())
    return reply_with_etag(call.request, body, tag_of(body), cache_control=_REVALIDATE)


@routes.get(
    "/notices/<notice_id:int>",
    caller=OPTIONAL_CITIZEN,
    limit=Limit.READING,
    answer=NoticeWholeView,
    errors=(NoticeNotFound,),
)
async def show_notice(call: Call) -> object:
    """一篇公告；已撤回的只说明原因"""
    notice_id = call.path["notice_id"]
    files_at = f"{settings.current().public_url}/api/v1/notices/{notice_id}/attachments"
    # Never kept: a withdrawn notice is gone at once.
    shown = await queries.notice(notice_id, reader=_reader(call), files_at=files_at)
    if shown.withdrawn_at is None:
        reads.note(notice_id, call.caller.caller_id if call.caller else client_address(call.request))
    body = rendered(NoticeWholeView, shown)
    return reply_with_etag(call.request, body, tag_of(body), cache_control=_REVALIDATE)


@routes.get(
    "/notices/<notice_id:int>/attachments/<attachment_id:int>",
    caller=OPTIONAL_CITIZEN,
    limit=Limit.READING,
    produces="application/octet-stream",
    errors=(NoticeNotFound, AttachmentNotFound, FileLost),
)
async def download(call: Call) -> object:
    """下载公告的附件"""
    file = await queries.attachment(call.path["notice_id"], call.path["attachment_id"], reader=_reader(call))
    answer = reply_with_etag(
        call.request,
        file.content,
        f'"{file.sha256}"',
        cache_control=_REVALIDATE,
        content_type=file.media_type,
    )
    # Whatever it holds, it is saved and never shown as a page of ours.
    answer.headers["content-disposition"] = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
    answer.headers["x-content-type-options"] = "nosniff"
    return answer


def _reader(call: Call) -> UUID | None:
    return call.caller.person_id if call.caller else None
