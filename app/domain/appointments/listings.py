"""A hall's appointments as its counters list them."""

from app.kit.listings import Listing, Order

# Whose turn it was concerns only those who stand in the hall; of all others the history is not looked at.
_TURNS = """
LATERAL (
    SELECT count(*) AS turns, (array_agg(e.actor ORDER BY e.id DESC))[1] AS caller
    FROM appointment_event e
    WHERE a.status IN ('checked_in', 'serving') AND e.appointment_id = a.id AND e.kind = 'serving'
) t
"""

ATTENDANCE = Listing(
    name="attendance",
    columns=(
        "a.id, a.number, a.status, a.starts_at, a.ends_at, a.checked_in_at, a.updated_at, a.channel,"
        " b.name AS business, p.name_sealed, t.turns, t.caller, s.display_name AS caller_name"
    ),
    source=(
        "appointment a JOIN business b ON b.code = a.business_id JOIN person p ON p.id = a.person_id"
        f" CROSS JOIN {_TURNS}"
        " LEFT JOIN staff s ON t.caller LIKE 'staff:%' AND s.id = substr(t.caller, 7)::uuid"
    ),
    key=Order("a.id", "uuid"),
    orders={"start": Order("a.starts_at", "timestamptz")},
    filters={
        "hall": "a.hall_id = {}::bigint",
        "since": "a.starts_at >= {}::timestamptz",
        "until": "a.starts_at < {}::timestamptz",
        "states": "a.status = ANY ({}::text[])",
    },
)
"""Columns ``id number status starts_at ends_at checked_in_at updated_at channel business name_sealed turns
caller caller_name``."""
