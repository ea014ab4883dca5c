"""The audit log as its readers ask for it: who did what to whom, by whom, what and when."""

from app.kit.listings import Listing, Order

_LARGEST_ID = 2**63 - 1

# Numbers follow time as closely as the clocks of the house agree, so a day is also a range of numbers. An
# entry more than an hour before the day has a lower number than all of the day, one more than an hour after
# it a higher one: one index finds both ends, and no page reads the years before or after.
_LAST_BEFORE = (
    "SELECT b.id FROM audit_entry b WHERE b.at < {}::timestamptz - interval '1 hour'"
    " ORDER BY b.at DESC LIMIT 1"
)
_FIRST_AFTER = (
    "SELECT a.id FROM audit_entry a WHERE a.at > {}::timestamptz + interval '1 hour' ORDER BY a.at LIMIT 1"
)

RECORDS = Listing(
    name="records",
    columns=(
        "e.id, e.at, e.actor, e.action, e.target, e.hall_id, e.reason, e.detail, s.username, s.display_name"
    ),
    source="audit_entry e LEFT JOIN staff s ON e.actor LIKE 'staff:%' AND s.id::text = substr(e.actor, 7)",
    key=Order("e.id", "bigint"),
    # The rows stand in the order in which they happened: their number is their time.
    orders={"at": Order("e.id", "bigint")},
    filters={
        "actor": "e.actor = {}",
        "action": "e.action = {}",
        "target": "e.target = {}",
        "since": f"e.at >= {{}}::timestamptz AND e.id > COALESCE(({_LAST_BEFORE}), 0)",
        "until": f"e.at < {{}}::timestamptz AND e.id < COALESCE(({_FIRST_AFTER}), {_LARGEST_ID})",
    },
)
"""Columns ``id at actor action target hall_id reason detail username display_name``."""
