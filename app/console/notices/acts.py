"""What staff do with a notice: write it, hand it in, review it, publish and withdraw it."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from sanic import HTTPResponse

from app.console import deeds
from app.console.deeds import Shown
from app.console.doors import Desk
from app.console.forms import Minute, Reason
from app.console.notices.desk import AUTHORS, LIST, REVIEWERS, address, sheet
from app.console.site import site
from app.domain.accounts.models import TaxpayerGroup
from app.domain.notices import desk, drafting, publishing, reviewing
from app.domain.notices.errors import NoticeNotFound
from app.domain.notices.models import NoticeKind, NoticeVersion
from app.domain.notices.texts import NoticeText
from app.kit import sanitize, uploads
from app.kit.clock import SHANGHAI
from app.kit.web import Call, fields
from app.kit.web.pages import Form, Nothing, PageQuery

routes = Desk("/notices", name="notices", roles=AUTHORS | REVIEWERS)

_ONE: Final = "/<notice_id:int>"
_WORDS: Final = ("kind", "title", "source", "document_number", "summary", "region", "body", "expires_at")


class Words(Form):
    """A notice as it is typed; what of it is wrong the domain says, field by field."""

    kind = fields.Text(metadata={"description": "栏目"})
    title = fields.Text(metadata={"description": "标题"})
    source = fields.Text(metadata={"description": "发布机关"})
    document_number = fields.Text(metadata={"description": "文号"})
    summary = fields.Text(metadata={"description": "摘要"})
    region = fields.Text(metadata={"description": "区划代码"})
    groups = fields.List(fields.Text(), metadata={"description": "给哪些纳税人分组看，不选为所有人"})
    expires_at = fields.Day(metadata={"description": "最后有效的一天"})
    body = fields.Text(max=sanitize.LONGEST, lines=True, metadata={"description": "正文"})
    then = fields.Choice(["save", "preview"], load_default="save", metadata={"description": "保存或预览"})


class Attached(Form):
    file = fields.File(required=True, metadata={"description": "附件"})


class Detached(Form):
    file_id = fields.whole(1, fields.LARGEST_ID, required=True, metadata={"description": "附件编号"})


class Seen(Form):
    version = fields.whole(1, 32767, required=True, metadata={"description": "看过的版本"})


class Refusal(Seen, Reason):
    """Sent back, with the reason for its author."""


class Moment(Form):
    at = Minute(required=True, metadata={"description": "发布时间（北京时间）"})


@routes.get("/new", roles=AUTHORS, query=PageQuery)
async def ask_new(call: Call) -> object:
    """起草"""
    return await _form(call, Shown(typed={"kind": NoticeKind.ANNOUNCEMENT}))


@routes.post("/new", roles=AUTHORS, body=Words, shows_faults=True)
async def draft(call: Call) -> object:
    """起草：保存为草稿，或先预览"""
    if call.body.get("then") == "preview":
        return await _preview(call)
    return await deeds.done(call, "drafted", lambda: drafting.draft(call.caller, _read(call)), address, _form)


@routes.get(f"{_ONE}/edit", roles=AUTHORS, query=PageQuery, errors=(NoticeNotFound,))
async def ask_edit(call: Call) -> object:
    """修改"""
    view = await desk.whole(call.caller, call.path["notice_id"])
    typed = _typed(view.notice.kind, view.notice.region_code, view.text)
    return await _form(call, Shown(typed=typed), groups=view.text.groups)


@routes.post(f"{_ONE}/edit", roles=AUTHORS, body=Words, shows_faults=True, errors=(NoticeNotFound,))
async def edit(call: Call) -> object:
    """修改：存为新的一版，已审的须重新送审"""
    if call.body.get("then") == "preview":
        return await _preview(call)
    notice_id = call.path["notice_id"]
    return await deeds.done(
        call,
        "edited",
        lambda: drafting.edit(call.caller, notice_id, _read(call)),
        address(notice_id),
        _form,
    )


@routes.post(f"{_ONE}/attach", roles=AUTHORS, body=Attached, shows_faults=True, largest_file=uploads.LARGEST)
async def attach(call: Call) -> object:
    """上传附件：PDF、Word、Excel、OFD、PNG 或 JPG"""

    def act(notice_id: int) -> Awaitable[object]:
        file = call.body["file"]
        return drafting.attach(call.caller, notice_id, file.name, file.content)

    return await _deed(call, "attached", act)


@routes.post(f"{_ONE}/detach", roles=AUTHORS, body=Detached)
async def detach(call: Call) -> object:
    """移除附件；从前的版本仍保留它"""
    return await _deed(call, "detached", lambda id_: drafting.detach(call.caller, id_, call.body["file_id"]))


@routes.post(f"{_ONE}/submit", roles=AUTHORS, body=Nothing)
async def submit(call: Call) -> object:
    """送审"""
    return await _deed(call, "submitted", lambda id_: drafting.submit(call.caller, id_))


@routes.post(f"{_ONE}/approve", roles=REVIEWERS, body=Seen)
async def approve(call: Call) -> object:
    """审校通过"""
    said = call.body
    return await _deed(
        call, "approved", lambda id_: reviewing.approve(call.caller, id_, seen=said["version"])
    )


@routes.post(f"{_ONE}/refuse", roles=REVIEWERS, body=Refusal, shows_faults=True)
async def refuse(call: Call) -> object:
    """退回起草人，写明理由"""
    said = call.body
    return await _deed(
        call,
        "refused",
        lambda id_: reviewing.refuse(call.caller, id_, said["reason"], seen=said["version"]),
    )


@routes.post(f"{_ONE}/schedule", roles=AUTHORS, body=Moment, shows_faults=True)
async def schedule(call: Call) -> object:
    """定时发布"""
    said = call.body
    return await _deed(
        call,
        "scheduled",
        lambda id_: publishing.schedule(call.caller, id_, said["at"].astimezone(SHANGHAI)),
    )


@routes.post(f"{_ONE}/unschedule", roles=AUTHORS, body=Nothing)
async def unschedule(call: Call) -> object:
    """取消定时"""
    return await _deed(call, "unscheduled", lambda id_: publishing.schedule(call.caller, id_, None))


@routes.post(f"{_ONE}/publish", roles=AUTHORS, body=Nothing)
async def publish(call: Call) -> object:
    """立即发布"""
    return await _deed(call, "published", lambda id_: publishing.publish(call.caller, id_))


@routes.post(f"{_ONE}/withdraw", roles=AUTHORS, body=Reason, shows_faults=True)
async def withdraw(call: Call) -> object:
    """撤回已发布的公告，告知读者理由"""
    said = call.body
    return await _deed(call, "withdrawn", lambda id_: publishing.withdraw(call.caller, id_, said["reason"]))


async def _deed(call: Call, deed: str, act: Callable[[int], Awaitable[object]]) -> object:
    notice_id: int = call.path["notice_id"]
    return await deeds.done(call, deed, lambda: act(notice_id), address(notice_id), sheet)


def _read(call: Call) -> NoticeText:
    said = call.body
    return NoticeText.read({name: said[name] for name in (*_WORDS, "groups") if name in said})


async def _preview(call: Call) -> HTTPResponse:
    """The form again, with how its words will look, or why they cannot be a notice."""

    async def read() -> NoticeText:
        return _read(call)

    return await _form(call, await deeds.attempt(call, "preview", read))


async def _form(call: Call, shown: Shown, *, groups: list[str] | None = None) -> HTTPResponse:
    notice_id = call.path.get("notice_id")
    return site.page(
        call.request,
        "notice_form.html",
        member=call.caller,
        notice_id=notice_id,
        back=address(notice_id) if notice_id else LIST,
        typed=shown.typed,
        chosen=groups if groups is not None else call.body.get("groups", []),
        kinds=list(NoticeKind),
        groups=list(TaxpayerGroup),
        refusal=shown.refusal,
        preview=shown.given,
    )


def _typed(kind: NoticeKind, region_code: str | None, text: NoticeVersion) -> dict[str, Any]:
    """What stands in the form of a notice that is changed."""
    words: dict[str, Any] = {name: getattr(text, name) for name in _WORDS if hasattr(text, name)}
    expires_at = text.expires_at
    return {
        **words,
        "kind": kind,
        "region": region_code,
        "expires_at": expires_at.astimezone(SHANGHAI).date().isoformat() if expires_at else None,
    }
