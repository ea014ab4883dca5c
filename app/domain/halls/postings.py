"""Who holds which post where, as a list; and the names of the places of posts."""

from collections.abc import Mapping, Sequence

from app.domain.accounts.staff import Post
from app.kit import db
from app.kit.listings import Listing, Order

POSTS = Listing(
    name="posts",
    columns=(
        "p.id, p.role, p.region_code, s.id AS staff_id, s.username, s.display_name, s.is_active,"
        " h.name AS hall, r.name AS region"
    ),
    source=(
        "staff_role p JOIN staff s ON s.id = p.staff_id LEFT JOIN hall h ON h.id = p.hall_id"
        " LEFT JOIN region r ON r.code = p.region_code"
    ),
    key=Order("p.id", "bigint"),
    orders={"role": Order("p.role", "text"), "username": Order("s.username", "text")},
    filters={
        "role": "p.role = {}::text",
        "username": "starts_with(s.username, {}::text)",
        "hall": "h.code = {}::text OR strpos(h.name, {}::text) > 0",
        "region": (
            "EXISTS (SELECT FROM region q WHERE {}::text IN (q.code, q.name)"
            " AND starts_with(coalesce(h.region_id, p.region_code), q.code))"
        ),
        "serving": "s.is_active = ({}::text = 'yes')",
    },
)
"""Columns ``id role region_code staff_id username display_name is_active hall region``."""

_HALLS = "SELECT id, name FROM hall WHERE id = ANY ($1)"
_REGIONS = "SELECT code, name FROM region WHERE code = ANY ($1)"


async def names(posts: Sequence[Post]) -> Mapping[int | str, str]:
    """The names of the places of posts: of halls by number, of regions by code."""
    halls = await db.fetch(_HALLS, [post.hall_id for post in posts if post.hall_id is not None])
    regions = await db.fetch(_REGIONS, [post.region_code for post in posts if post.region_code is not None])
    return {row["id"]: row["name"] for row in halls} | {row["code"]: row["name"] for row in regions}
