"""Versions of messages as the desk lists them, the newest first."""

from app.kit.listings import Listing, Order

VERSIONS = Listing(
    name="versions",
    columns=(
        "m.id, m.name, m.version, m.definition ->> 'title' AS title, m.state, m.origin, m.note, m.created_at,"
        " m.decided_at, a.display_name AS author, r.display_name AS reviewer"
    ),
    source=(
        "message_version m LEFT JOIN staff a ON a.id = m.author_id LEFT JOIN staff r ON r.id = m.reviewer_id"
    ),
    key=Order("m.id", "bigint"),
    # Numbers are given in the order of drafting.
    orders={"id": Order("m.id", "bigint")},
    filters={"name": "m.name = {}", "state": "m.state = {}"},
)
"""Columns ``id name version title state origin note created_at decided_at author reviewer``."""
