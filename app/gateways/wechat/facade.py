"""One object for all of WeChat: the public account as ``oa``, the mini-program as ``mp``."""

from collections.abc import Mapping

from redis.asyncio import Redis

from app.gateways.wechat import login, messages, phone
from app.gateways.wechat.accounts import Account
from app.gateways.wechat.client import AsyncWeChatClient
from app.gateways.wechat.envelope import Envelope
from app.gateways.wechat.login import WeChatSession
from app.gateways.wechat.transport import Transport
from config.settings import Settings


class Party:
    """One account with its client and its envelope."""

    def __init__(self, account: Account, transport: Transport, redis: Redis | None, *, window_s: int) -> None:
        self.account = account
        self.client = AsyncWeChatClient(account, transport, redis)
        self.envelope = Envelope(account, window_s=window_s)

    @property
    def appid(self) -> str:
        return self.account.appid


class PublicAccount(Party):
    """公众号: template messages to followers."""

    async def send_template(
        self,
        openid: str,
        template_id: str,
        data: Mapping[str, str],
        *,
        client_msg_id: str,
        url: str | None = None,
        miniprogram: Mapping[str, str] | None = None,
    ) -> int:
        """See ``messages.send_template``."""
        return await messages.send_template(
            self.client,
            openid,
            template_id,
            data,
            client_msg_id=client_msg_id,
            url=url,
            miniprogram=miniprogram,
        )


class MiniProgram(Party):
    """小程序: login, phone number, subscribe messages."""

    async def code_to_session(self, code: str) -> WeChatSession:
        """See ``login.code_to_session``."""
        return await login.code_to_session(self.client, code)

    async def phone_number(self, code: str, openid: str) -> str:
        """See ``phone.phone_number``."""
        return await phone.phone_number(self.client, code, openid)

    async def send_subscribe(
        self,
        openid: str,
        template_id: str,
        data: Mapping[str, str],
        *,
        page: str | None = None,
        state: messages.MiniProgramState = "formal",
        lang: str = "zh_CN",
    ) -> int | None:
        """See ``messages.send_subscribe``."""
        return await messages.send_subscribe(
            self.client, openid, template_id, data, page=page, state=state, lang=lang
        )


class WeChat:
    """Everything we ask of WeChat, over one pool of connections."""

    def __init__(self, settings: Settings, redis: Redis | None = None) -> None:
        self._transport = Transport(
            settings.wechat_api_base,
            answer_s=settings.wechat_timeout_s,
            connections=settings.wechat_connections,
        )
        window_s = settings.callback_window_s
        self.oa = PublicAccount(Account.public_account(settings), self._transport, redis, window_s=window_s)
        self.mp = MiniProgram(Account.mini_program(settings), self._transport, redis, window_s=window_s)
        self._parties: dict[str, Party] = {party.appid: party for party in (self.oa, self.mp)}

    def party(self, appid: str) -> Party:
        """The account with this appid. Raises KeyError."""
        return self._parties[appid]

    async def open(self) -> None:
        await self._transport.open()

    async def close(self) -> None:
        await self._transport.close()
