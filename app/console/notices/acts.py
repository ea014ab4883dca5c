"""What staff do with a notice: write it, hand it in, review it, publish and withdraw it."""

from collections.abc import Awaitable
from typing import Any, Final

from sanic import HTTPResponse

from app.console.doors import Desk
from app.console.forms import Form, Minute, Nothing, Reason, done
from app.console.notices.desk import AUTHORS, LIST, REVIEWERS, address, sheet
from app.console.site import site
from app.domain.accounts.models import TaxpayerGroup
from app.domain.notices import desk, drafting, publishing, reviewing
from app.domain.notices.errors import NoticeNotFound
from app.domain.notices.models import NoticeKind, NoticeVersion
from app.domain.notices.texts import NoticeText
from app.kit import sanitize, uploads
from app.kit.clock import SHANGHAI
from app.kit.errors import Fault, InvalidInput, NotAllowed, Refused
from app.kit.web import Call, fields
from app.kit.web.pages import PageQuery
from app.kit.web.pages.site import to

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
    return _form(call, {"kind": NoticeKind.ANNOUNCEMENT}, back=LIST)


@routes.post("/new", roles=AUTHORS, body=Words, shows_faults=True)
async def draft(call: Call) -> object:
    """起草：保存为草稿，或先预览"""
    if (shown := _unsaved(call, back=LIST)) is not None:
        return shown
    try:
        made = await drafting.draft(call.caller, _read(call))
    except (InvalidInput, NotAllowed) as refusal:
        return _form(call, call.typed, refusal=refusal, back=LIST)
    return to(address(made), {"done": "drafted"})


@routes.get(f"{_ONE}/edit", roles=AUTHORS, query=PageQuery, errors=(NoticeNotFound,))
async def ask_edit(call: Call) -> object:
    """修改"""
    view = await desk.whole(call.caller, call.path["notice_id"])
    return _form(call, _typed(view.notice.kind, view.notice.region_code, view.text), groups=view.text.groups)


@routes.post(f"{_ONE}/edit", roles=AUTHORS, body=Words, shows_faults=True, errors=(NoticeNotFound,))
async def edit(call: Call) -> object:
    """修改：存为新的一版，已审的须重新送审"""
    if (shown := _unsaved(call)) is not None:
        return shown
    notice_id = call.path["notice_id"]
    try:
        await drafting.edit(call.caller, notice_id, _read(call))
    except (InvalidInput, NotAllowed, Refused) as refusal:
        return _form(call, call.typed, refusal=refusal)
    return to(address(notice_id), {"done": "edited"})


@routes.post(f"{_ONE}/attach", roles=AUTHORS, body=Attached, shows_faults=True, largest_file=uploads.LARGEST)
async def attach(call: Call) -> object:
    """上传附件：PDF、Word、Excel、OFD、PNG 或 JPG"""
    if call.wrong is not None:
        return await sheet(call, call.wrong)
    file = call.body["file"]
    act = drafting.attach(call.caller, call.path["notice_id"], file.name, file.content)
    return await _deed(call, act, "attached")


@routes.post(f"{_ONE}/detach", roles=AUTHORS, body=Detached)
async def detach(call: Call) -> object:
    """移除附件；从前的版本仍保留它"""
    act = drafting.detach(call.caller, call.path["notice_id"], call.body["file_id"])
    return await _deed(call, act, "detached")


@routes.post(f"{_ONE}/submit", roles=AUTHORS, body=Nothing)
async def submit(call: Call) -> object:
    """送审"""
    return await _deed(call, drafting.submit(call.caller, call.path["notice_id"]), "submitted")


@routes.post(f"{_ONE}/approve", roles=REVIEWERS, body=Seen)
async def approve(call: Call) -> object:
    """审校通过"""
    act = reviewing.approve(call.caller, call.path["notice_id"], seen=call.body["version"])
    return await _deed(call, act, "approved")


@routes.post(f"{_ONE}/refuse", roles=REVIEWERS, body=Refusal, shows_faults=True)
async def refuse(call: Call) -> object:
    """退回起草人，写明理由"""
    if call.wrong is not None:
        return await sheet(call, call.wrong)
    act = reviewing.refuse(
        call.caller, call.path["notice_id"], call.body["reason"], seen=call.body["version"]
    )
    return await _deed(call, act, "refused")


@routes.post(f"{_ONE}/schedule", roles=AUTHORS, body=Moment, shows_faults=True)
async def schedule(call: Call) -> object:
    """定时发布"""
    if call.wrong is not None:
        return await sheet(call, call.wrong)
    act = publishing.schedule(call.caller, call.path["notice_id"], call.body["at"].astimezone(SHANGHAI))
    return await _deed(call, act, "scheduled")


@routes.post(f"{_ONE}/unschedule", roles=AUTHORS, body=Nothing)
async def unschedule(call: Call) -> object:
    """取消定时"""
    return await _deed(call, publishing.schedule(call.caller, call.path["notice_id"], None), "unscheduled")


@routes.post(f"{_ONE}/publish", roles=AUTHORS, body=Nothing)
async def publish(call: Call) -> object:
    """立即发布"""
    return await _deed(call, publishing.publish(call.caller, call.path["notice_id"]), "published")


@routes.post(f"{_ONE}/withdraw", roles=AUTHORS, body=Reason, shows_faults=True)
async def withdraw(call: Call) -> object:
    """撤回已发布的公告，告知读者理由"""
    if call.wrong is not None:
        return await sheet(call, call.wrong)
    act = publishing.withdraw(call.caller, call.path["notice_id"], call.body["reason"])
    return await _deed(call, act, "withdrawn")


async def _deed(call: Call, act: Awaitable[object], word: str) -> HTTPResponse:
    return await done(call, act, address(call.path["notice_id"]), word, sheet)


def _read(call: Call) -> NoticeText:
    said = call.body
    return NoticeText.read({name: said[name] for name in (*_WORDS, "groups") if name in said})


def _unsaved(call: Call, *, back: str | None = None) -> HTTPResponse | None:
    """The form again: with what cannot be understood, or with how the words will look."""
    if call.wrong is not None:
        return _form(call, call.typed, refusal=call.wrong, back=back)
    if call.body["then"] == "save":
        return None
    try:
        return _form(call, call.typed, preview=_read(call), back=back)
    except InvalidInput as refusal:
        return _form(call, call.typed, refusal=refusal, back=back)


def _form(
    call: Call,
    typed: dict[str, Any],
    *,
    refusal: Fault | None = None,
    preview: NoticeText | None = None,
    groups: list[str] | None = None,
    back: str | None = None,
) -> HTTPResponse:
    return site.page(
        call.request,
        "notice_form.html",
        status=200 if refusal is None else refusal.status,
        member=call.caller,
        notice_id=call.path.get("notice_id"),
        back=back or address(call.path["notice_id"]),
        typed=typed,
        chosen=groups if groups is not None else call.body.get("groups", []),
        kinds=list(NoticeKind),
        groups=list(TaxpayerGroup),
        refusal=refusal,
        preview=preview,
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
