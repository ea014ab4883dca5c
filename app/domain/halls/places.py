"""The places a post may be given for: offered by name, and found by whatever of them was typed."""

from typing import Any, Final

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post
from app.domain.halls.errors import PlaceUnknown
from app.kit import db

_HALLS: Final = (
    "SELECT id AS key, code, name, name AS alone, name || '（' || code || '）' AS label,"
    " is_active AS is_offered, region_id AS place FROM hall"
)
# A county is named with its city and a town with its county, for alone many of them are named the same.
_REGIONS: Final = (
    "SELECT code AS key, code, name, alone, name || '（' || code || '）' AS label, is_offered, code AS place"
    " FROM (SELECT r.code, CASE WHEN r.level > 2 THEN p.name ELSE '' END || r.name AS name, r.name AS alone,"
    " r.level <= 3 AS is_offered FROM region r LEFT JOIN region p ON p.code = r.parent_code) named"
)
_TOLD: Final = 5


async def halls_to_choose() -> list[str]:
    """The halls that are open, as they are offered: region by region."""
    return await _offered(_HALLS)


async def regions_to_choose() -> list[str]:
    """The regions down to the counties, as they are offered; towns and villages are many, and are typed."""
    return await _offered(_REGIONS)


async def post_at(role: StaffRole, hall: str, region: str) -> Post:
    """A post for a hall or a region by its name, its code, or as it was offered; without either, everywhere.

    Raises PlaceUnknown, also for a name that several have: it tells them apart.
    """
    return Post(
        role,
        await _found(_HALLS, "hall", "大厅", hall) if hall else None,
        await _found(_REGIONS, "region", "地区", region, "；镇街和村社区不在列表中，请写全称")
        if region
        else None,
    )


async def _offered(places: str) -> list[str]:
    rows = await db.fetch(f"SELECT label FROM ({places}) p WHERE is_offered ORDER BY place, name")  # noqa: S608  Words of ours.
    return [row["label"] for row in rows]


async def _found(places: str, field: str, kind: str, said: str, besides: str = "") -> Any:
    """The key of the one place that is meant."""
    rows = await db.fetch(
        f"SELECT key, code, label FROM ({places}) p WHERE $1 IN (code, label, name, alone) ORDER BY code",  # noqa: S608  As above.
        said,
    )
    meant = [row for row in rows if row["code"] == said] or rows
    if not meant:
        why = f"没有“{said}”这个{kind}，请输入名称中的字，从列表中选择{besides}"
        raise PlaceUnknown(fields={field: [why]})
    if len(meant) > 1:
        some = "、".join(row["label"] for row in meant[:_TOLD])
        raise PlaceUnknown(fields={field: [f"有 {len(meant)} 个{kind}叫“{said}”，请填写其中一个：{some}"]})
    return meant[0]["key"]
