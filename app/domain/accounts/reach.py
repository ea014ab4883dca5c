"""Where people could be reached, for many of them at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.domain.accounts.phones import TAKES_MESSAGES
from app.kit import db


@dataclass(frozen=True, slots=True)
class Reach:
    """What is open of a person: the openid they follow with, if they do, our mini-program, their phone."""

    follower_openid: str | None
    is_in_mini_program: bool
    has_phone: bool


async def of(person_ids: Sequence[UUID], *, oa_appid: str, mp_appid: str) -> Mapping[UUID, Reach]:
    """The reach of each of these people; whoever has left is absent."""
    rows = await db.fetch(
        f"SELECT p.id, {TAKES_MESSAGES} AS has_phone,"  # noqa: S608  Words of ours.
        " (array_agg(w.openid ORDER BY w.id DESC) FILTER (WHERE w.appid = $2 AND w.is_follower))[1]"
        "  AS follower_openid,"
        " coalesce(bool_or(w.appid = $3), false) AS is_in_mini_program"
        " FROM person p LEFT JOIN wechat_identity w ON w.person_id = p.id"
        " WHERE p.id = ANY ($1) AND p.status <> 'deleted' GROUP BY p.id",
        person_ids, oa_appid, mp_appid,
    )  # fmt: skip
    return {
        row["id"]: Reach(row["follower_openid"], row["is_in_mini_program"], row["has_phone"]) for row in rows
    }
