"""How one sandbox is set up: the two accounts it plays WeChat for, and where it calls back."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from app.gateways.wechat.accounts import Account
from config.settings import Settings


@dataclass(frozen=True, slots=True)
class Options:
    """The accounts must carry the same secrets as the server that calls.

    ``callback`` is the base address of that server; without one nothing is pushed. ``state`` is
    the file that survives a restart; without one all is forgotten. ``retry_s`` is the platform's
    pause between its three attempts at a push.
    """

    oa: Account
    mp: Account
    callback: str | None = None
    auto_follow: bool = True
    state: Path | None = None
    retry_s: float = 5.0

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        return cls(
            oa=Account.public_account(settings),
            mp=Account.mini_program(settings),
            callback=settings.sandbox_callback,
            auto_follow=settings.sandbox_auto_follow,
            state=Path(settings.sandbox_state) if settings.sandbox_state else None,
        )

    def account(self, appid: object) -> Account | None:
        return next((account for account in (self.oa, self.mp) if account.appid == appid), None)
