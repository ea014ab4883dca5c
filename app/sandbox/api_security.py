"""The platform's side of API signing and encryption: opens the mini-program's calls, seals the answers.

Written from WeChat's guide (服务端 API 签名加密指南) and not from our client, so that each proves the other.
"""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Self

import orjson
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from sanic import HTTPResponse, Request

from app.kit import clock, sm2
from app.sandbox.answers import PlatformRefusal
from config.settings import Settings

_HOST: Final = "https://api.weixin.qq.com"
_LATE_S: Final = 300
# The pages of these calls say 支持加密请求; the platform knows more of them than we use.
_SEALABLE: Final = frozenset(
    {
        "/cgi-bin/clear_quota",
        "/cgi-bin/message/custom/send",
        "/cgi-bin/message/subscribe/send",
        "/cgi-bin/openapi/quota/get",
        "/cgi-bin/openapi/rid/get",
        "/cgi-bin/wxaapp/createwxaqrcode",
        "/wxa/business/getuserphonenumber",
        "/wxa/getwxacode",
        "/wxa/getwxacodeunlimit",
        "/wxa/media_check_async",
        "/wxa/msg_sec_check",
    }
)

Key = rsa.RSAPrivateKey | sm2.PrivateKey


@dataclass(frozen=True, slots=True)
class PlatformKeys:
    """What the account's page 开发设置 · API 安全 holds; ``developer`` stands for its uploaded public key.

    ``certificate`` is the platform's own key by number; ``leaving`` is the one it is about to replace.
    """

    appid: str
    suite: Literal["aes-rsa", "sm4-sm2"]
    sym_sn: str
    sym_key: bytes = field(repr=False)
    developer_sn: str
    developer: Key = field(repr=False)
    certificate: tuple[str, Key] = field(repr=False)
    leaving: tuple[str, Key] | None = field(default=None, repr=False)

    @classmethod
    def from_settings(cls, settings: Settings) -> Self | None:
        """The counterpart of a server with these settings; None if the switch is off or no key is lent."""
        suite, lent = settings.mp_api_security, settings.sandbox_api_private_key
        if suite == "off" or lent is None or not settings.mp_api_sym_key or not settings.mp_api_private_key:
            return None
        read = _rsa_key if suite == "aes-rsa" else sm2.PrivateKey.from_pem
        return cls(
            appid=settings.mp_appid,
            suite=suite,
            sym_sn=settings.mp_api_sym_sn or "",
            sym_key=base64.b64decode(settings.mp_api_sym_key.get_secret_value()),
            developer_sn=settings.mp_api_key_sn or "",
            developer=read(settings.mp_api_private_key.get_secret_value()),
            certificate=(settings.mp_api_platform_sn or "", read(lent.get_secret_value())),
        )


class ApiSecurity:
    """Stands in the gate: ``opened`` before a sealable call of the mini-program is done, ``sealed`` after."""

    def __init__(self, keys: PlatformKeys) -> None:
        self._keys = keys

    def concerns(self, path: str, appid: str | None) -> bool:
        """Whether this account must seal its calls to this path; ``appid`` is the token's owner."""
        return appid == self._keys.appid and path in _SEALABLE

    def opened(self, request: Request) -> bytes:
        """The plain JSON of a sealed call. Raises PlatformRefusal 40231–40240."""
        return self.open(request.path, request.headers, request.body)

    def open(self, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
        """The same of the bare parts; header names count in any case."""
        given = {name.lower(): value for name, value in headers.items()}
        for name, missing in (("appid", 40233), ("timestamp", 40231), ("signature", 40232)):
            if not given.get(f"wechatmp-{name}"):
                raise PlatformRefusal(missing)
        if given["wechatmp-appid"] != self._keys.appid:
            raise PlatformRefusal(40237)
        at = given["wechatmp-timestamp"]
        if not at.isdigit() or abs(int(at) - clock.seconds()) > _LATE_S:
            raise PlatformRefusal(40240)
        message = b"\n".join((*(part.encode() for part in (_HOST + path, self._keys.appid, at)), body))
        if not self._is_developers(message, given["wechatmp-signature"]):
            raise PlatformRefusal(40234)
        return self._decrypted(path, at, body)

    def sealed(self, path: str, answer: HTTPResponse) -> HTTPResponse:
        """The answer in the platform's form: JSON encrypted and signed, a picture signed as it is."""
        plain = answer.body or b""
        body, headers = self.seal(path, plain, is_picture=not plain.startswith(b"{"))
        return HTTPResponse(
            body, status=answer.status, headers=headers, content_type=str(answer.content_type)
        )

    def seal(self, path: str, plain: bytes, *, is_picture: bool = False) -> tuple[bytes, dict[str, str]]:
        """The body and headers of an answer, signed by both certificates while one replaces the other."""
        keys, at = self._keys, int(clock.seconds())
        body = plain if is_picture else self._encrypted(path, at, orjson.loads(plain))
        message = f"{_HOST}{path}\n{keys.appid}\n{at}\n".encode() + body
        headers = {"Wechatmp-Appid": keys.appid, "Wechatmp-TimeStamp": str(at)}
        for suffix, pair in (("", keys.certificate), ("-Deprecated", keys.leaving)):
            if pair is not None:
                headers[f"Wechatmp-Serial{suffix}"] = pair[0]
                headers[f"Wechatmp-Signature{suffix}"] = _encoded(_signature(*pair, message))
        return body, headers

    def _is_developers(self, message: bytes, signature: str) -> bool:
        key, raw = self._keys.developer, _decoded(signature)
        if isinstance(key, sm2.PrivateKey):
            return key.public.verify(message, raw, self._keys.developer_sn.encode())
        try:
            key.public_key().verify(raw, message, _pss(), hashes.SHA256())
        except InvalidSignature:
            return False
        return True

    def _decrypted(self, path: str, at: str, body: bytes) -> bytes:
        keys = self._keys
        aad = "|".join((_HOST + path, keys.appid, at, keys.sym_sn)).encode()
        try:
            envelope = orjson.loads(body)
            iv, data, tag = (_decoded(envelope[name]) for name in ("iv", "data", "authtag"))
            fields = orjson.loads(_decrypt(keys, iv, data, tag, aad))
            proof = {name: fields.pop(name) for name in ("_n", "_appid", "_timestamp")}
        except (ValueError, KeyError, TypeError, AttributeError, InvalidTag):
            raise PlatformRefusal(40235) from None
        if not proof["_n"] or proof["_appid"] != keys.appid or proof["_timestamp"] != int(at):
            raise PlatformRefusal(40235)
        return orjson.dumps(fields)

    def _encrypted(self, path: str, at: int, fields: dict[str, Any]) -> bytes:
        keys, iv = self._keys, secrets.token_bytes(12)
        aad = f"{_HOST}{path}|{keys.appid}|{at}|{keys.sym_sn}".encode()
        proof = {"_n": secrets.token_urlsafe(16), "_appid": keys.appid, "_timestamp": at}
        plain = orjson.dumps(proof | fields)
        if keys.suite == "aes-rsa":
            whole = AESGCM(keys.sym_key).encrypt(iv, plain, aad)
            data, tag = whole[:-16], whole[-16:]
        else:
            cipher = Cipher(algorithms.SM4(keys.sym_key), modes.GCM(iv)).encryptor()
            cipher.authenticate_additional_data(aad)
            data, tag = cipher.update(plain) + cipher.finalize(), cipher.tag
        return orjson.dumps({"iv": _encoded(iv), "data": _encoded(data), "authtag": _encoded(tag)})


def _decrypt(keys: PlatformKeys, iv: bytes, data: bytes, tag: bytes, aad: bytes) -> bytes:
    if keys.suite == "aes-rsa":
        return AESGCM(keys.sym_key).decrypt(iv, data + tag, aad)
    cipher = Cipher(algorithms.SM4(keys.sym_key), modes.GCM(iv, tag)).decryptor()
    cipher.authenticate_additional_data(aad)
    return cipher.update(data) + cipher.finalize()


def _signature(number: str, key: Key, message: bytes) -> bytes:
    # With SM2 the platform signs under the number of its certificate, not under the usual identity.
    if isinstance(key, sm2.PrivateKey):
        return key.sign(message, number.encode())
    return key.sign(message, _pss(), hashes.SHA256())


def _pss() -> padding.PSS:
    return padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)


def _rsa_key(pem: str) -> rsa.RSAPrivateKey:
    key = load_pem_private_key(pem.encode(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("not an RSA key")
    return key


def _encoded(raw: bytes) -> str:
    return base64.standard_b64encode(raw).decode()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""
