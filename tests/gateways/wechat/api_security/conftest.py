"""Both suites, each with our side and the platform's side of the same keys."""

import base64
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Literal

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from ecdsa import der  # type: ignore[import-untyped]  # It ships no types.

from app.gateways.wechat.api_security import SealedCalls, of_mini_program
from app.kit import clock, sm2
from app.sandbox.api_security import ApiSecurity, Key, PlatformKeys
from config.settings import Settings, current

AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
SUITES: tuple[Literal["aes-rsa", "sm4-sm2"], ...] = ("aes-rsa", "sm4-sm2")
SYM_SN, KEY_SN = "fa05fe1e5bcc79b81ad5ad4b58acf787", "97845f6ed842ea860df6fdf65941ff56"
OLD_SN, NEW_SN = "2171af9cdf1d7404423852e7e183d852", "79ba700ea147819f640941bceb38b1d1"

_EC_KEY, _SM2 = (1, 2, 840, 10045, 2, 1), (1, 2, 156, 10197, 1, 301)


@dataclass(frozen=True)
class Side:
    """The keys of one suite, and settings of a server that knows the platform's old certificate."""

    suite: Literal["aes-rsa", "sm4-sm2"]
    settings: Settings
    developer: Key
    old: Key
    new: Key

    def ours(self, **changes: object) -> SealedCalls:
        sealed = of_mini_program(self.settings.model_copy(update=changes))
        assert sealed is not None
        return sealed

    def platform(self, *, certificate: tuple[str, Key] | None = None, **changes: object) -> ApiSecurity:
        assert self.settings.mp_api_sym_key is not None
        known: dict[str, object] = {
            "appid": self.settings.mp_appid,
            "suite": self.suite,
            "sym_sn": SYM_SN,
            "sym_key": base64.b64decode(self.settings.mp_api_sym_key.get_secret_value()),
            "developer_sn": KEY_SN,
            "developer": self.developer,
            "certificate": certificate or (OLD_SN, self.old),
        }
        return ApiSecurity(PlatformKeys(**{**known, **changes}))  # type: ignore[arg-type]  # Chosen by each test.


@cache
def _keys(suite: str) -> tuple[Key, Key, Key]:
    """Developer, old and new platform key; made once, since RSA keys take their time."""
    if suite == "aes-rsa":
        one, two, three = (rsa.generate_private_key(65537, 2048) for _ in range(3))
        return one, two, three
    return sm2.PrivateKey.generate(), sm2.PrivateKey.generate(), sm2.PrivateKey.generate()


def private_pem(key: Key) -> str:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    inside = der.encode_sequence(
        der.encode_integer(1), der.encode_octet_string(key._number.to_bytes(32, "big"))
    )
    algorithm = der.encode_sequence(der.encode_oid(*_EC_KEY), der.encode_oid(*_SM2))
    whole = der.encode_sequence(der.encode_integer(0), algorithm, der.encode_octet_string(inside))
    return str(der.topem(whole, "PRIVATE KEY").decode())


def public_pem(key: Key) -> str:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    point = b"\x04" + key.public.x.to_bytes(32, "big") + key.public.y.to_bytes(32, "big")
    algorithm = der.encode_sequence(der.encode_oid(*_EC_KEY), der.encode_oid(*_SM2))
    return str(
        der.topem(der.encode_sequence(algorithm, der.encode_bitstring(point, 0)), "PUBLIC KEY").decode()
    )


def side_of(suite: Literal["aes-rsa", "sm4-sm2"]) -> Side:
    developer, old, new = _keys(suite)
    named = {
        "mp_api_security": suite,
        "mp_api_sym_key": base64.b64encode(secrets.token_bytes(32 if suite == "aes-rsa" else 16)).decode(),
        "mp_api_sym_sn": SYM_SN,
        "mp_api_private_key": private_pem(developer),
        "mp_api_key_sn": KEY_SN,
        "mp_api_platform_key": public_pem(old),
        "mp_api_platform_sn": OLD_SN,
        "sandbox_api_private_key": private_pem(old),
    }
    given = current().model_dump() | named
    return Side(suite, Settings(**given), developer, old, new)


@pytest.fixture(params=SUITES)
def side(request: pytest.FixtureRequest) -> Side:
    return side_of(request.param)


@pytest.fixture
def frozen() -> Iterator[None]:
    with clock.frozen(AT):
        yield
