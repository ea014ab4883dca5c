"""The desk of figures: which boards a member may open."""

from typing import Final

from app.console.doors import Desk
from app.console.site import site
from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.figures import readers
from app.kit.web import Call
from app.kit.web.pages import PageQuery

HALLS: Final = frozenset(readers.READERS)
MESSAGES: Final = frozenset(
    {StaffRole.PUBLISHER, StaffRole.REVIEWER, StaffRole.SUPERVISOR, StaffRole.SYSTEM_ADMIN}
)
UPSTREAMS: Final = frozenset({StaffRole.EXCHANGE_OPERATOR, StaffRole.SUPERVISOR, StaffRole.SYSTEM_ADMIN})
SPEED: Final = frozenset({StaffRole.SYSTEM_ADMIN})

BOARDS: Final = {
    "bookings": HALLS,
    "seats": HALLS,
    "messages": MESSAGES,
    "upstreams": UPSTREAMS,
    "speed": SPEED,
}
"""Every board in the order of the desk, and who may open it."""


def more_pages() -> Desk:
    """Further pages of this desk, declared beside it."""
    return Desk("/figures", name="figures", roles=HALLS | MESSAGES | UPSTREAMS | SPEED)


routes = more_pages()


@routes.get("/", query=PageQuery)
async def show_desk(call: Call) -> object:
    """数据看板：本岗位可看的看板"""
    boards = [name for name, roles in BOARDS.items() if any(staff.holds(call.caller, role) for role in roles)]
    return site.page(call.request, "figures.html", member=call.caller, boards=boards)
