"""What every account has, public account or mini-program: its client, its envelope, its quota."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from redis.asyncio import Redis

from app.gateways.wechat import customer_service, quota
from app.gateways.wechat.accounts import Account
from app.gateways.wechat.client import AsyncWeChatClient
from app.gateways.wechat.envelope import Envelope
from app.gateways.wechat.quota import Quota
from app.gateways.wechat.secured import ApiSecurity
from app.gateways.wechat.transport import Transport


class Party:
    """One account of ours. ``secure`` seals its calls if the account has that switched on."""

    kind: ClassVar[Literal["oa", "mp"]]

    def __init__(
        self,
        account: Account,
        transport: Transport,
        redis: Redis | None,
        *,
        window_s: int,
        secure: ApiSecurity | None = None,
    ) -> None:
        self.account = account
        self.client = AsyncWeChatClient(account, transport, redis, secure)
        self.envelope = Envelope(account, window_s=window_s)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.appid}>"

    @property
    def appid(self) -> str:
        return self.account.appid

    async def send_custom(self, openid: str, message: Mapping[str, Any]) -> None:
        """See ``customer_service.send_custom``."""
        await customer_service.send_custom(self.client, openid, message)

    async def quota(self, path: str) -> Quota:
        """See ``quota.quota``."""
        return await quota.quota(self.client, path)
