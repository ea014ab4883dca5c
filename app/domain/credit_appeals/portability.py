"""A person's applications when they take their data along, and what becomes of them when they leave."""

from uuid import UUID

from app.domain.accounts import merging, portability
from app.domain.accounts.merging import Rows
from app.domain.credit_appeals.models import CreditAppeal


async def export(person_id: UUID) -> object:
    """Every application a person made for an enterprise."""
    return await CreditAppeal.filter(person_id=person_id).order_by("id").values(
        "case_number", "enterprise_id", "year", "kind", "state", "reason", "codes", "level_before",
        "score_before", "level_after", "score_after", "applied_at", "decided_at",
    )  # fmt: skip


async def leave(person_id: UUID) -> None:
    """The application is the enterprise's and stays, tied to nobody."""
    await CreditAppeal.filter(person_id=person_id).update(person_id=None)


def register() -> None:
    """Make them known to the accounts area."""
    portability.register("credit_appeals", export)
    portability.before_deletion("credit_appeals", leave)
    merging.register("credit_appeals", Rows("credit_appeal"))
