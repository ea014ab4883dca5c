"""Booking rules of a hall, changed by its managers; who changed what stays readable in the audit log."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app.domain.accounts.records import RECORDS
from app.domain.appointments import house_rules
from app.domain.appointments.errors import BadRules
from app.domain.appointments.models import BookingRules
from app.domain.halls import service
from app.domain.halls.telling import told
from app.kit import audit, db
from app.kit.listings import Asked

NAMES: Final = (
    "slot_minutes", "window_workdays", "earliest_workdays", "lead_minutes", "online_share", "cancel_minutes",
    "early_check_in_minutes", "active_limit", "no_show_limit", "no_show_days", "cancel_limit", "cancel_days",
    "ban_days", "seat_return_max_s", "required_level",
)  # fmt: skip
"""Every rule an administrator may set."""

_SET: Final = "booking_rules_set"
_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class RuleChange:
    """Who changed which rules of a hall from what to what, and why."""

    at: datetime
    who: str
    reason: str
    changed: Mapping[str, Sequence[str | None]]


async def rules_of(hall_id: int) -> BookingRules:
    """The rules of a hall; for one without, the usual ones as they would be saved."""
    return await BookingRules.get_or_none(hall_id=hall_id) or BookingRules(hall_id=hall_id)


async def set_rules(hall_id: int, wanted: Mapping[str, Any], *, actor: str, reason: str) -> None:
    """Give a hall these rules. Raises BadRules."""
    if wanted["earliest_workdays"] > wanted["window_workdays"]:
        raise BadRules(fields={"earliest_workdays": [BadRules.message]})
    async with db.transaction():
        await service.locked_hall(hall_id)
        known = await BookingRules.get_or_none(hall_id=hall_id)
        before = {name: _plain(getattr(known, name)) if known else None for name in NAMES}
        await BookingRules.update_or_create({name: wanted[name] for name in NAMES}, hall_id=hall_id)
        after = {name: _plain(wanted[name]) for name in NAMES}
        changed: dict[str, audit.Plain] = {
            name: [before[name], after[name]] for name in NAMES if before[name] != after[name]
        }
        await told(_SET, hall_id, actor, reason, changed)
    house_rules.forget()


async def changes_of(hall_id: int) -> list[RuleChange]:
    """The latest changes of a hall's rules, as the audit log has them."""
    asked = Asked({"action": _SET, "target": f"hall:{hall_id}"}, "at", is_descending=True, limit=_SHOWN)
    return [
        RuleChange(row["at"], row["display_name"] or row["actor"], row["reason"], json.loads(row["detail"]))
        for row in (await RECORDS.page(asked)).rows
    ]


def _plain(value: Any) -> str:
    return f"{value:.2f}" if hasattr(value, "as_tuple") else str(getattr(value, "value", value))
