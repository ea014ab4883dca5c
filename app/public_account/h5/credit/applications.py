"""Forms about a rating: the calculator 测算, and applications for review 复核 and repair 修复."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from marshmallow import validate
from sanic import HTTPResponse

from app.domain.accounts.errors import EnterpriseNotBound, TextNotAllowed
from app.domain.credit_appeals import applying, errors
from app.domain.credit_appeals import queries as appeals
from app.domain.credit_appeals.applying import LONGEST_REASON, Application
from app.domain.credit_appeals.models import AppealKind
from app.domain.credit_ratings import queries, what_if
from app.domain.credit_ratings.errors import RatingNotFound, WhatIfInvalid
from app.domain.credit_ratings.queries import OwnRatings, RatedYear
from app.domain.credit_ratings.rule_sets import FIRST_YEAR, Breach
from app.domain.credit_ratings.what_if import Supposition
from app.kit import clock
from app.kit.errors import Fault, InvalidInput
from app.kit.web import H5_CITIZEN, Call, Limit, Routes, Schema, fields
from app.kit.web.pages import HTML, PageQuery
from app.public_account.h5.credit.ratings import LAST_YEAR, UPSTREAM, shown_year, without_enterprise
from app.public_account.h5.pages import PREFIX, site

routes = Routes(f"{PREFIX}/credit", tag="网页")

_MOST_LINES: Final = 50
_FEW: Final = validate.Length(max=_MOST_LINES, error=f"最多 {_MOST_LINES} 项")
_REFUSALS: Final = (
    TextNotAllowed,
    errors.WrongRole,
    errors.AlreadyApplied,
    errors.AppealTooLate,
    errors.NothingToRepair,
    errors.RepairNotOpen,
    errors.AppealInvalid,
    *UPSTREAM,
)


def _year(**kwargs: Any) -> fields.Whole:
    words = {"description": "评价年度；省略时为最近一次"}
    return fields.whole(FIRST_YEAR, LAST_YEAR, metadata=words, **kwargs)


def _lines() -> Any:
    return fields.List(
        fields.whole(1, _MOST_LINES),
        load_default=list,
        validate=_FEW,
        metadata={"description": "第几项扣分，从 1 起"},
    )


class Suppose(PageQuery):
    """What is supposed, all of it on one day; without a day nothing is asked yet."""

    year = _year()
    on = fields.Day(metadata={"description": "假设哪天纠正、申请"})
    lines = _lines()
    overall = fields.Boolean(load_default=False, metadata={"description": "假设申请整体修复"})
    direct_d = fields.Boolean(load_default=False, metadata={"description": "假设申请直接判级修复"})
    breaches = fields.List(
        fields.Enum(Breach, by_value=True),
        load_default=list,
        validate=_FEW,
        metadata={"description": "假设再发生的失信行为"},
    )


class AskForm(PageQuery):
    kind = fields.Enum(
        AppealKind, by_value=True, load_default=AppealKind.REVIEW, metadata={"description": "复核或修复"}
    )
    year = _year()


class Apply(Schema):
    kind = fields.Enum(AppealKind, by_value=True, required=True, metadata={"description": "复核或修复"})
    year = _year(required=True)
    lines = _lines()
    reason = fields.Text(
        required=True, min=1, max=LONGEST_REASON, lines=True, metadata={"description": "申请理由"}
    )


@routes.get(
    "/what-if",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    query=Suppose,
    produces=HTML,
    errors=(EnterpriseNotBound, RatingNotFound, WhatIfInvalid, *UPSTREAM),
    shows_faults=True,
)
async def reckon(call: Call) -> object:
    """测算：如在某日前纠正，得分和级别会怎样"""
    if call.caller.enterprise_id is None:
        return without_enterprise(call)
    own, asked = await _own(call), call.query
    rating = own.of(asked.get("year"))
    outcome = None
    refusal = InvalidInput(fields=_at_fields(call.wrong)) if call.wrong else None
    if refusal is None and "on" in asked:
        try:
            outcome = what_if.reckon(rating, await _supposed(own, rating, asked))
        except WhatIfInvalid as fault:
            refusal = WhatIfInvalid(fields=_at_fields(fault))
    return site.page(
        call.request,
        "credit_what_if.html",
        own=own,
        year=await shown_year(own, rating),
        outcome=outcome,
        refusal=refusal,
        breaches=list(Breach),
        on=call.typed.get("on") or clock.today().isoformat(),
        lines=asked.get("lines", ()),
        supposed=asked.get("breaches", ()),
        is_overall=asked.get("overall", False),
        is_direct=asked.get("direct_d", False),
    )


@routes.get(
    "/apply",
    caller=H5_CITIZEN,
    limit=Limit.READING,
    query=AskForm,
    produces=HTML,
    errors=(EnterpriseNotBound, RatingNotFound, *UPSTREAM),
)
async def ask(call: Call) -> object:
    """申请复核或修复：选扣分，写理由"""
    if call.caller.enterprise_id is None:
        return without_enterprise(call)
    own = await _own(call)
    return await _form(call, own, own.of(call.query.get("year")), kind=call.query["kind"])


@routes.post(
    "/apply",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    body=Apply,
    produces=HTML,
    errors=(EnterpriseNotBound, RatingNotFound, *_REFUSALS),
    shows_faults=True,
)
async def apply(call: Call) -> object:
    """提交复核或修复申请，15 个工作日内答复"""
    enterprise_id = call.caller.enterprise_id
    if enterprise_id is None:
        return without_enterprise(call)
    said = call.body
    try:
        if call.wrong is not None:
            raise InvalidInput(fields=_at_fields(call.wrong))
        asked = Application(said["kind"], said["reason"], said["year"], tuple(said["lines"]))
        applied = await applying.apply(call.caller, enterprise_id, asked)
    except (InvalidInput, *_REFUSALS) as refusal:
        if isinstance(refusal, errors.NothingToRepair) and not said["lines"]:
            refusal = InvalidInput(fields={"lines": [site.said(call.request, "appeal.lines.none")]})
        own = await _own(call)
        kind = said.get("kind", AppealKind.REVIEW)
        rating = own.of(said.get("year"))
        return await _form(call, own, rating, kind=kind, lines=said.get("lines", ()), refusal=refusal)
    # Not sent on: the query code is told this once, and has no business in an address.
    return site.page(call.request, "credit_applied.html", applied=applied)


async def _own(call: Call) -> OwnRatings:
    return await queries.own(call.caller.person_id, call.caller.enterprise_id)


async def _supposed(own: OwnRatings, rating: RatedYear, asked: Mapping[str, Any]) -> Supposition:
    on = asked["on"]
    return Supposition(
        corrections=dict.fromkeys(asked["lines"], on),
        overall_on=on if asked["overall"] else None,
        direct_d_on=on if asked["direct_d"] else None,
        breaches=asked["breaches"],
        restored=await appeals.restored(own.enterprise_id, rating.year),
    )


def _at_fields(fault: InvalidInput) -> dict[str, list[str]]:
    """The reasons at the fields of the form: of a correction at the day, of a box at all of its kind."""
    moved: dict[str, list[str]] = {}
    for name, reasons in fault.fields.items():
        at = (
            "on"
            if name.startswith("corrections.")
            else {"overall_on": "overall"}.get(name, name.partition(".")[0])
        )
        moved.setdefault(at, []).extend(why for why in reasons if why not in moved.get(at, ()))
    return moved


async def _form(
    call: Call,
    own: OwnRatings,
    rating: RatedYear,
    *,
    kind: AppealKind,
    lines: Sequence[int] = (),
    refusal: Fault | None = None,
) -> HTTPResponse:
    return site.page(
        call.request,
        "credit_apply.html",
        own=own,
        year=await shown_year(own, rating),
        kind=kind,
        kinds=list(AppealKind),
        lines=lines,
        reason=call.typed.get("reason", ""),
        longest=LONGEST_REASON,
        refusal=refusal,
    )
