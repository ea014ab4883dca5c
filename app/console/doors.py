"""The door of a desk: whoever holds none of its roles gets no further, whatever the page."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from app.console.site import PASSWORD
from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.kit.errors import NotAllowed
from app.kit.web import STAFF_PAGE, Call, Limit, Routes
from app.kit.web.pages.site import to
from app.kit.web.routes import HTML, Handler

EVERYONE = frozenset(StaffRole)


class WrongDesk(NotAllowed):
    """A page of a desk whose roles the member does not hold."""

    code = "wrong_desk"
    message = "您的岗位没有使用此页面的权限；如工作需要，请联系安全管理员调整岗位"


class Desk(Routes):
    """The pages of one desk.

    Args:
        path: below ``/console``, without a slash at its end.
        name: its word in the catalogues (``desk.<name>``) and in the navigation.
        roles: who works here, in any hall; what they may touch here is judged by the domain, row by row.
    """

    def __init__(self, path: str, *, name: str, roles: frozenset[StaffRole]) -> None:
        super().__init__(f"/console{path}", tag="工作台")
        self.name = name
        self.roles = roles

    def __call__(
        self, method: str, path: str, *, roles: frozenset[StaffRole] | None = None, **declaration: Any
    ) -> Callable[[Handler], Handler]:
        """Declare a page, or a deed of one, for some of the desk's roles or for all of them."""
        welcome = self.roles if roles is None else roles & self.roles
        declaration.setdefault("produces", HTML)
        declaration.setdefault("limit", Limit.DESK if method == "GET" else Limit.WRITING)

        def admit(member: StaffMember) -> None:
            # Who must choose a password first holds no role yet, and is led there below.
            if not member.must_change_password:
                check(member, welcome)

        declare = super().__call__(method, path, caller=STAFF_PAGE, admit=admit, **declaration)

        def guard(handler: Handler) -> Handler:
            @wraps(handler)
            async def serve(call: Call) -> object:
                member: StaffMember = call.caller
                if member.must_change_password:
                    return to(PASSWORD)
                return await handler(call)

            serve.welcome = welcome  # type: ignore[attr-defined]
            declare(serve)
            return handler

        return guard


def check(member: StaffMember, roles: frozenset[StaffRole]) -> None:
    """Raises WrongDesk for a member with none of the roles."""
    if not any(staff.holds(member, role) for role in roles):
        raise WrongDesk
