"""WeChat's optional signing and encryption of a mini-program's API calls (服务端 API 签名加密)."""

import base64
from typing import Final

from app.gateways.wechat.api_security.errors import (
    BadSeal,
    BadSignature,
    ForeignAnswer,
    MissingProof,
    ReplayedAnswer,
    StaleAnswer,
    UnknownSerial,
    UntrustedAnswer,
)
from app.gateways.wechat.api_security.sealing import SealedCalls
from app.gateways.wechat.api_security.suites import AesRsa, Sm4Sm2, Suite, UnusableApiKey
from config.settings import Settings

_AES_RSA: Final = "aes-rsa"


def of_mini_program(settings: Settings) -> SealedCalls | None:
    """The sealing of the mini-program's calls, or None where it is switched off.

    Raises UnusableApiKey, which names the setting and shows nothing of it.
    """
    if settings.mp_api_security == "off":
        return None
    sym_key, private_key = settings.mp_api_sym_key, settings.mp_api_private_key
    sym_sn, key_sn, platform = settings.mp_api_sym_sn, settings.mp_api_key_sn, settings.mp_api_platform_keys
    if sym_key is None or private_key is None or sym_sn is None or key_sn is None:
        raise UnusableApiKey("mp_api_security")
    key, pem = base64.b64decode(sym_key.get_secret_value()), private_key.get_secret_value()
    suite: Suite = (
        AesRsa(key, pem, platform)
        if settings.mp_api_security == _AES_RSA
        else Sm4Sm2(key, pem, key_sn, platform)
    )
    return SealedCalls(settings.mp_appid, suite, sym_sn)


__all__ = [
    "AesRsa",
    "BadSeal",
    "BadSignature",
    "ForeignAnswer",
    "MissingProof",
    "ReplayedAnswer",
    "SealedCalls",
    "Sm4Sm2",
    "StaleAnswer",
    "Suite",
    "UnknownSerial",
    "UntrustedAnswer",
    "UnusableApiKey",
    "of_mini_program",
]
