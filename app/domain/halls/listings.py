"""The halls as desks list them, closed ones too."""

from app.kit.listings import Listing, Order

HALLS = Listing(
    name="halls",
    columns=(
        "h.id, h.code, h.name, h.region_id, r.name AS region_name, h.address, h.phone, h.is_active,"
        " (SELECT count(*) FROM counter c WHERE c.hall_id = h.id AND c.is_active) AS counters"
    ),
    source="hall h JOIN region r ON r.code = h.region_id",
    key=Order("h.id", "bigint"),
    orders={"region": Order("h.region_id", "text"), "name": Order("h.name", "text")},
    filters={
        "reach": "h.id = ANY ({}::bigint[])",
        "region": "starts_with(h.region_id, {}::text)",
        "name": "strpos(h.name, {}::text) > 0",
        "is_active": "h.is_active = {}::boolean",
    },
)
"""Columns ``id code name region_id region_name address phone is_active counters``."""
