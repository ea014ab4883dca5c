"""The counter's lists as they change, told at once to every page that shows them."""

import hashlib
from collections.abc import Sequence
from typing import Any

from sanic import Request
from sanic.response import ResponseStream

from app.console.site import site
from app.domain.accounts import staff
from app.domain.accounts.staff import StaffMember
from app.domain.appointments import counter, posts
from app.domain.appointments.counter import Board, Visit
from app.kit.web import live
from app.kit.web.live import Watch

watch = Watch("counter", counter.newest_changes)


def lists(board: Board) -> list[tuple[str, Sequence[Visit]]]:
    """The lists of a board that keep themselves up, in the order in which they stand on the page."""
    return [("serving", board.serving), ("waiting", board.waiting), ("expected", board.expected)]


def fingerprint(board: Board) -> str:
    """Tells one state of the lists from another."""
    return hashlib.sha256(repr(lists(board)).encode()).hexdigest()[:24]


async def stream(request: Request, member: StaffMember, hall_id: int, seen: str) -> ResponseStream:
    """The lists of a hall, each time they differ from those last seen, until the session or the post ends.

    Raises HallNotFound or TooManyListeners.
    """
    await posts.hall_for(member, hall_id)
    told = seen

    async def still() -> None:
        await posts.hall_for(await staff.still(member), hall_id)

    async def news() -> str | None:
        nonlocal told
        board = await counter.board(member, hall_id)
        now = fingerprint(board)
        if now == told:
            return None
        told = now
        rows = site.written(request, "counter_rows.html", **shown(board))
        return live.event("rows", rows)

    return watch.stream(hall_id, member.caller_id, still, news)


def shown(board: Board) -> dict[str, Any]:
    """What the template of the lists is told."""
    return {"board": board, "lists": lists(board), "address": f"/console/counter/{board.hall.id}"}
