"""Following and unfollowing the public account, and finding out who it was."""

import asyncio
import logging
from datetime import datetime
from typing import Any, Final

from app.domain.accounts import followers
from app.gateways import wechat
from app.gateways.wechat import Event, WeChatError
from app.kit import clock, jobs

log = logging.getLogger("weiban.followers")

RESOLVE_JOB: Final = "resolve_follower"
# WeChat gives up on our answer after five seconds.
_PATIENCE_S: Final = 2.0


async def follow(appid: str, event: Event) -> None:
    """Somebody follows: join them to their person, now if WeChat tells quickly who it is, else by a job."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            profile = await _profile(event.openid)
    except (WeChatError, TimeoutError) as failure:
        log.warning("a follower is asked after later: %s", type(failure).__name__)
        await jobs.enqueue(RESOLVE_JOB, {"appid": appid, "openid": event.openid})
        return
    await followers.record_follow(appid, event.openid, _unionid(profile), event.created_at)


async def unfollow(appid: str, event: Event) -> None:
    """Somebody no longer follows."""
    await followers.record_unfollow(appid, event.openid, event.created_at)


async def resolve(payload: dict[str, Any]) -> None:
    """The job: ask WeChat who it is and whether they still follow. Raises WeChatError to be tried again."""
    asked_at: datetime = clock.now()
    appid, openid = payload["appid"], payload["openid"]
    profile = await _profile(openid)
    if profile.get("subscribe"):
        await followers.record_follow(appid, openid, _unionid(profile), asked_at)
    else:
        await followers.record_unfollow(appid, openid, asked_at)


async def _profile(openid: str) -> dict[str, Any]:
    """``cgi-bin/user/info``: whether they follow, and the unionid that joins the two accounts."""
    profile: dict[str, Any] = await wechat.current().oa.client.user.get(openid)
    return profile


def _unionid(profile: dict[str, Any]) -> str | None:
    unionid = profile.get("unionid")
    return unionid if isinstance(unionid, str) and unionid else None
