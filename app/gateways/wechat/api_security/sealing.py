"""Sealing a mini-program's calls to WeChat and opening the answers, as the guide says, and strictly.

Source: 服务端 API 签名加密指南. A call is encrypted, then signed over
``address \\n appid \\n timestamp \\n body``; the cipher authenticates ``address|appid|timestamp|key number``.
An answer comes in the same form, signed with the platform's key; around the change of the platform's
certificate it carries two signatures, one of the new and one of the old (``-Deprecated``).
"""

import base64
import binascii
import logging
import secrets
from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson
from cryptography.exceptions import InvalidTag

from app.gateways.wechat.api_security.errors import (
    BadSeal,
    BadSignature,
    ForeignAnswer,
    MissingProof,
    ReplayedAnswer,
    StaleAnswer,
    UnknownSerial,
)
from app.gateways.wechat.api_security.suites import IV_BYTES, TAG_BYTES, Suite
from app.kit import clock

log = logging.getLogger("weiban.wechat")

WINDOW_S: Final = 300
"""How far, in seconds, an answer's time may be from ours."""

ORIGIN: Final = "https://api.weixin.qq.com"
"""What is signed is WeChat's own address, whichever proxy or second host the call goes through."""

PICTURES: Final = frozenset({"/wxa/getwxacode", "/wxa/getwxacodeunlimit", "/cgi-bin/wxaapp/createwxaqrcode"})
COVERED: Final = PICTURES | {
    "/wxa/business/getuserphonenumber",
    "/wxa/msg_sec_check",
    "/wxa/media_check_async",
    "/cgi-bin/message/subscribe/send",
    "/cgi-bin/message/custom/send",
    "/cgi-bin/openapi/quota/get",
    "/cgi-bin/openapi/rid/get",
    "/cgi-bin/clear_quota",
}
"""Of the calls we make, those whose page says 支持加密请求; token and login calls are not among them."""

_BEFORE_OPENING: Final = frozenset(
    {-1, 40001, 40013, 40014, 41001, 42001, 43002, 44990, 45009, 45011, 48001, 50002, *range(40230, 40241)}
)
"""Errors WeChat's gate gives before it has opened a call, and so cannot seal."""

_IMAGE_HEADS: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


class SealedCalls:
    """One mini-program's calls, sealed with one suite; keeps the nonces of recent answers."""

    def __init__(self, appid: str, suite: Suite, sym_sn: str) -> None:
        self._appid = appid
        self._suite = suite
        self._sym_sn = sym_sn
        self._seen: dict[str, float] = {}

    def __repr__(self) -> str:
        return f"<SealedCalls {self._appid} {type(self._suite).__name__}>"

    def covers(self, path: str) -> bool:
        """Whether calls to this path are sealed."""
        return path in COVERED

    def seal(self, path: str, query: Mapping[str, str], body: bytes) -> tuple[bytes, Mapping[str, str]]:
        """The sealed body and its headers; ``query``, without the token, goes inside beside the body."""
        timestamp = int(clock.seconds())
        proof = {"_n": _nonce(), "_appid": self._appid, "_timestamp": timestamp}
        plain = orjson.dumps({**query, **orjson.loads(body or b"{}"), **proof})
        iv = secrets.token_bytes(IV_BYTES)
        data, tag = self._suite.encrypt(iv, plain, self._aad(path, str(timestamp)))
        sealed = orjson.dumps({"iv": _text(iv), "data": _text(data), "authtag": _text(tag)})
        signature = self._suite.sign(self._signed(path, str(timestamp), sealed))
        return sealed, {
            "Wechatmp-Appid": self._appid,
            "Wechatmp-TimeStamp": str(timestamp),
            "Wechatmp-Signature": _text(signature),
        }

    def open(self, path: str, status: int, headers: Mapping[str, str], body: bytes) -> bytes:
        """The plain body of an answer. Raises UntrustedAnswer unless every proof is right.

        Unsigned may be: an error of WeChat's gate, which has not opened the call, and a picture, since
        the guide seals JSON only. A server's own 5xx never gets here.
        """
        given = {name.lower(): value for name, value in headers.items()}
        if "wechatmp-signature" not in given and "wechatmp-serial" not in given:
            if _is_gate_error(body) or (path in PICTURES and status == 200 and body.startswith(_IMAGE_HEADS)):
                return body
            raise MissingProof(path)
        timestamp = self._checked_time(path, given)
        self._check_signature(path, timestamp, given, body)
        if path in PICTURES and body.startswith(_IMAGE_HEADS):
            return body
        return self._decrypt(path, timestamp, body)

    def _checked_time(self, path: str, given: Mapping[str, str]) -> str:
        appid, timestamp = given.get("wechatmp-appid"), given.get("wechatmp-timestamp", "")
        if appid is None or not timestamp:
            raise MissingProof(path)
        if appid != self._appid:
            raise ForeignAnswer(path)
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
            raise StaleAnswer(path)
        if abs(int(timestamp) - clock.seconds()) > WINDOW_S:
            raise StaleAnswer(path)
        return timestamp

    def _check_signature(self, path: str, timestamp: str, given: Mapping[str, str], body: bytes) -> None:
        message = self._signed(path, timestamp, body)
        for serial, signature, is_old in _signatures(path, given):
            try:
                is_right = self._suite.verify(serial, message, _bytes(signature))
            except KeyError:
                continue
            except ValueError:
                raise BadSignature(path) from None
            if not is_right:
                raise BadSignature(path)
            if is_old:
                log.warning("WeChat is replacing the platform certificate %s: download the new one", serial)
            return
        raise UnknownSerial(path)

    def _decrypt(self, path: str, timestamp: str, body: bytes) -> bytes:
        try:
            sealed = orjson.loads(body)
            iv, data, tag = (_bytes(sealed[name]) for name in ("iv", "data", "authtag"))
            if len(iv) != IV_BYTES or len(tag) != TAG_BYTES:
                raise BadSeal(path)
            fields = orjson.loads(self._suite.decrypt(iv, data, tag, self._aad(path, timestamp)))
            nonce, appid, inner = (fields.pop(name) for name in ("_n", "_appid", "_timestamp"))
        except (ValueError, KeyError, TypeError, AttributeError, InvalidTag):
            raise BadSeal(path) from None
        if appid != self._appid:
            raise ForeignAnswer(path)
        if str(inner) != timestamp:
            raise StaleAnswer(path)
        self._check_fresh(path, nonce)
        return orjson.dumps(fields)

    def _check_fresh(self, path: str, nonce: Any) -> None:
        """An answer to one person's call must not be handed in again as the answer to another's."""
        now = clock.seconds()
        if not isinstance(nonce, str) or not nonce:
            raise BadSeal(path)
        while self._seen and (oldest := next(iter(self._seen))) and now - self._seen[oldest] > 2 * WINDOW_S:
            del self._seen[oldest]
        if nonce in self._seen:
            raise ReplayedAnswer(path)
        self._seen[nonce] = now

    def _aad(self, path: str, timestamp: str) -> bytes:
        return f"{ORIGIN}{path}|{self._appid}|{timestamp}|{self._sym_sn}".encode()

    def _signed(self, path: str, timestamp: str, body: bytes) -> bytes:
        return f"{ORIGIN}{path}\n{self._appid}\n{timestamp}\n".encode() + body


def _signatures(path: str, given: Mapping[str, str]) -> Iterator[tuple[str, str, bool]]:
    """Serial and signature, the new one first; a serial without its signature is no proof."""
    for suffix, is_old in (("", False), ("-deprecated", True)):
        serial = given.get(f"wechatmp-serial{suffix}")
        signature = given.get(f"wechatmp-signature{suffix}")
        if serial and signature:
            yield serial, signature, is_old
        elif serial or signature or not is_old:
            raise MissingProof(path)


def _is_gate_error(body: bytes) -> bool:
    try:
        fields = orjson.loads(body)
        return isinstance(fields, dict) and int(fields.get("errcode") or 0) in _BEFORE_OPENING
    except (ValueError, TypeError):
        return False


def _nonce() -> str:
    """16 to 32 random bytes, not always the same number of them, as the guide advises."""
    return _text(secrets.token_bytes(16 + secrets.randbelow(17)))


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: Any) -> bytes:
    """Strict base64. Raises ValueError."""
    if not isinstance(text, str):
        raise ValueError("not base64")
    try:
        return base64.b64decode(text.encode("ascii", "strict"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise ValueError("not base64") from None
