"""What staff do with the wording of a message: change it, hand it in, decide, take it back, try it out."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from sanic import HTTPResponse

from app.console import deeds
from app.console.deeds import Shown
from app.console.doors import Desk
from app.console.forms import flat
from app.console.messages.desk import AUTHORS, REVIEWERS, address, facts_of, sheet
from app.console.site import site
from app.kit.errors import InvalidInput
from app.kit.web import Call, fields
from app.kit.web.pages import Form, PageQuery
from app.kit.web.pages.site import to
from config.messages import MessageKind
from notifications.models import Channel
from notifications.wording import editing, queries, trying
from notifications.wording.editing import Seen
from notifications.wording.errors import WordingNotFound
from notifications.wording.facts import PARAMETERS
from notifications.wording.queries import Version

routes = Desk("/messages", name="messages", roles=AUTHORS | REVIEWERS)

_ONE: Final = "/<name:str>"
_LINES: Final = 5  # Of a card, as many as a template of either account has.


class OfVersion(Form):
    version = fields.whole(1, 32767, required=True, metadata={"description": "第几版"})


class Submit(OfVersion):
    revision = fields.whole(1, 32767, required=True, metadata={"description": "看到的修改次数"})


class Noted(OfVersion):
    note = fields.Text(min=2, max=200, required=True, metadata={"description": "原因"})


class Try(OfVersion):
    class Meta:
        unknown = "include"

    channel = fields.Choice(
        [Channel.TEMPLATE.value, Channel.SUBSCRIBE.value, Channel.SMS.value],
        load_default=Channel.TEMPLATE.value,
        metadata={"description": "渠道"},
    )


class AskEdit(PageQuery):
    like = fields.whole(1, 32767, load_default=None, metadata={"description": "以从前的哪一版为底稿"})


def _line_fields() -> dict[str, Any]:
    return {
        f"{part}.{number}": fields.Text(max=500, load_default="", metadata={"description": words})
        for number in range(_LINES)
        for part, words in (
            ("label", "名称"), ("key", "公众号字段"), ("mp_key", "小程序字段"), ("text", "内容"),
            ("choices", "取值"),
        )
    }  # fmt: skip


class _Words(Submit):
    title = fields.Text(load_default="", metadata={"description": "标题"})
    page = fields.Text(load_default="", metadata={"description": "点击打开的小程序页面"})
    summary = fields.Text(load_default="", metadata={"description": "一句话"})
    sms_code = fields.Text(load_default="", metadata={"description": "短信模板编号"})
    sms_text = fields.Text(load_default="", metadata={"description": "短信文字"})


Words = type("MessageWords", (_Words,), _line_fields())


@routes.get(f"{_ONE}/edit", roles=AUTHORS, query=AskEdit, errors=(WordingNotFound,))
async def ask_edit(call: Call) -> object:
    """修改措辞：在草稿上，或在现在这一版、从前某一版的文字上"""
    name, like = call.path["name"], call.query["like"]
    seen = await queries.open_version(name) or await queries.version(name)
    words = await queries.version(name, like) if like else seen
    counted = {"version": str(seen.version), "revision": str(seen.revision)}
    return _form(call, Shown(typed=_typed(words.kind) | counted))


@routes.post(f"{_ONE}/edit", roles=AUTHORS, body=Words, shows_faults=True, errors=(WordingNotFound,))
async def edit(call: Call) -> object:
    """存为草稿，随后预览"""
    name = call.path["name"]

    async def act() -> Version:
        said = flat(call.body)
        try:
            return await editing.draft(
                call.caller, name, _changes(said), seen=Seen(said["version"], said["revision"])
            )
        except InvalidInput as wrong:
            raise _placed(wrong, said) from None

    shown = await deeds.attempt(call, "drafted", act)
    if shown.refusal is not None:
        return _form(call, shown)
    return to(address(name), {"version": str(shown.given.version), "done": shown.done})


@routes.post(f"{_ONE}/submit", roles=AUTHORS, body=Submit, errors=(WordingNotFound,))
async def submit(call: Call) -> object:
    """提交审核"""
    return await _deed(
        call,
        "submitted",
        lambda name, version: editing.submit(call.caller, name, Seen(version, call.body["revision"])),
    )


@routes.post(f"{_ONE}/approve", roles=REVIEWERS, body=OfVersion, errors=(WordingNotFound,))
async def approve(call: Call) -> object:
    """审核通过，一两秒内对新消息生效"""
    return await _deed(call, "approved", lambda name, version: editing.approve(call.caller, name, version))


@routes.post(f"{_ONE}/refuse", roles=REVIEWERS, body=Noted, shows_faults=True, errors=(WordingNotFound,))
async def refuse(call: Call) -> object:
    """审核不通过，写明原因"""
    return await _deed(
        call, "refused", lambda name, version: editing.refuse(call.caller, name, version, call.body["note"])
    )


@routes.post(f"{_ONE}/retire", body=Noted, shows_faults=True, errors=(WordingNotFound,))
async def retire(call: Call) -> object:
    """停用一个版本，恢复使用前一个通过的版本"""
    return await _deed(
        call, "retired", lambda name, version: editing.retire(call.caller, name, version, call.body["note"])
    )


@routes.post(f"{_ONE}/try", body=Try, errors=(WordingNotFound,))
async def try_out(call: Call) -> object:
    """发一条到自己绑定的微信，每天最多 20 条"""
    facts, channel = facts_of(call.body), Channel(call.body["channel"])
    return await _deed(
        call, "tried", lambda name, version: trying.try_out(call.caller, name, version, facts, channel)
    )


async def _deed(call: Call, deed: str, act: Callable[[str, int], Awaitable[object]]) -> object:
    """A deed to a version of a message."""
    name, version = call.path["name"], call.body.get("version", 0)
    return await deeds.done(
        call, deed, lambda: act(name, version), address(name), sheet, version=str(version)
    )


def _form(call: Call, shown: Shown) -> HTTPResponse:
    name = call.path["name"]
    return site.page(
        call.request,
        "message_form.html",
        member=call.caller,
        name=name,
        typed=shown.typed,
        places=range(_LINES),
        known=sorted(PARAMETERS.get(name, ())),
        refusal=shown.refusal,
        back=address(name),
    )


def _typed(kind: MessageKind) -> dict[str, str]:
    """What stands in the form of a message that is changed."""
    typed = {
        "title": kind.title,
        "page": kind.page,
        "summary": kind.summary,
        "sms_code": kind.sms.code if kind.sms else "",
        "sms_text": kind.sms.text if kind.sms else "",
    }
    for number, line in enumerate(kind.lines):
        typed |= {
            f"label.{number}": line.label,
            f"key.{number}": line.key,
            f"mp_key.{number}": line.mp_key,
            f"text.{number}": line.text,
            f"choices.{number}": "，".join(line.choices),
        }
    return typed


def _changes(said: Mapping[str, Any]) -> dict[str, Any]:
    """The words as a table of the message list; a line without any word is none."""
    lines = [_line(said, number) for number in range(_LINES)]
    sms = {"code": said["sms_code"], "text": said["sms_text"]}
    return {
        "title": said["title"],
        "page": said["page"],
        "summary": said["summary"],
        "lines": [line for line in lines if any(line.values())],
        "sms": sms if any(sms.values()) else None,
    }


def _placed(refusal: InvalidInput, said: Mapping[str, Any]) -> InvalidInput:
    """The faults of a wording, each at the field that its sentence begins with, as far as there is one."""
    heads = {"title": "title", "page": "page", "summary": "summary", "sms": "sms_text"}
    places = {begins: at for name, at in heads.items() for begins in (f"{name} ", f"“{name}”")}
    labels = {number: said[f"label.{number}"] for number in range(_LINES)}
    places |= {f"“{label}”": f"text.{number}" for number, label in labels.items() if label}
    told: dict[str, list[str]] = {}
    for name, faults in refusal.fields.items():
        for fault in faults:
            place = next((at for begins, at in places.items() if fault.startswith(begins)), name)
            told.setdefault(place, []).append(fault)
    return InvalidInput(refusal.message, fields=told, code=refusal.code)


def _line(said: Mapping[str, Any], number: int) -> dict[str, Any]:
    line = {part: said[f"{part}.{number}"] for part in ("label", "key", "mp_key", "text")}
    choices = [one for one in said[f"choices.{number}"].replace(",", "，").split("，") if one.strip()]
    if line["mp_key"] in ("", line["key"]):
        del line["mp_key"]
    return {**line, "choices": [one.strip() for one in choices]} if choices else line
