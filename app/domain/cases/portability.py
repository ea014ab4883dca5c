"""A person's own cases when they take their data along, and what becomes of them when they leave."""

from decimal import Decimal
from uuid import UUID

from app.domain.accounts import merging, portability
from app.domain.accounts.merging import Rows
from app.domain.cases.models import FINAL, Case, CaseEvent, CaseState, SpecialProcedure
from app.kit import db
from app.kit.errors import Refused


class HasOpenCases(Refused):
    code = "has_open_cases"
    message = "您还有正在办理的事项，请办结或撤回后再注销账号"


_OVER_FOR_THEM = (*FINAL, CaseState.DELIVERED)
"""What is delivered only waits for the archive; nobody has to stay for that."""


async def export(person_id: UUID) -> object:
    """Every case of a person's own, with what they were told, and which they handed in for enterprises.

    What became of those is the enterprise's to know: it may long have parted with the person.
    """
    cases = await Case.filter(person_id=person_id, enterprise_id=None).order_by("submitted_at").values(
        "number", "item_name", "office", "state", "submitted_at", "accepted_at", "due_at", "asked_until",
        "acceptance_number", "fee", "paid", "queue_number", "results", "updated_at",
    )  # fmt: skip
    handed_in = Case.filter(person_id=person_id, enterprise_id__isnull=False).order_by("submitted_at")
    numbers = [one["number"] for one in cases]
    told = await CaseEvent.filter(case_number__in=numbers).order_by("seq").values(
        "case_number", "kind", "at", "office", "text"
    )  # fmt: skip
    specials = await SpecialProcedure.filter(case_number__in=numbers).order_by("id").values(
        "case_number", "kind", "state", "approver", "reason", "approved_at", "begun_at", "ended_at", "result"
    )  # fmt: skip
    return {
        "cases": [{**one, "fee": _told(one["fee"]), "paid": _told(one["paid"])} for one in cases],
        "events": told,
        "special_procedures": specials,
        "for_enterprises": await handed_in.values("number", "item_name", "enterprise_id", "submitted_at"),
    }


def _told(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


async def leave(person_id: UUID) -> None:
    """Refuse while a matter of the person's own is under way; then let go of the rest.

    The case file itself is kept as the archive law asks, tied to nobody and without its query code.
    """
    own = Case.filter(person_id=person_id, enterprise_id=None)
    if await own.exclude(state__in=_OVER_FOR_THEM).exists():
        raise HasOpenCases
    await db.execute(
        "UPDATE case_file SET query_code_hash = CASE WHEN enterprise_id IS NULL THEN NULL"
        " ELSE query_code_hash END, person_id = NULL WHERE person_id = $1",
        person_id,
    )


def register() -> None:
    """Make them known to the accounts area, and have cases move along when persons are merged."""
    portability.register("cases", export)
    portability.before_deletion("cases", leave)
    merging.register("cases", Rows("case_file", key="number"))
