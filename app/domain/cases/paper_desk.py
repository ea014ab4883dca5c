"""A material, or a special procedure, as whoever has to judge it sees it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.cases import posts
from app.domain.cases.errors import SpecialUnknown
from app.domain.cases.models import SpecialKind, SpecialProcedure, SpecialState
from app.domain.cases.paper_errors import MaterialNotFound
from app.domain.cases.paper_models import CaseMaterial, MaterialState
from app.kit.errors import NotAllowed


@dataclass(frozen=True, slots=True)
class Material:
    """A material handed in, without its file; ``is_waiting`` until it is judged."""

    id: UUID
    case_number: str
    name: str
    state: MaterialState
    media_type: str | None
    size: int | None
    uploaded_at: datetime
    reason: str | None

    @property
    def is_waiting(self) -> bool:
        return self.state is MaterialState.UPLOADED


@dataclass(frozen=True, slots=True)
class SpecialView:
    """A special procedure as it stands; ``limit_unit`` counts ``limit_amount``."""

    id: int
    case_number: str
    kind: SpecialKind
    state: SpecialState
    approver: str
    reason: str
    limit_amount: int | None
    limit_unit: str | None
    applied_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    result: str


async def material(member: StaffMember, material_id: UUID) -> Material:
    """A material of a case within a clerk's reach. Raises NotAllowed, or MaterialNotFound before it is in."""
    found = await CaseMaterial.get_or_none(id=material_id)
    await posts.check_may(member, StaffRole.CLERK, found.case_number if found else None)
    if found is None or found.sha256 is None or found.handed_in_seq is None:
        raise MaterialNotFound
    return Material(
        found.id, found.case_number, found.name, MaterialState(found.state), found.media_type, found.size,
        found.uploaded_at, found.reason,
    )  # fmt: skip


async def special(member: StaffMember, special_id: int) -> SpecialView:
    """A special procedure within a clerk's or a manager's reach. Raises NotAllowed or SpecialUnknown."""
    found = await SpecialProcedure.get_or_none(id=special_id)
    number = found.case_number if found else None
    try:
        await posts.check_may(member, StaffRole.CLERK, number)
    except NotAllowed:
        await posts.check_may(member, StaffRole.HALL_MANAGER, number)
    if found is None:
        raise SpecialUnknown
    return SpecialView(
        found.id, found.case_number, SpecialKind(found.kind), SpecialState(found.state), found.approver,
        found.reason, found.limit_amount, found.limit_unit and found.limit_unit.value, found.applied_at,
        found.due_at, found.ended_at, found.result,
    )  # fmt: skip
