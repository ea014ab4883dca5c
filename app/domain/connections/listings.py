"""The census, its follow-ups and the sharing duties as lists, each telling what is overdue today."""

from app.domain.connections import overdue
from app.kit.listings import Listing, Order

# The day of a list is the one of its statement; Shanghai's, as in all due days.
_TODAY = "(now() AT TIME ZONE 'Asia/Shanghai')::date"
_LATE = f"coalesce({overdue.LATE_CONNECTION}, false)".replace("$1", _TODAY)
_LATE_DUTY = overdue.LATE_DUTY.replace("$1", _TODAY)
_ITEMS = "s.uncoded_items + (SELECT count(*) FROM census_item i WHERE i.system_id = s.id)"
_NEVER = "'infinity'::date"

SYSTEMS = Listing(
    name="connections",
    columns=(
        "s.id, s.department, s.name, c.state, c.category, coalesce(c.next_check_on, c.due_on) AS due_on,"
        f" c.has_network, c.has_data, c.has_business, {_LATE} AS is_overdue, {_ITEMS} AS items"
    ),
    source=(
        "system_census s JOIN LATERAL ("
        "SELECT * FROM connection WHERE system_id = s.id ORDER BY id DESC LIMIT 1) c ON true"
    ),
    key=Order("s.id", "bigint"),
    orders={
        "department": Order("s.department", "text"),
        "due": Order(f"coalesce(c.next_check_on, c.due_on, {_NEVER})", "date"),
    },
    filters={
        "department": "starts_with(s.department, {}::text)",
        "state": "c.state = {}::text",
        "category": "c.category = {}::int",
        "late": f"{_LATE} = ({{}}::text = 'yes')",
    },
)
"""Columns ``id department name state category due_on has_network has_data has_business is_overdue items``."""

DUTIES = Listing(
    name="duties",
    columns=(
        "d.id, d.supplier, d.data, d.due_on, d.terms, d.condition, d.document_number, d.state,"
        f" {_LATE_DUTY} AS is_overdue, r.is_upheld, r.legal_basis, r.id AS refusal_id"
    ),
    source=(
        "share_duty d LEFT JOIN LATERAL ("
        "SELECT * FROM share_refusal WHERE duty_id = d.id ORDER BY id DESC LIMIT 1) r ON true"
    ),
    key=Order("d.id", "bigint"),
    orders={"supplier": Order("d.supplier", "text"), "due": Order("d.due_on", "date")},
    filters={
        "supplier": "starts_with(d.supplier, {}::text)",
        "state": "d.state = {}::text",
        "late": f"{_LATE_DUTY} = ({{}}::text = 'yes')",
    },
)
"""Columns ``id supplier data due_on terms condition document_number state is_overdue is_upheld legal_basis
refusal_id``."""
