"""Campaigns as the desk lists them, the newest first."""

from app.kit.listings import Listing, Order

CAMPAIGNS = Listing(
    name="campaigns",
    columns=(
        "c.id, c.name, c.product, c.state, c.message, c.audience_size, c.scheduled_at, c.launched_at,"
        " c.created_at, s.display_name AS author"
    ),
    source="campaign c LEFT JOIN staff s ON s.id = c.author_id",
    key=Order("c.id", "bigint"),
    # Numbers are given in the order of creation.
    orders={"id": Order("c.id", "bigint")},
    filters={"state": "c.state = {}", "product": "c.product = {}", "message": "c.message = {}"},
)
"""Columns ``id name product state message audience_size scheduled_at launched_at created_at author``."""
