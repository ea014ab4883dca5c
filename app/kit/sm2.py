"""SM2 signatures with SM3: keys from PEM, signing and verifying under a signer's identity.

Source: GB/T 32918.2-2016 (the algorithm), GB/T 32918.5-2017 (the curve), GB/T 35276-2017 (a signature is
DER of r and s). The curve's arithmetic is python-ecdsa's, the hash is OpenSSL's.
"""

import secrets
from dataclasses import dataclass, field
from typing import Any, Final, Self

from cryptography.hazmat.primitives.hashes import SM3, Hash
from ecdsa import der  # type: ignore[import-untyped]  # It ships no types.
from ecdsa.ellipticcurve import INFINITY, CurveFp, PointJacobi  # type: ignore[import-untyped]

_P: Final = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_00000000_FFFFFFFF_FFFFFFFF
_A: Final = _P - 3
_B: Final = 0x28E9FA9E_9D9F5E34_4D5A9E4B_CF6509A7_F39789F5_15AB8F92_DDBCBD41_4D940E93
_N: Final = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_7203DF6B_21C6052B_53BBF409_39D54123
_GX: Final = 0x32C4AE2C_1F198119_5F990446_6A39C994_8FE30BBF_F2660BE1_715A4589_334C74C7
_GY: Final = 0xBC3736A2_F4F6779C_59BDCEE3_6B692153_D0A9877C_C62A4740_02DF32E5_2139F0A0
_CURVE: Final = CurveFp(_P, _A, _B, 1)
_G: Final = PointJacobi(_CURVE, _GX, _GY, 1, _N, generator=True)

_EC_KEY: Final = (1, 2, 840, 10045, 2, 1)
_SM2: Final = (1, 2, 156, 10197, 1, 301)


class UnusableKey(ValueError):
    """The PEM holds no SM2 key of the kind asked for; says nothing of its content."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A point on the curve."""

    x: int
    y: int
    _point: Any = field(repr=False, compare=False)

    @classmethod
    def at(cls, x: int, y: int) -> Self:
        """The key with these coordinates. Raises UnusableKey for a point beside the curve."""
        if not (0 <= x < _P and 0 <= y < _P and _CURVE.contains_point(x, y)):
            raise UnusableKey("the point is not on the SM2 curve")
        # Marked as a generator the point keeps a table of its multiples: verifying costs half.
        return cls(x, y, PointJacobi(_CURVE, x, y, 1, _N, generator=True))

    @classmethod
    def from_pem(cls, pem: str) -> Self:
        """The key of a ``PUBLIC KEY`` or ``CERTIFICATE``; who signed the certificate is not checked."""
        try:
            body = der.unpem(pem)
            return cls._from_info(_key_of_certificate(body) if "CERTIFICATE" in pem else body)
        except (der.UnexpectedDER, ValueError, IndexError):
            raise UnusableKey("no SM2 public key in the PEM") from None

    @classmethod
    def _from_info(cls, info: bytes) -> Self:
        inside, rest = der.remove_sequence(info)
        algorithm, bits = der.remove_sequence(inside)
        point, more = der.remove_bitstring(bits, 0)
        if rest or more or _oids(algorithm) != (_EC_KEY, _SM2) or len(point) != 65 or point[0] != 4:
            raise UnusableKey("not an SM2 public key")
        return cls.at(int.from_bytes(point[1:33], "big"), int.from_bytes(point[33:], "big"))

    def verify(self, message: bytes, signature: bytes, identity: bytes) -> bool:
        """Whether this DER signature of the message was made with the private half under this identity."""
        try:
            inside, rest = der.remove_sequence(signature)
            r, inside = der.remove_integer(inside)
            s, inside = der.remove_integer(inside)
        except (der.UnexpectedDER, ValueError, IndexError):
            return False
        if rest or inside or not (1 <= r < _N and 1 <= s < _N) or (r + s) % _N == 0:
            return False
        point = _G.mul_add(s, self._point, (r + s) % _N)
        return point != INFINITY and bool((_digest(self, message, identity) + point.x()) % _N == r)


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A secret number; ``public`` belongs to it."""

    _number: int = field(repr=False)
    public: PublicKey

    @classmethod
    def of(cls, number: int) -> Self:
        """The key of a number from 1 to n - 2."""
        if not 1 <= number <= _N - 2:
            raise UnusableKey("out of range")
        point = _G * number
        return cls(number, PublicKey.at(int(point.x()), int(point.y())))

    @classmethod
    def generate(cls) -> Self:
        return cls.of(secrets.randbelow(_N - 2) + 1)

    @classmethod
    def from_pem(cls, pem: str) -> Self:
        """The key of a ``PRIVATE KEY`` (PKCS#8) or of a bare EC key (SEC 1), both unencrypted."""
        try:
            return cls.of(_number_of(pem))
        except (der.UnexpectedDER, ValueError, IndexError):
            raise UnusableKey("no SM2 private key in the PEM") from None

    def sign(self, message: bytes, identity: bytes) -> bytes:
        """A fresh DER signature of the message under this identity."""
        digest = _digest(self.public, message, identity)
        while True:
            k = secrets.randbelow(_N - 1) + 1
            # With n added every k is equally long, so that the time taken does not tell how long it was.
            r = (digest + int((_G * (k + _N)).x())) % _N
            s = pow(1 + self._number, -1, _N) * (k - r * self._number) % _N
            if r and s and (r + k) % _N:
                return bytes(der.encode_sequence(der.encode_integer(r), der.encode_integer(s)))


def _digest(key: PublicKey, message: bytes, identity: bytes) -> int:
    """SM3 over Z and the message; Z binds the identity, the curve and the key."""
    if not 0 < len(identity) < 8192:
        raise ValueError("an identity has 1 to 8191 bytes")
    numbers = b"".join(number.to_bytes(32, "big") for number in (_A, _B, _GX, _GY, key.x, key.y))
    z = _sm3((len(identity) * 8).to_bytes(2, "big") + identity + numbers)
    return int.from_bytes(_sm3(z + message), "big")


def _sm3(data: bytes) -> bytes:
    hashed = Hash(SM3())
    hashed.update(data)
    return hashed.finalize()


def _number_of(pem: str) -> int:
    body, _ = der.remove_sequence(der.unpem(pem))
    version, body = der.remove_integer(body)
    if version == 0:  # PKCS#8 wraps the bare key, whose version is 1.
        algorithm, body = der.remove_sequence(body)
        if _oids(algorithm) != (_EC_KEY, _SM2):
            raise UnusableKey("not an SM2 private key")
        wrapped, _ = der.remove_octet_string(body)
        inside, _ = der.remove_sequence(wrapped)
        version, body = der.remove_integer(inside)
    number, _ = der.remove_octet_string(body)
    if version != 1 or len(number) > 32:
        raise UnusableKey("not an SM2 private key")
    return int.from_bytes(number, "big")


def _key_of_certificate(body: bytes) -> bytes:
    """The SubjectPublicKeyInfo of an X.509 certificate (RFC 5280, 4.1)."""
    whole, _ = der.remove_sequence(body)
    signed, _ = der.remove_sequence(whole)
    _, _, rest = der.remove_constructed(signed)
    _, rest = der.remove_integer(rest)
    for _ in range(4):  # Signature algorithm, issuer, validity, subject.
        _, rest = der.remove_sequence(rest)
    inside, _ = der.remove_sequence(rest)
    return bytes(der.encode_sequence(bytes(inside)))


def _oids(algorithm: bytes) -> tuple[tuple[int, ...], tuple[int, ...]]:
    kind, rest = der.remove_object(algorithm)
    curve, rest = der.remove_object(rest)
    if rest:
        raise UnusableKey("an algorithm with unknown parameters")
    return kind, curve
