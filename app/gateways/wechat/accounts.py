"""Who we are towards WeChat: one record for each public account and mini-program."""

from dataclasses import dataclass, field
from typing import Self

from pydantic import SecretStr

from config.settings import Settings
from config.wechat_accounts import Mode, WeChatAccount


@dataclass(frozen=True, slots=True)
class Account:
    """An appid and its secrets; none of them shows in a repr or a log."""

    appid: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    aes_key_previous: str | None = field(default=None, repr=False)
    mode: Mode = "safe"

    @classmethod
    def public_account(cls, settings: Settings) -> Self:
        """The public account 公众号 of the settings."""
        return cls(
            appid=settings.oa_appid,
            secret=settings.oa_secret.get_secret_value(),
            token=settings.oa_token.get_secret_value(),
            aes_key=settings.oa_aes_key.get_secret_value(),
            aes_key_previous=_shown(settings.oa_aes_key_previous),
            mode=settings.oa_mode,
        )

    @classmethod
    def mini_program(cls, settings: Settings) -> Self:
        """The mini-program 小程序 of the settings."""
        return cls(
            appid=settings.mp_appid,
            secret=settings.mp_secret.get_secret_value(),
            token=settings.mp_token.get_secret_value(),
            aes_key=settings.mp_aes_key.get_secret_value(),
            aes_key_previous=_shown(settings.mp_aes_key_previous),
            mode=settings.mp_mode,
        )

    @classmethod
    def listed(cls, account: WeChatAccount) -> Self:
        """An account of the accounts file."""
        return cls(
            appid=account.appid,
            secret=account.secret.get_secret_value(),
            token=account.token.get_secret_value(),
            aes_key=account.aes_key.get_secret_value(),
            aes_key_previous=_shown(account.aes_key_previous),
            mode=account.mode,
        )


def _shown(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None
