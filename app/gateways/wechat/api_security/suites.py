"""The two suites one may choose for a mini-program: AES-256-GCM with RSA-PSS, or SM4-GCM with SM2.

Source: WeChat's guide to signing and encrypting server API calls (服务端 API 签名加密指南), sections 3 and 4.
"""

from collections.abc import Mapping
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES, SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate

from app.kit import sm2
from config.settings import BadSettings, variable

IV_BYTES: Final = 12
TAG_BYTES: Final = 16
_PSS: Final = PSS(mgf=MGF1(SHA256()), salt_length=32)


class UnusableApiKey(BadSettings):
    """A key of the settings cannot be used by the suite; ``name`` is the setting's attribute."""

    def __init__(self, name: str) -> None:
        super().__init__([f"{variable(name)}: 不能用于所选的签名加密算法，请核对密钥的类型和长度"])
        self.name = name


class Suite(Protocol):
    """Encrypts and signs; identities and key numbers are the guide's 编号, as text."""

    def encrypt(self, iv: bytes, plain: bytes, aad: bytes) -> tuple[bytes, bytes]:
        """The ciphertext and its 16-byte tag."""

    def decrypt(self, iv: bytes, data: bytes, tag: bytes, aad: bytes) -> bytes:
        """The plain bytes. Raises ``cryptography.exceptions.InvalidTag``."""

    def sign(self, message: bytes) -> bytes:
        """Our signature."""

    def verify(self, serial: str, message: bytes, signature: bytes) -> bool:
        """Whether the platform signed it with its key of this number. Raises KeyError."""


class _Gcm:
    """Both ciphers are used in the same mode."""

    def __init__(self, algorithm: AES | SM4) -> None:
        self._algorithm = algorithm

    def encrypt(self, iv: bytes, plain: bytes, aad: bytes) -> tuple[bytes, bytes]:
        cipher = Cipher(self._algorithm, GCM(iv)).encryptor()
        cipher.authenticate_additional_data(aad)
        return cipher.update(plain) + cipher.finalize(), cipher.tag

    def decrypt(self, iv: bytes, data: bytes, tag: bytes, aad: bytes) -> bytes:
        cipher = Cipher(self._algorithm, GCM(iv, tag)).decryptor()
        cipher.authenticate_additional_data(aad)
        return cipher.update(data) + cipher.finalize()


class AesRsa(_Gcm):
    """AES256_GCM and RSAwithSHA256: PSS with MGF1-SHA256 and a salt of 32 bytes."""

    def __init__(self, sym_key: bytes, private_pem: str, platform: Mapping[str, str]) -> None:
        if len(sym_key) != 32:
            raise UnusableApiKey("mp_api_sym_key")
        super().__init__(AES(sym_key))
        self._private = _rsa_private(private_pem)
        self._platform = {serial: _rsa_public(pem) for serial, pem in platform.items()}

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message, _PSS, SHA256())

    def verify(self, serial: str, message: bytes, signature: bytes) -> bool:
        try:
            self._platform[serial].verify(signature, message, _PSS, SHA256())
        except InvalidSignature:
            return False
        return True


class Sm4Sm2(_Gcm):
    """SM4_GCM and SM2withSM3. The signer's identity is the number of its key, ours and the platform's."""

    def __init__(self, sym_key: bytes, private_pem: str, key_sn: str, platform: Mapping[str, str]) -> None:
        if len(sym_key) != 16:
            raise UnusableApiKey("mp_api_sym_key")
        super().__init__(SM4(sym_key))
        self._identity = key_sn.encode()
        try:
            self._private = sm2.PrivateKey.from_pem(private_pem)
        except sm2.UnusableKey:
            raise UnusableApiKey("mp_api_private_key") from None
        try:
            self._platform = {serial: sm2.PublicKey.from_pem(pem) for serial, pem in platform.items()}
        except sm2.UnusableKey:
            raise UnusableApiKey("mp_api_platform_key") from None

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message, self._identity)

    def verify(self, serial: str, message: bytes, signature: bytes) -> bool:
        return self._platform[serial].verify(message, signature, serial.encode())


def _rsa_private(pem: str) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UnusableApiKey("mp_api_private_key") from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < 2048:
        raise UnusableApiKey("mp_api_private_key")
    return key


def _rsa_public(pem: str) -> RSAPublicKey:
    try:
        is_certificate = "CERTIFICATE" in pem
        key = (
            load_pem_x509_certificate(pem.encode()).public_key()
            if is_certificate
            else load_pem_public_key(pem.encode())
        )
    except (ValueError, UnsupportedAlgorithm):
        raise UnusableApiKey("mp_api_platform_key") from None
    if not isinstance(key, RSAPublicKey) or key.key_size < 2048:
        raise UnusableApiKey("mp_api_platform_key")
    return key
