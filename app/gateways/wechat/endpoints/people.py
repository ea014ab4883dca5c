"""People: followers and tags as asynchronous lists, and their numbers."""

from collections.abc import AsyncIterator
from typing import Any

from wechatpy.client import api

from app.gateways.wechat.shapes import reading


class UserEndpoints(api.WeChatUser):  # type: ignore[misc]  # wechatpy ships no types.
    """wechatpy's methods about followers; the list of them is an asynchronous one."""

    async def iter_followers(self, first_user_id: str | None = None) -> AsyncIterator[str]:
        following = first_user_id
        while True:
            page = await self.get_followers(following)
            with reading("/cgi-bin/user/get"):
                openids: list[str] = page["data"]["openid"] if "data" in page else []
                following = page.get("next_openid")
            for openid in openids:
                yield openid
            # The last page too names a next openid: its own last one.
            if not openids or not following:
                return


class TagEndpoints(api.WeChatTag):  # type: ignore[misc]  # wechatpy ships no types.
    """wechatpy's tag methods; the list of people is an asynchronous one."""

    async def iter_tag_users(self, tag_id: int, first_user_id: str | None = None) -> AsyncIterator[str]:
        following = first_user_id
        while True:
            page = await self.get_tag_users(tag_id, following)
            with reading("/cgi-bin/user/tag/get"):
                openids: list[str] = page["data"]["openid"] if "data" in page else []
                following = page.get("next_openid")
            for openid in openids:
                yield openid
            if not openids or not following:
                return


class StatisticsEndpoints(api.WeChatDataCube):  # type: ignore[misc]  # wechatpy ships no types.
    """wechatpy's statistics methods."""

    def get_user_summary(self, begin_date: Any, end_date: Any) -> Any:
        days = {"begin_date": self._to_date_str(begin_date), "end_date": self._to_date_str(end_date)}
        return self._post("getusersummary", data=days, result_processor=lambda answer: answer["list"])
