"""Look-ups for the entitled: a case by its number or 受理编号, and the released ratings of a taxpayer."""

from collections.abc import Sequence

from app.console import deeds
from app.console.deeds import Shown
from app.console.doors import Desk
from app.console.forms import AskAfterDeed
from app.console.site import site
from app.domain.accounts import disclosure, staff
from app.domain.accounts.disclosure import PersonalField
from app.domain.cases import desk
from app.domain.credit_ratings import desk as ratings
from app.kit.web import Call, fields
from app.kit.web.pages import Form, PageQuery
from app.kit.web.pages.site import to

_FIELDS = tuple(field.value for field in PersonalField)
_RATERS = frozenset(ratings.READERS)

routes = Desk("/lookups", name="lookups", roles=frozenset(desk.READERS))


class AskCase(Form):
    number = fields.Text(required=True, min=4, max=64, metadata={"description": "办件编号或受理编号"})
    reason = fields.Text(required=True, min=1, max=200, metadata={"description": "查询事由"})


class Unmask(Form):
    field = fields.Choice(list(_FIELDS), required=True, metadata={"description": "要看哪一项"})
    reason = fields.Text(required=True, min=5, max=500, metadata={"description": "理由"})


class AskRating(Form):
    taxpayer = fields.Text(required=True, max=40, metadata={"description": "纳税人识别号"})
    reason = fields.Text(required=True, min=1, max=200, metadata={"description": "查询事由"})


@routes.get("/", query=PageQuery)
async def show_lookups(call: Call) -> object:
    """查询：办件、信用评价"""
    return _start(call, Shown())


@routes.post("/cases", body=AskCase, shows_faults=True)
async def find_case(call: Call) -> object:
    """按办件编号或受理编号查询办件"""
    said = call.body
    shown = await deeds.attempt(call, "case", lambda: desk.find(call.caller, said["number"], said["reason"]))
    found: Sequence[str] = shown.given or ()
    return to(f"{routes.prefix}/cases/{found[0]}") if len(found) == 1 else _start(call, shown, cases=found)


@routes.get("/cases/<number:str>", query=AskAfterDeed)
async def show_case(call: Call) -> object:
    """一个办件：进度、时间线、申请人（脱敏）"""
    return await _case(call, Shown(done=call.query["done"]))


@routes.post("/cases/<number:str>/unmask", body=Unmask, shows_faults=True)
async def unmask(call: Call) -> object:
    """查看申请人的一项完整信息；查看会记入审计"""
    said = call.body

    async def act() -> dict[str, str]:
        field = PersonalField(said["field"])
        return {field.value: await desk.unmask(call.caller, call.path["number"], field, said["reason"])}

    shown = await deeds.attempt(call, "unmask", act)
    return await _case(call, shown if shown.refusal is not None else Shown(given=shown.given))


@routes.get("/ratings", query=PageQuery, roles=_RATERS)
async def show_ratings(call: Call) -> object:
    """信用评价查询"""
    return _ratings(call, Shown())


@routes.post("/ratings", body=AskRating, roles=_RATERS, shows_faults=True)
async def find_ratings(call: Call) -> object:
    """按纳税人识别号查询已发布的评价结果；查询会记入审计"""
    said = call.body
    shown = await deeds.attempt(
        call, "rating", lambda: ratings.look_up(call.caller, said["taxpayer"], said["reason"])
    )
    return _ratings(call, Shown(given=shown.given) if shown.given else shown)


def _start(call: Call, shown: Shown, cases: Sequence[str] = ()) -> object:
    return site.page(
        call.request,
        "lookups.html",
        refusal=shown.refusal,
        member=call.caller,
        shown=Shown() if cases else shown,
        cases=cases,
        may_rate=any(staff.holds(call.caller, role) for role in ratings.READERS),
    )


async def _case(call: Call, shown: Shown) -> object:
    return site.page(
        call.request,
        "case_one.html",
        refusal=shown.refusal,
        member=call.caller,
        one=await desk.one(call.caller, call.path["number"]),
        shown=shown,
        told=shown.given or {},
        fields=_FIELDS,
        may_unmask=any(staff.holds(call.caller, role) for role in disclosure.ROLES),
    )


def _ratings(call: Call, shown: Shown) -> object:
    return site.page(
        call.request,
        "ratings.html",
        refusal=shown.refusal,
        member=call.caller,
        shown=shown,
        years=shown.given or None,
    )
