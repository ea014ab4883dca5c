"""How one sandbox is set up: the accounts it plays WeChat for, and where it calls back."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Self
from urllib.parse import urlsplit

from app.gateways.wechat.accounts import Account
from app.sandbox.api_security import PlatformKeys
from config import wechat_accounts
from config.settings import Settings

Kind = Literal["oa", "mp"]

# The pages of the mini-program that WeChat would know from its released version.
RELEASED_PAGES: Final = frozenset(
    {
        "pages/index/index",
        "pages/appointments/list",
        "pages/appointments/detail",
        "pages/booking/index",
        "pages/check-in/index",
        "pages/me/index",
    }
)


@dataclass(frozen=True, slots=True)
class Options:
    """The accounts must carry the same secrets as the server that calls.

    ``more`` are further accounts beside the main two. ``callback`` is the base address of our
    server; without one nothing is pushed. ``state`` is the file that survives a restart; without
    one all is forgotten. ``retry_s`` is the platform's pause between its three attempts at a push.
    ``web_domains`` are the hosts a web authorisation may lead back to, ``allowed_ips`` those that
    may fetch a token (None: all). ``api_security`` makes the mini-program's calls sealed ones.
    """

    oa: Account
    mp: Account
    more: tuple[tuple[Kind, Account], ...] = ()
    callback: str | None = None
    auto_follow: bool = True
    state: Path | None = None
    retry_s: float = 5.0
    web_domains: frozenset[str] = frozenset()
    allowed_ips: frozenset[str] | None = None
    pages: frozenset[str] = RELEASED_PAGES
    followers_per_page: int = 10_000
    api_security: PlatformKeys | None = None

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        addresses = (settings.public_url, settings.sandbox_callback)
        return cls(
            oa=Account.public_account(settings),
            mp=Account.mini_program(settings),
            more=tuple(
                (one.kind, Account.listed(one)) for one in wechat_accounts.read(settings.wechat_accounts_file)
            ),
            callback=settings.sandbox_callback,
            auto_follow=settings.sandbox_auto_follow,
            state=Path(settings.sandbox_state) if settings.sandbox_state else None,
            web_domains=frozenset(
                host for address in addresses if (host := urlsplit(address or "").hostname)
            ),
            api_security=PlatformKeys.from_settings(settings),
        )

    @property
    def accounts(self) -> tuple[tuple[Kind, Account], ...]:
        """All accounts, the main public account and the main mini-program first."""
        return (("oa", self.oa), ("mp", self.mp), *self.more)

    def account(self, appid: object) -> Account | None:
        return next((account for _, account in self.accounts if account.appid == appid), None)

    def kind(self, account: Account) -> Kind:
        # Asked several times a call; the main account makes nearly all of them.
        if account.appid == self.oa.appid:
            return "oa"
        return next(kind for kind, known in self.accounts if known.appid == account.appid)

    def named(self, who: object) -> Account:
        """An account by ``oa``, ``mp`` or its appid. Raises ValueError."""
        account = {"oa": self.oa, "mp": self.mp}.get(str(who)) or self.account(who)
        if account is None:
            raise ValueError("account 只能是 oa、mp 或沙箱里一个账号的 appid")
        return account

    def original_id(self, account: Account) -> str:
        """The ``gh_…`` name that pushes are addressed to."""
        if account.appid == self.oa.appid:
            return "gh_sandboxoa001"
        if account.appid == self.mp.appid:
            return "gh_sandboxmp001"
        return f"gh_{hashlib.sha256(account.appid.encode()).hexdigest()[:12]}"

    def push_path(self, account: Account) -> str:
        """Where our server takes an account's pushes: the main two have the short addresses."""
        path = f"/wechat/{self.kind(account)}"
        return path if account.appid in (self.oa.appid, self.mp.appid) else f"{path}/{account.appid}"
