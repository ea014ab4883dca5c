"""What a person's leaving, export and merge mean for mass sends."""

from uuid import UUID

from app.domain.accounts import merging, portability
from app.domain.accounts.merging import Rows
from app.kit import db

# WeChat counts by openid; of one human being's two, the row that is there stays the one that counts.
_COUNTED_ONCE = (
    "NOT EXISTS (SELECT 1 FROM mass_month k WHERE k.person_id = $1 AND k.month = mass_month.month)"
)
_LISTED_ONCE = (
    "NOT EXISTS (SELECT 1 FROM mass_recipient k WHERE k.person_id = $1"
    " AND k.batch_id = mass_recipient.batch_id)"
)


def register() -> None:
    """Make these rows known to the area that knows the people."""
    merging.register("mass_months", Rows("mass_month", only=_COUNTED_ONCE))
    merging.register("mass_recipients", Rows("mass_recipient", only=_LISTED_ONCE))
    portability.register("mass_sends", _export)
    portability.before_deletion("mass_sends", _leave)


async def _export(person_id: UUID) -> list[dict[str, object]]:
    rows = await db.fetch(
        "SELECT month, count FROM mass_month WHERE person_id = $1 ORDER BY month", person_id
    )
    return [dict(row) for row in rows]


async def _leave(person_id: UUID) -> None:
    await db.execute("DELETE FROM mass_recipient WHERE person_id = $1", person_id)
    await db.execute("DELETE FROM mass_month WHERE person_id = $1", person_id)
