"""Notices as the desk lists them: of the districts of whoever asks, the newest first."""

from app.kit.listings import Listing, Order

NOTICES = Listing(
    name="notices",
    columns=(
        "n.id, n.kind, n.state, n.version, n.region_code, n.publish_at, n.published_at, v.title, v.source,"
        " (SELECT coalesce(sum(r.readers), 0) FROM notice_reads r WHERE r.notice_id = n.id) AS readers"
    ),
    source="notice n JOIN notice_version v ON v.notice_id = n.id AND v.version = n.version",
    key=Order("n.id", "bigint"),
    # Numbers are given in the order of drafting.
    orders={"id": Order("n.id", "bigint")},
    filters={
        "state": "n.state = {}",
        "kind": "n.kind = {}",
        "region": "n.region_code LIKE {}",
        "districts": (
            "EXISTS (SELECT 1 FROM unnest({}::text[]) AS d (code) WHERE starts_with(n.region_code, d.code))"
        ),
    },
)
"""Columns ``id kind state version region_code publish_at published_at title source readers``."""
