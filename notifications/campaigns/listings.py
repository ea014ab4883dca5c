"""Campaigns and the lists of people uploaded for them as their desk lists them, the newest first."""

from typing import Final

from app.kit.listings import Listing, Order


def _names(list_id: str, audience: str) -> str:
    """Whether an audience is made of an uploaded list, or leaves its people out."""
    meant = f"jsonb_build_object('lists', jsonb_build_array({list_id}))"
    return f"{audience} @> {meant} OR {audience} @> jsonb_build_object('exclude', {meant})"


CAMPAIGNS: Final = Listing(
    name="campaigns",
    columns=(
        "c.id, c.name, c.product, c.state, c.message, c.audience_size, c.scheduled_at, c.launched_at,"
        " c.created_at, s.display_name AS author"
    ),
    source="campaign c LEFT JOIN staff s ON s.id = c.author_id",
    key=Order("c.id", "bigint"),
    # Numbers are given in the order of creation.
    orders={"id": Order("c.id", "bigint")},
    filters={
        "state": "c.state = {}",
        "product": "c.product = {}",
        "message": "c.message = {}",
        "list": _names("{}::bigint", "c.audience"),
    },
)
"""Columns ``id name product state message audience_size scheduled_at launched_at created_at author``."""

_USED_BY: Final = (
    "SELECT string_agg(c.name, '、' ORDER BY c.id) FROM campaign c"  # noqa: S608  Words of ours.
    f" WHERE {_names('l.id', 'c.audience')}"
)

AUDIENCE_LISTS: Final = Listing(
    name="audience_lists",
    columns=(
        "l.id, l.name, l.identity, (l.counts->>'rows')::int AS rows, (l.counts->>'people')::int AS people,"
        f" l.created_at, s.display_name AS author, ({_USED_BY}) AS campaigns"
    ),
    source=(
        "audience_list l LEFT JOIN staff s ON s.id ="
        " CASE WHEN l.created_by LIKE 'staff:%' THEN substr(l.created_by, 7)::uuid END"
    ),
    key=Order("l.id", "bigint"),
    orders={"id": Order("l.id", "bigint")},
    filters={"name": "strpos(l.name, {}::text) > 0"},
)
"""Columns ``id name identity rows people created_at author campaigns``."""
