"""Objections to shared data as a desk lists them, without what is personal in them."""

from app.kit.listings import Listing, Order

OBJECTIONS = Listing(
    name="objections",
    columns=(
        "o.id, o.library, o.department, o.due_on, o.state, o.created_at, o.answered_at,"
        " ARRAY(SELECT jsonb_array_elements_text(o.fields_disputed::jsonb)) AS disputed"
    ),
    source="share_objection o",
    key=Order("o.id", "bigint"),
    orders={"due": Order("o.due_on", "date"), "created": Order("o.created_at", "timestamptz")},
    filters={
        "state": "o.state = {}::text",
        "department": "starts_with(o.department, {}::text)",
        "overdue": "(o.state = 'open' AND o.due_on < {}::date)",
    },
)
"""Columns ``id library department due_on state created_at answered_at disputed``."""
