"""Who holds which post where, as a list; and the places a post may be given for, by code and by name."""

from collections.abc import Mapping, Sequence

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post
from app.domain.halls.errors import PlaceUnknown
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
        "hall": "h.code = {}::text",
        "region": "starts_with(coalesce(h.region_id, p.region_code), {}::text)",
        "serving": "s.is_active = ({}::text = 'yes')",
    },
)
"""Columns ``id role region_code staff_id username display_name is_active hall region``."""

_HALL = "SELECT id FROM hall WHERE code = $1"
_REGION = "SELECT code FROM region WHERE code = $1"
_HALLS = "SELECT id, name FROM hall WHERE id = ANY ($1)"
_REGIONS = "SELECT code, name FROM region WHERE code = ANY ($1)"


async def post_at(role: StaffRole, hall_code: str, region_code: str) -> Post:
    """A post for a hall or a region by its code; without either it holds everywhere. Raises PlaceUnknown."""
    hall_id = await db.fetch_value(_HALL, hall_code) if hall_code else None
    if hall_code and hall_id is None:
        raise PlaceUnknown(fields={"hall": [f"没有编码为 {hall_code} 的大厅，请核对"]})
    if region_code and not await db.fetch_value(_REGION, region_code):
        raise PlaceUnknown(fields={"region": [f"没有代码为 {region_code} 的地区，请核对"]})
    return Post(role, hall_id, region_code or None)


async def names(posts: Sequence[Post]) -> Mapping[int | str, str]:
    """The names of the places of posts: of halls by number, of regions by code."""
    halls = await db.fetch(_HALLS, [post.hall_id for post in posts if post.hall_id is not None])
    regions = await db.fetch(_REGIONS, [post.region_code for post in posts if post.region_code is not None])
    return {row["id"]: row["name"] for row in halls} | {row["code"]: row["name"] for row in regions}
