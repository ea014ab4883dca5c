"""Which desks stand in a member's navigation: those they hold a role of, in the order of the house."""

from collections.abc import Sequence
from typing import Protocol

from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember


class Entrance(Protocol):
    """What the navigation knows of a desk."""

    @property
    def name(self) -> str: ...

    @property
    def prefix(self) -> str: ...

    @property
    def roles(self) -> frozenset[StaffRole]: ...


_desks: list[Entrance] = []


def open_desks(*desks: Entrance) -> None:
    """Say which desks there are, in the order of the navigation."""
    _desks[:] = desks


def desks_of(member: StaffMember) -> Sequence[Entrance]:
    """The desks at which a member works."""
    return [desk for desk in _desks if any(staff.holds(member, role) for role in desk.roles)]
