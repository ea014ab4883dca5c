"""A person's applications when they take their data along, and what becomes of them when they leave."""

from uuid import UUID

from app.domain.accounts import merging, portability
from app.domain.accounts.merging import Rows
from app.domain.credit_appeals.models import CreditAppeal

_TOLD = ("case_number", "enterprise_id", "year", "kind", "reason", "codes", "applied_at")


async def export(person_id: UUID) -> object:
    """Every application a person made for an enterprise, as they made it.

    The rating it was about and what became of it are the enterprise's to know: it may have parted with them.
    """
    found = await CreditAppeal.filter(person_id=person_id).order_by("id")
    return [{name: getattr(one, name) for name in _TOLD} for one in found]


async def leave(person_id: UUID) -> None:
    """The application is the enterprise's and stays, tied to nobody and without the person's words."""
    await CreditAppeal.filter(person_id=person_id).update(person_id=None, reason_sealed=None)


def register() -> None:
    """Make them known to the accounts area."""
    portability.register("credit_appeals", export)
    portability.before_deletion("credit_appeals", leave)
    merging.register("credit_appeals", Rows("credit_appeal"))
