"""What the office finds of a material: it holds, or it is rejected with the reason."""

from typing import Final
from uuid import UUID

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.cases import materials, paper_rules, posts, wording
from app.domain.cases.paper_errors import MaterialNotFound
from app.domain.cases.paper_models import CaseMaterial, MaterialState, Trust
from app.kit import audit, db, files
from app.kit.errors import InvalidInput

_LONGEST_REASON: Final = 200


async def approve(member: StaffMember, material_id: UUID) -> None:
    """A material agrees with its original (B 级). Raises NotAllowed, MaterialNotFound or CannotJudge."""
    await _judge(member, material_id, MaterialState.CHECKED, None)


async def reject(member: StaffMember, material_id: UUID, reason: str) -> None:
    """A material does not do, and the applicant is told why.

    Raises NotAllowed, InvalidInput without a reason, MaterialNotFound or CannotJudge.
    """
    why = _reason(reason, "请写明材料不合格的原因，不超过 200 个字")
    await _judge(member, material_id, MaterialState.REJECTED, why)


async def read(member: StaffMember, material_id: UUID, *, reason: str) -> tuple[CaseMaterial, bytes]:
    """A material with its file, for whoever handles the case; every reading is recorded with its reason.

    What the applicant has not handed in is still their own. Raises NotAllowed, InvalidInput without a reason,
    MaterialNotFound or FileLost.
    """
    found = await CaseMaterial.get_or_none(id=material_id)
    await posts.check_may(member, StaffRole.CLERK, found.case_number if found else None)
    why = _reason(reason, "请写明查看材料的原因，不超过 200 个字")
    if found is None or found.sha256 is None or found.handed_in_seq is None:
        raise MaterialNotFound
    content = await files.store(materials.ROOM).read(found.sha256)
    await audit.record(member.caller_id, "material.read", f"material:{material_id}", reason=why)
    return found, content


async def _judge(member: StaffMember, material_id: UUID, state: MaterialState, reason: str | None) -> None:
    async with db.transaction():
        found = await CaseMaterial.filter(id=material_id).select_for_update().first()
        await posts.check_may(member, StaffRole.CLERK, found.case_number if found else None)
        if found is None:
            raise MaterialNotFound
        paper_rules.check_may_judge(materials.as_held(found))
        found.state, found.reason = state, reason
        if state is MaterialState.CHECKED:
            found.trust = Trust.CHECKED
        await found.save(update_fields=["state", "reason", "trust"])
        await audit.record(member.caller_id, f"material.{state}", f"material:{material_id}", reason=reason)


def _reason(given: str, wanted: str) -> str:
    reason = given.strip()
    if not 0 < len(reason) <= _LONGEST_REASON or not wording.is_plain(reason):
        raise InvalidInput(fields={"reason": [wanted]})
    return reason
