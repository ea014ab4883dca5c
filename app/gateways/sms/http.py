"""An operator over HTTP, signed as the data exchange is (``app/kit/signing.py``).

``POST {url}/v1/messages`` ``{phone, signature, code, params, text, out_id}`` → ``{serial}`` or
``{refusal, text}`` with a number of ``Refusal``;
``POST {url}/v1/receipts`` ``{}`` → ``{receipts: [{serial, out_id, is_delivered, reason}]}``, the reason
``EMPTY_NUMBER`` or ``BLACKLISTED`` if it is that;
``POST {url}/v1/acknowledgements`` ``{serials: […]}`` → ``{}``.

A message is tried once a call: only the sender knows whether another try could be a second message.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
import orjson

from app.gateways.exchange.circuit import Circuit, CircuitOpen
from app.gateways.sms.contract import Refusal, SmsReceipt, SmsRefused, SmsUnreachable, TextMessage
from app.kit import bounded, masking
from app.kit.signing import signed_headers

log = logging.getLogger(__name__)

MESSAGES: Final = "/v1/messages"
RECEIPTS: Final = "/v1/receipts"
ACKNOWLEDGEMENTS: Final = "/v1/acknowledgements"

# What a status says where the operator does not say it in words.
_BY_STATUS: Final = {
    400: Refusal.CONTENT,
    401: Refusal.ACCOUNT,
    402: Refusal.BALANCE,
    403: Refusal.ACCOUNT,
    413: Refusal.CONTENT,
    422: Refusal.CONTENT,
    429: Refusal.TOO_FAST,
    503: Refusal.BUSY,
}
_LARGEST_ANSWER: Final = 1024 * 1024
_LARGEST_CODE: Final = 2**31 - 1  # As the database keeps it.
_LONGEST_SERIAL: Final = 64
_CONNECT_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    content: Mapping[str, Any] | None


class HttpSms:
    """See ``SmsConnector``. Time limits are in seconds."""

    def __init__(
        self,
        url: str,
        key: str,
        secret: str,
        *,
        signature: str,
        timeout_s: float = 5,
        circuit: Circuit | None = None,
    ) -> None:
        self._url = url.rstrip("/")
        self._prefix = urlsplit(self._url).path
        self._key, self._secret = key, secret
        self._signature = signature
        self._timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=min(_CONNECT_S, timeout_s))
        self.circuit = circuit or Circuit(SmsUnreachable)
        self._session: aiohttp.ClientSession | None = None

    async def send(self, message: TextMessage) -> str:
        answer = await self._ask(
            MESSAGES,
            {
                "phone": message.phone,
                "signature": self._signature,
                "code": message.code,
                "params": dict(message.params),
                "text": message.text,
                "out_id": message.out_id,
            },
        )
        serial = _serial(answer)
        if serial is None:
            raise SmsUnreachable("an answer without a serial", sent_maybe=True)
        return serial

    async def receipts(self) -> Sequence[SmsReceipt]:
        answer = await self._ask(RECEIPTS, {})
        given = answer.get("receipts")
        if not isinstance(given, list):
            raise SmsUnreachable("no list of receipts", sent_maybe=False)
        found = [receipt for receipt in map(_receipt, given) if receipt is not None]
        if len(found) < len(given):
            log.error("%s receipts of text messages cannot be read", len(given) - len(found))
            readable = {receipt.serial for receipt in found}
            await self._let_go([serial for serial in map(_serial, given) if serial not in readable])
        return found

    async def acknowledge(self, receipts: Sequence[SmsReceipt]) -> None:
        await self._let_go([receipt.serial for receipt in receipts])

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _let_go(self, serials: Sequence[str | None]) -> None:
        known = [serial for serial in serials if serial is not None]
        if known:
            await self._ask(ACKNOWLEDGEMENTS, {"serials": known})

    async def _ask(self, path: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        """The content of an answer that is no refusal."""
        try:
            async with self.circuit.guard():
                answer = await self._once(path, orjson.dumps(facts))
        except CircuitOpen as left_alone:
            raise SmsUnreachable(str(left_alone), sent_maybe=False) from None
        content = answer.content or {}
        refusal = content.get("refusal", _BY_STATUS.get(answer.status))
        if isinstance(refusal, int) and not isinstance(refusal, bool) and abs(refusal) <= _LARGEST_CODE:
            raise SmsRefused(refusal, _words(content.get("text")))
        if answer.status != 200 or answer.content is None or refusal is not None:
            raise SmsUnreachable(f"status {answer.status} without sense", sent_maybe=True)
        return content

    async def _once(self, path: str, body: bytes) -> _Answer:
        headers = signed_headers(self._key, self._secret, "POST", self._prefix + path, body)
        headers["Content-Type"] = "application/json"
        try:
            async with self._connected().post(
                self._url + path, data=body, headers=headers, allow_redirects=False
            ) as response:
                raw = await bounded.read(response, _LARGEST_ANSWER)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise SmsUnreachable("cannot connect", sent_maybe=False) from None
        except TimeoutError:
            raise SmsUnreachable("no answer in time", sent_maybe=True) from None
        except bounded.TooLarge:
            raise SmsUnreachable("an answer too large", sent_maybe=True) from None
        except (aiohttp.ClientError, OSError) as broken:
            raise SmsUnreachable(type(broken).__name__, sent_maybe=True) from None
        if response.status >= 500 and response.status not in _BY_STATUS:
            raise SmsUnreachable(f"status {response.status}", sent_maybe=True)
        return _Answer(response.status, _object(raw))

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self._session


def _object(raw: bytes) -> Mapping[str, Any] | None:
    try:
        content = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    return content if isinstance(content, dict) else None


def _words(text: object) -> str:
    """What the operator says of it; some repeat the phone, which has no place in a log."""
    return masking.mask_numbers(text)[:100] if isinstance(text, str) else ""


def _serial(given: object) -> str | None:
    serial = given.get("serial") if isinstance(given, dict) else None
    return serial if isinstance(serial, str) and 0 < len(serial) <= _LONGEST_SERIAL else None


def _receipt(given: object) -> SmsReceipt | None:
    """A receipt as told; None for one that nobody can use."""
    serial = _serial(given)
    if not isinstance(given, dict) or serial is None or not isinstance(given.get("is_delivered"), bool):
        return None
    out_id = given.get("out_id")
    return SmsReceipt(
        serial,
        out_id if isinstance(out_id, str) else "",
        given["is_delivered"],
        _words(given.get("reason")),
    )
