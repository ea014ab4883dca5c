"""One object for all of WeChat: the public account as ``oa``, the mini-program as ``mp``, others by appid."""

from redis.asyncio import Redis

from app.gateways.wechat import api_security
from app.gateways.wechat.accounts import Account
from app.gateways.wechat.mini_program import MiniProgram
from app.gateways.wechat.party import Party
from app.gateways.wechat.public_account import PublicAccount
from app.gateways.wechat.secured import ApiSecurity
from app.gateways.wechat.transport import Transport
from config import wechat_accounts
from config.settings import Settings

_OPEN_BASE = "https://open.weixin.qq.com"
_PICTURE_BASE = "https://mp.weixin.qq.com"


class WeChat:
    """Everything we ask of WeChat; its accounts share one pool of connections and nothing else."""

    def __init__(self, settings: Settings, redis: Redis | None = None) -> None:
        self._settings = settings
        self._redis = redis
        proxy = settings.wechat_proxy
        self._transport = Transport(
            settings.wechat_api_base,
            backup_url=settings.wechat_api_backup,
            proxy=proxy.get_secret_value() if proxy is not None else None,
            answer_s=settings.wechat_timeout_s,
            connections=settings.wechat_connections,
        )
        self.oa = self._public_account(Account.public_account(settings))
        secure = api_security.of_mini_program(settings)
        self.mp = self._mini_program(Account.mini_program(settings), secure)
        self._parties: dict[str, Party] = {party.appid: party for party in (self.oa, self.mp)}
        for one in wechat_accounts.read(settings.wechat_accounts_file):
            make = self._public_account if one.kind == "oa" else self._mini_program
            self._parties[one.appid] = make(Account.listed(one))

    @property
    def parties(self) -> tuple[Party, ...]:
        """Every account, ``oa`` and ``mp`` first."""
        return tuple(self._parties.values())

    def party(self, appid: str) -> Party:
        """The account with this appid. Raises KeyError."""
        return self._parties[appid]

    async def open(self) -> None:
        await self._transport.open()

    async def close(self) -> None:
        await self._transport.close()

    def _public_account(self, account: Account) -> PublicAccount:
        open_base = self._settings.wechat_open_base
        return PublicAccount(
            account,
            self._transport,
            self._redis,
            window_s=self._settings.callback_window_s,
            open_base=open_base,
            # Whoever stands in for one of the platform's web sites stands in for the other too.
            picture_base=_PICTURE_BASE if open_base == _OPEN_BASE else open_base,
        )

    def _mini_program(self, account: Account, secure: ApiSecurity | None = None) -> MiniProgram:
        window_s = self._settings.callback_window_s
        return MiniProgram(account, self._transport, self._redis, window_s=window_s, secure=secure)
