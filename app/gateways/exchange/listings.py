"""The call log and the alarms as lists: who asked which system what, why, and what came of it."""

from app.kit.listings import Listing, Order

OUTCOMES = (
    "answered", "cached", "stale", "no_ground", "over_quota", "too_many", "left_alone", "rejected", "down",
    "not_genuine", "not_open", "busy", "fault", "given_up",
)  # fmt: skip
"""What may come of a question, as the call log says it."""

CALLS = Listing(
    name="calls",
    columns=(
        "e.id, e.at, e.source, e.purpose, e.fields_asked, e.person_id IS NOT NULL AS is_by_person, e.cause,"
        " e.request_id, e.outcome, e.duration_ms, e.attempts, e.hops"
    ),
    source="exchange_call e",
    key=Order("e.id", "bigint"),
    orders={"at": Order("e.at", "timestamptz")},
    filters={
        "since": "e.at >= {}::timestamptz",
        "until": "e.at < {}::timestamptz",
        "source": "e.source = {}::text",
        "purpose": "e.purpose = {}::text",
        "outcome": "e.outcome = {}::text",
        "request": "e.request_id = {}::text",
    },
)
"""Columns ``id at source purpose fields_asked is_by_person cause request_id outcome duration_ms attempts
hops``: by whom a person asked is told to that person alone."""

ALARMS = Listing(
    name="alarms",
    columns="f.id, f.at, f.source, f.kind, f.detail, f.request_id",
    source="exchange_finding f",
    key=Order("f.id", "bigint"),
    orders={"at": Order("f.at", "timestamptz")},
    filters={
        "since": "f.at >= {}::timestamptz",
        "until": "f.at < {}::timestamptz",
        "source": "f.source = {}::text",
        "kind": "f.kind = {}::text",
    },
)
"""Columns ``id at source kind detail request_id``."""
