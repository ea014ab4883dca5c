"""Pages of checking an invoice 发票查验: typed in or by its QR text, and what waits for the morning."""

from collections.abc import Mapping
from typing import Any, Final

from sanic import HTTPResponse

from app.domain.invoices import checking, queued, rules, texts
from app.domain.invoices.checking import Checked
from app.domain.invoices.errors import NotAnInvoice, QueuedCheckNotFound, QueueFull
from app.domain.invoices.kinds import (
    KINDS,
    InvoiceKind,
    Numbering,
    Proof,
    kind_named,
    kind_of,
    kind_of_number,
)
from app.domain.invoices.models import Outcome
from app.domain.invoices.texts import InvoiceText
from app.gateways.exchange import ExchangeDown, NotConnected
from app.kit.errors import Fault, InvalidInput, TooOften
from app.kit.web import H5_CITIZEN, Call, Limit, Routes, Schema, fields
from app.kit.web.pages import HTML, Nothing, PageQuery
from app.kit.web.pages.site import to
from app.public_account.h5.invoices.folder import owner_of
from app.public_account.h5.pages import PREFIX, site
from notifications import prompts
from notifications.prompts import Moment

routes = Routes(f"{PREFIX}/invoices", tag="网页")

_REFUSALS: Final = (NotAnInvoice, QueueFull, ExchangeDown, NotConnected)
# The field of the form in which each thing is filled in that a check may miss; the rest is its fourth input.
_FIELDS: Final = {
    "发票代码": "code",
    "发票种类": "kind",
    "八位发票号码": "number",
    "二十位发票号码": "number",
    "开票日期": "issued_on",
}


class AskCheck(PageQuery):
    done = fields.Code(max=12, load_default="", metadata={"description": "刚刚做了什么"})


class AskInputs(PageQuery):
    """What is typed so far."""

    code = fields.Text(max=40, load_default="", metadata={"description": "发票代码"})
    number = fields.Text(max=40, load_default="", metadata={"description": "发票号码"})
    kind = fields.Text(max=2, load_default="", metadata={"description": "发票种类代码"})
    proof = fields.Text(max=30, load_default="", metadata={"description": "第四项：金额或校验码"})


class CheckInvoice(Schema):
    code = fields.Text(max=20, load_default="", metadata={"description": "发票代码；数电发票没有"})
    number = fields.Text(required=True, max=40, metadata={"description": "发票号码"})
    issued_on = fields.Day(required=True, metadata={"description": "开票日期"})
    kind = fields.Text(max=2, load_default="", metadata={"description": "发票种类代码"})
    proof = fields.Text(max=30, load_default="", metadata={"description": "第四项：金额或校验码后六位"})


class ScanInvoice(Schema):
    text = fields.Text(
        required=True, min=1, max=texts.LONGEST, lines=True, metadata={"description": "二维码扫出的文字"}
    )


@routes.get("", caller=H5_CITIZEN, limit=Limit.READING, query=AskCheck, produces=HTML)
async def ask(call: Call) -> object:
    """发票查验：扫码、粘贴或填写"""
    return await _form(call, {}, done=call.query["done"])


@routes.get("/inputs", caller=H5_CITIZEN, limit=Limit.READING, query=AskInputs, produces=HTML)
async def ask_inputs(call: Call) -> object:
    """查验还要填写哪些内容，随发票种类而定"""
    return site.page(call.request, "check_inputs.html", refusal=None, **_inputs(call.query))


@routes.post(
    "/check",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    body=CheckInvoice,
    produces=HTML,
    errors=_REFUSALS,
    shows_faults=True,
)
async def check(call: Call) -> object:
    """查验填写的发票；当日开具的排队到次日"""
    try:
        if call.wrong is not None:
            raise call.wrong
        return await _answer(call, call.typed, _composed(call))
    except InvalidInput as wrong:
        return await _form(call, call.typed, refusal=wrong)


@routes.post(
    "/scan",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    body=ScanInvoice,
    produces=HTML,
    errors=_REFUSALS,
    shows_faults=True,
)
async def scan(call: Call) -> object:
    """用二维码的文字查验"""
    try:
        if call.wrong is not None:
            raise call.wrong
        invoice = texts.read(call.body["text"])
    except InvalidInput as wrong:
        why = {"text": wrong.fields.get("text") or [wrong.message]}
        return await _form(call, call.typed, refusal=InvalidInput(wrong.message, fields=why, code=wrong.code))
    return await _answer(call, _typed(invoice), invoice)


@routes.post(
    "/queue/<id:uuid>/cancel",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    body=Nothing,
    produces=HTML,
    errors=(QueuedCheckNotFound,),
)
async def cancel_queued(call: Call) -> object:
    """取消一张排队的发票"""
    await queued.cancel(owner_of(call), call.path["id"])
    return to(routes.prefix, {"done": "cancelled"})


async def _answer(call: Call, typed: Mapping[str, str], invoice: InvoiceText) -> HTTPResponse:
    """What came of a check: the invoice, the queue, or the form with what was found."""
    try:
        checked = await checking.check(owner_of(call), invoice)
    except (*_REFUSALS, TooOften) as refusal:
        return await _form(call, typed, refusal=refusal)
    verdict = checked.verdict
    if checked.snapshot is not None:
        return to(
            f"{routes.prefix}/{checked.snapshot.id}",
            {"done": "checked", "left": str(verdict.remaining_today or 0)},
        )
    if verdict.outcome is Outcome.QUEUED:
        return to(routes.prefix, {"done": "queued"})
    if verdict.outcome is Outcome.NEEDS_INPUT:
        missing = [_FIELDS.get(name, "proof") for name in rules.missing_inputs(invoice)]
        why = {name: [site.said(call.request, f"check.missing.{name}")] for name in missing}
        return await _form(call, typed, refusal=InvalidInput(checked.text, fields=why))
    return await _form(call, typed, checked=checked)


async def _form(
    call: Call,
    typed: Mapping[str, str],
    *,
    done: str = "",
    checked: Checked | None = None,
    refusal: Fault | None = None,
) -> HTTPResponse:
    owner = owner_of(call)
    needs_way = done == "queued" and await prompts.needs_way(owner.person_id, Moment.ANSWER)
    return site.page(
        call.request,
        "invoice_check.html",
        typed=typed,
        checked=checked,
        refusal=refusal,
        done=done,
        needs_way=needs_way,
        waiting=await queued.own(owner),
        a_day=rules.CHECKS_A_DAY,
        a_day_each=rules.CHECKS_A_DAY_EACH,
        **_inputs(typed),
    )


def _inputs(typed: Mapping[str, str]) -> dict[str, Any]:
    """What the form asks besides code, number and day: the kind where nothing tells it, and the proof."""
    code, number = texts.tidy(typed.get("code", "")), texts.tidy(typed.get("number", ""))
    told = _told(code, number)
    kind = told or kind_named(typed.get("kind", ""), is_on_paper=bool(code))
    offered = [one for one in KINDS.values() if _may_be(one, code, number)]
    return {"told": told, "kind": kind, "kinds": offered, "proof": typed.get("proof", "")}


def _told(code: str, number: str) -> InvoiceKind | None:
    return kind_of(code) if code else kind_of_number(number)


def _may_be(kind: InvoiceKind, code: str, number: str) -> bool:
    """Whether an invoice of this kind is known by what is typed so far."""
    if code:
        return kind.numbering is not Numbering.DIGITAL
    return kind.numbering is not Numbering.CODED or len(number) != 20


def _composed(call: Call) -> InvoiceText:
    """The invoice that was typed in. Raises InvalidInput with the field that cannot be read."""
    said = call.body
    code, number, proof = (texts.tidy(said[name]) for name in ("code", "number", "proof"))
    kind = _told(code, number) or kind_named(said["kind"], is_on_paper=bool(code))
    is_check_code = kind is not None and kind.proof is Proof.CHECK_CODE
    amount = "" if kind is None or is_check_code else proof
    try:
        if amount:
            texts.amount_of(amount)
    except NotAnInvoice:
        raise InvalidInput(fields={"proof": [site.said(call.request, "check.amount.why")]}) from None
    try:
        return texts.of_inputs(
            kind.code if kind else "", code, number, amount, said["issued_on"], proof if is_check_code else ""
        )
    except NotAnInvoice:
        why = site.said(call.request, "check.number.why")
        raise InvalidInput(fields={"number": [why]}) from None


def _typed(invoice: InvoiceText) -> dict[str, str]:
    """An invoice as somebody would have typed it in, for what is still missing."""
    return {
        "code": invoice.code,
        "number": invoice.number,
        "issued_on": invoice.issued_on.isoformat() if invoice.issued_on else "",
        "kind": invoice.kind.code if invoice.kind else "",
        "proof": rules.proof_of(invoice),
    }
