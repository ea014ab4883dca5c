"""Many people at once, known to us and to the sandbox alike: followers, or holders of one consent."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import aiohttp

from app.kit import db
from app.kit.ids import uuid7
from app.sandbox.world import openid_of, unionid_of
from config import settings

_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Crowd:
    """People by our id; the sandbox calls the n-th ``<prefix>-n``."""

    prefix: str
    ids: Sequence[UUID]

    def name(self, number: int) -> str:
        return f"{self.prefix}-{number}"


async def gather(
    http: aiohttp.ClientSession, sandbox: str, prefix: str, count: int, *, consents: Sequence[str] = ()
) -> Crowd:
    """A crowd of followers; or of users of the mini-program who accepted each of ``consents`` once."""
    wish = {"prefix": prefix, "count": count, "follow": not consents, "consents": list(consents)}
    async with http.post(f"{sandbox}/_sandbox/people", json=wish) as answer:
        assert answer.status == 200, await answer.text()
    crowd = Crowd(prefix, [uuid7() for _ in range(count)])
    for begin in range(0, count, _AT_ONCE):
        await _make_known(crowd, range(begin, min(begin + _AT_ONCE, count)), follows=not consents)
    for template_id in consents:
        await db.execute(
            "INSERT INTO subscription_credit (person_id, appid, template_id, reported_by, granted_at)"
            " SELECT id, $2, $3, 'both', now() FROM unnest($1::uuid[]) AS p (id)",
            crowd.ids, settings.current().mp_appid, template_id,
        )  # fmt: skip
    return crowd


async def _make_known(crowd: Crowd, numbers: range, *, follows: bool) -> None:
    chosen = settings.current()
    ids = [crowd.ids[number] for number in numbers]
    names = [crowd.name(number) for number in numbers]
    unionids = [unionid_of(name) for name in names]
    async with db.transaction():
        await db.execute(
            "INSERT INTO person (id, level, status) SELECT id, 'wx_bound', 'active'"
            " FROM unnest($1::uuid[]) AS p (id)",
            ids,
        )
        for appid, is_public in ((chosen.mp_appid, False), (chosen.oa_appid, True)):
            if is_public and not follows:
                continue
            await db.execute(
                "INSERT INTO wechat_identity (person_id, appid, openid, unionid, is_follower, followed_at)"
                " SELECT id, $4, openid, unionid, $5, CASE WHEN $5 THEN now() END"
                " FROM unnest($1::uuid[], $2::text[], $3::text[]) AS p (id, openid, unionid)",
                ids, [openid_of(appid, name) for name in names], unionids, appid, is_public,
            )  # fmt: skip
