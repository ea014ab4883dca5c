"""Department systems and the messages people have to look at, as those who look after the exchange ask."""

from app.kit.listings import Listing, Order

_LIVE_KEYS = (
    "SELECT count(*) FROM partner_key k WHERE k.system_id = s.id AND k.revoked_at IS NULL"
    " AND k.expires_at > now()"
)
_NEXT_END = (
    "SELECT min(k.expires_at) FROM partner_key k WHERE k.system_id = s.id AND k.revoked_at IS NULL"
    " AND k.expires_at > now()"
)
_USED = "SELECT max(k.last_used_at) FROM partner_key k WHERE k.system_id = s.id"
_DEAD = "SELECT count(*) FROM partner_message m WHERE m.system_id = s.id AND m.state = 'dead'"

SYSTEMS = Listing(
    name="partners",
    columns=(
        "s.id, s.code, s.name, s.department, s.is_active, s.last_sequence, s.parked,"
        f" ({_LIVE_KEYS}) AS live_keys, ({_NEXT_END}) AS next_end, ({_USED}) AS used_at, ({_DEAD}) AS dead"
    ),
    source="partner_system s",
    key=Order("s.id", "bigint"),
    orders={"code": Order("s.code", "text"), "department": Order("s.department", "text")},
    filters={
        "department": "starts_with(s.department, {}::text)",
        "state": "s.is_active = ({}::text = 'on')",
    },
)
"""Columns ``id code name department is_active last_sequence parked live_keys next_end used_at dead``."""

DEAD_LETTERS = Listing(
    name="dead_letters",
    columns=(
        "m.id, s.code, s.name, m.sequence, m.kind, m.case_number, m.step, m.error_code, m.error_text,"
        " m.received_at, m.settled_at"
    ),
    source=(
        "(SELECT * FROM partner_message WHERE state = 'dead') m JOIN partner_system s ON s.id = m.system_id"
    ),
    key=Order("m.id", "bigint"),
    # What is dead has been settled as such.
    orders={"settled": Order("m.settled_at", "timestamptz")},
    filters={
        "system": "s.code = {}::text",
        "kind": "m.kind = {}::text",
        "error": "m.error_code = {}::text",
        "case": "m.case_number = {}::text",
    },
)
"""Columns ``id code name sequence kind case_number step error_code error_text received_at settled_at``."""
