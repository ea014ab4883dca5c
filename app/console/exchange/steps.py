"""The steps of a connection: its class, its way to being live, its costs, follow-ups and the three ticks."""

from collections.abc import Awaitable, Callable

from app.console import deeds
from app.console.doors import Desk
from app.console.exchange.connections import CATEGORIES, CHANGERS, NAMES, SYSTEM, show
from app.domain.connections import connecting, rules
from app.domain.connections.models import ConnectionCategory, ConnectionState
from app.domain.connections.rules import Decision
from app.kit.web import Call, fields
from app.kit.web.pages import Form, Nothing

routes = Desk("/connections", name="connections", roles=CHANGERS)

_WAY = tuple(one.value for one in rules.WAY)


class Classify(Form):
    category = fields.Choice(list(CATEGORIES), required=True, metadata={"description": "对接类别"})
    document = fields.Text(load_default="", max=80, metadata={"description": "文号"})
    due_on = fields.Day(load_default=None, metadata={"description": "期限"})
    next_check_on = fields.Day(load_default=None, metadata={"description": "下次跟进"})


class Advance(Form):
    state = fields.Choice(list(_WAY), required=True, metadata={"description": "下一状态"})
    note = fields.Text(max=500, load_default=None, metadata={"description": "说明"})


class Quote(Form):
    cost = fields.Money(required=True, metadata={"description": "费用（元）"})
    document = fields.Text(load_default="", max=80, metadata={"description": "文号"})


class Fund(Form):
    document = fields.Text(load_default="", max=80, metadata={"description": "文号"})


class FollowUp(Form):
    note = fields.Text(load_default="", max=500, metadata={"description": "说明"})
    next_check_on = fields.Day(required=True, metadata={"description": "下次跟进"})


class Report(Form):
    document = fields.Text(load_default="", max=80, metadata={"description": "文号"})
    entry_path = fields.Text(load_default="", max=200, metadata={"description": "二次录入方式"})
    next_check_on = fields.Day(required=True, metadata={"description": "下次跟进"})


class Tick(Form):
    network = fields.Choice(["yes"], load_default="", metadata={"description": "网络通"})
    data = fields.Choice(["yes"], load_default="", metadata={"description": "数据通"})
    business = fields.Choice(["yes"], load_default="", metadata={"description": "业务通"})


@routes.post(f"{SYSTEM}/survey", body=Nothing, shows_faults=True)
async def survey(call: Call) -> object:
    """下线后重新开始对接"""
    return await _do(call, "survey", lambda: connecting.survey(call.caller, call.path["id"]))


@routes.post(f"{SYSTEM}/classify", body=Classify, shows_faults=True)
async def classify(call: Call) -> object:
    """定类或变更类别"""
    said = call.body

    async def act() -> None:
        told = Decision(
            ConnectionCategory(int(said["category"])), said["document"], said["due_on"], said["next_check_on"]
        )
        await connecting.classify(call.caller, call.path["id"], told)

    return await _do(call, "classify", act)


@routes.post(f"{SYSTEM}/advance", body=Advance, shows_faults=True)
async def advance(call: Call) -> object:
    """推进对接"""
    said = call.body
    return await _do(
        call,
        "advance",
        lambda: connecting.advance(
            call.caller, call.path["id"], ConnectionState(said["state"]), said["note"]
        ),
    )


@routes.post(f"{SYSTEM}/quote", body=Quote, shows_faults=True)
async def quote(call: Call) -> object:
    """登记报价"""
    said = call.body
    return await _do(
        call,
        "quote",
        lambda: connecting.quote(call.caller, call.path["id"], said["cost"], said["document"]),
    )


@routes.post(f"{SYSTEM}/fund", body=Fund, shows_faults=True)
async def fund(call: Call) -> object:
    """登记经费批复"""
    return await _do(
        call, "fund", lambda: connecting.fund(call.caller, call.path["id"], call.body["document"])
    )


@routes.post(f"{SYSTEM}/follow-up", body=FollowUp, shows_faults=True)
async def follow_up(call: Call) -> object:
    """登记跟进"""
    said = call.body
    return await _do(
        call,
        "follow_up",
        lambda: connecting.follow_up(call.caller, call.path["id"], said["note"], said["next_check_on"]),
    )


@routes.post(f"{SYSTEM}/report", body=Report, shows_faults=True)
async def report(call: Call) -> object:
    """登记上报"""
    said = call.body
    return await _do(
        call,
        "report",
        lambda: connecting.report(
            call.caller, call.path["id"], said["document"], said["entry_path"], said["next_check_on"]
        ),
    )


@routes.post(f"{SYSTEM}/tick", body=Tick, shows_faults=True)
async def tick(call: Call) -> object:
    """登记三通"""
    ticks = {name: bool(call.body.get(name)) for name in ("network", "data", "business")}
    return await _do(call, "tick", lambda: connecting.tick(call.caller, call.path["id"], **ticks))


async def _do(call: Call, deed: str, act: Callable[[], Awaitable[object]]) -> object:
    return await deeds.done(call, deed, act, f"{routes.prefix}/{call.path['id']}", show, names=NAMES)
