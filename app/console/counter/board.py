"""The counter: today at a hall, who waits and who is served, kept up by itself, and every deed by one key."""

from collections.abc import Awaitable, Callable
from typing import Final

from sanic import HTTPResponse

from app.console import deeds
from app.console.counter import live as counter_live
from app.console.deeds import Shown
from app.console.doors import Desk
from app.console.site import site
from app.domain.appointments import attendance, calling, counter, posts, walk_ins
from app.domain.appointments.models import Appointment
from app.kit.cursors import LONGEST, BadCursor
from app.kit.errors import NotFound, Refused, TooOften
from app.kit.web import Call, fields
from app.kit.web.live import EVENTS
from app.kit.web.pages import Form, Nothing, PageQuery
from app.kit.web.pages.site import to

routes = Desk("/counter", name="counter", roles=frozenset(posts.ROLES))

DEEDS: Final = {
    "call": calling.call,
    "recall": calling.recall,
    "pass": calling.pass_over,
    "finish": calling.finish,
}
"""What may be done to one row."""


class AskHalls(PageQuery):
    words = fields.Text(max=80, load_default="", metadata={"description": "大厅名称"})


class AskBoard(PageQuery):
    done = fields.Choice(
        ["checked_in", "walked_in", *DEEDS], load_default="", metadata={"description": "刚刚做了什么"}
    )
    number = fields.Code(max=8, load_default="", metadata={"description": "刚刚办理的预约号"})
    ended = fields.Choice(["yes"], load_default="", metadata={"description": "是否显示已结束的预约"})
    after = fields.Text(max=LONGEST, load_default=None, metadata={"description": "上一页的游标"})


class AskLive(PageQuery):
    seen = fields.Code(max=32, load_default="", metadata={"description": "页面上的列表"})


class CheckIn(Form):
    said = fields.Text(min=4, max=120, required=True, metadata={"description": "签到码或预约号"})


class WalkIn(Form):
    business = fields.Code(max=24, required=True, metadata={"description": "业务类别代码"})
    id_number = fields.Text(min=1, max=24, required=True, metadata={"description": "身份证号"})


class Deed(Form):
    deed = fields.Choice(list(DEEDS), required=True, metadata={"description": "对该预约做什么"})


@routes.get("/", query=AskHalls)
async def choose_hall(call: Call) -> object:
    """选择大厅；只有一个大厅时直接进入"""
    words = call.query["words"]
    found = await posts.halls_of(call.caller, words=words)
    if len(found) == 1 and not words:
        return to(address(found[0].id))
    return site.page(call.request, "counter_halls.html", member=call.caller, halls=found, words=words)


@routes.get("/<hall_id:int>", query=AskBoard, errors=(NotFound, BadCursor), shows_faults=True)
async def show_counter(call: Call) -> object:
    """窗口：今日预约、签到、叫号"""
    return await _page(call, Shown(done=call.query.get("done", ""), refusal=call.wrong))


@routes.post("/<hall_id:int>/check-in", body=CheckIn, errors=(NotFound, Refused), shows_faults=True)
async def check_in(call: Call) -> object:
    """扫签到码或输入预约号签到"""
    said = call.body
    return await _deed(
        call, "checked_in", lambda hall_id: attendance.check_in_at_counter(call.caller, hall_id, said["said"])
    )


@routes.post("/<hall_id:int>/walk-ins", body=WalkIn, errors=(NotFound, Refused, TooOften), shows_faults=True)
async def walk_in(call: Call) -> object:
    """没有预约的群众现场登记"""
    said = call.body
    return await _deed(
        call,
        "walked_in",
        lambda hall_id: walk_ins.register(call.caller, hall_id, said["business"], said["id_number"]),
    )


@routes.post("/<hall_id:int>/next", body=Nothing, errors=(NotFound, Refused), shows_faults=True)
async def call_next(call: Call) -> object:
    """叫下一位"""
    return await _deed(call, "call", lambda hall_id: calling.call_next(call.caller, hall_id))


@routes.post(
    "/<hall_id:int>/appointments/<id:uuid>/deeds", body=Deed, errors=(NotFound, Refused), shows_faults=True
)
async def act(call: Call) -> object:
    """叫号、重呼、过号、办结"""
    deed = call.body.get("deed", "")
    return await _deed(call, deed, lambda hall_id: DEEDS[deed](call.caller, hall_id, call.path["id"]))


@routes.get("/<hall_id:int>/live", query=AskLive, produces=EVENTS, errors=(NotFound,))
async def listen(call: Call) -> object:
    """列表变化的实时推送"""
    return await counter_live.stream(call.request, call.caller, call.path["hall_id"], call.query["seen"])


def address(hall_id: int) -> str:
    return f"{routes.prefix}/{hall_id}"


async def _deed(call: Call, deed: str, act: Callable[[int], Awaitable[Appointment]]) -> HTTPResponse:
    """A deed to an appointment: done, the counter says so with its number."""
    hall_id: int = call.path["hall_id"]
    shown = await deeds.attempt(call, deed, lambda: act(hall_id))
    if shown.refusal is not None:
        return await _page(call, shown)
    return to(address(hall_id), {"done": shown.done, "number": shown.given.number})


async def _page(call: Call, shown: Shown) -> HTTPResponse:
    """The counter, with what came of a form."""
    said, hall_id, refusal = call.query, call.path["hall_id"], shown.refusal
    has_ended, after = bool(said.get("ended")), said.get("after")
    try:
        board = await counter.board(call.caller, hall_id, has_ended=has_ended, after=after)
    except BadCursor as stale:
        refusal, after = stale, None
        board = await counter.board(call.caller, hall_id, has_ended=has_ended)
    return site.page(
        call.request,
        "counter.html",
        member=call.caller,
        desk=routes,
        **counter_live.shown(board),
        seats=await walk_ins.seats_now(hall_id),
        has_ended=has_ended,
        is_live=not has_ended and after is None,
        seen=counter_live.fingerprint(board),
        done=shown.done,
        number=said.get("number", ""),
        refusal=refusal,
        deed=shown.deed,
        typed=shown.typed,
    )
