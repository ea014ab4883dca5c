"""A pretend operator for local running and tests: keeps the last messages in Valkey, reaches no phone.

``weiban sms demo`` shows them. Some numbers, which no operator gives out, always fail in one way.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import uuid4

import orjson

from app.gateways.sms.contract import Refusal, SmsReceipt, SmsRefused, SmsUnreachable, TextMessage
from app.kit import cache, clock, masking

PHONE_EMPTY: Final = "10000000001"
"""Nobody has this number: refused at once and for ever."""
PHONE_BLACKLISTED: Final = "10000000002"
"""Its owner wants no text messages: refused at once and for ever."""
PHONE_BUSY: Final = "10000000003"
"""The operator is always busy when a message is for this number."""
PHONE_UNDELIVERED: Final = "10000000004"
"""Taken, and the receipt says that it did not arrive."""
PHONE_SILENT: Final = "10000000005"
"""Taken, and there never is a receipt."""
PHONE_UNANSWERED: Final = "10000000006"
"""Taken, but the answer is lost on its way; the receipt comes."""
PHONE_DAY_USED_UP: Final = "10000000007"
"""The daily quota is used up when a message is for this number."""

_REFUSED: Final = {
    PHONE_EMPTY: Refusal.EMPTY_NUMBER,
    PHONE_BLACKLISTED: Refusal.BLACKLISTED,
    PHONE_BUSY: Refusal.BUSY,
    PHONE_DAY_USED_UP: Refusal.DAY_USED_UP,
}

_MESSAGES: Final = "sms:demo:messages"
_RECEIPTS: Final = "sms:demo:receipts"
_MOST: Final = 100
_MOST_RECEIPTS: Final = 500
_KEEP_S: Final = 7 * 86_400


class DemoSms:
    """See ``SmsConnector``."""

    def __init__(self, signature: str) -> None:
        self._signature = signature

    async def send(self, message: TextMessage) -> str:
        if message.phone in _REFUSED:
            raise SmsRefused(_REFUSED[message.phone])
        serial = f"demo{uuid4().hex}"
        try:
            await self._keep(message, serial)
        except cache.CACHE_ERRORS as lost:
            raise SmsUnreachable(type(lost).__name__, sent_maybe=False) from None
        if message.phone == PHONE_UNANSWERED:
            raise SmsUnreachable("no answer in time", sent_maybe=True)
        return serial

    async def receipts(self) -> Sequence[SmsReceipt]:
        try:
            found = await cache.client().lrange(_RECEIPTS, 0, _MOST_RECEIPTS - 1)
        except cache.CACHE_ERRORS as lost:
            raise SmsUnreachable(type(lost).__name__, sent_maybe=False) from None
        return [SmsReceipt(**orjson.loads(raw)) for raw in found]

    async def acknowledge(self, receipts: Sequence[SmsReceipt]) -> None:
        try:
            async with cache.client().pipeline(transaction=False) as pipe:
                for receipt in receipts:
                    pipe.lrem(_RECEIPTS, 1, orjson.dumps(receipt).decode())
                await pipe.execute()
        except cache.CACHE_ERRORS as lost:
            raise SmsUnreachable(type(lost).__name__, sent_maybe=False) from None

    async def close(self) -> None:
        """There is nothing to close."""

    async def _keep(self, message: TextMessage, serial: str) -> None:
        shown = {
            "at": clock.now().isoformat(timespec="seconds"),
            "phone": masking.mask_phone(message.phone),
            "code": message.code,
            "text": f"【{self._signature}】{message.text}",
        }
        async with cache.client().pipeline(transaction=True) as pipe:
            pipe.lpush(_MESSAGES, orjson.dumps(shown))
            pipe.ltrim(_MESSAGES, 0, _MOST - 1)
            pipe.expire(_MESSAGES, _KEEP_S)
            if message.phone != PHONE_SILENT:
                arrived = message.phone != PHONE_UNDELIVERED
                receipt = SmsReceipt(serial, message.out_id, arrived, "" if arrived else "UNDELIV")
                pipe.rpush(_RECEIPTS, orjson.dumps(receipt))
                pipe.expire(_RECEIPTS, _KEEP_S)
            await pipe.execute()


async def last_messages() -> list[Mapping[str, str]]:
    """The last hundred messages, the newest first: when, to whom (masked), template and text.

    Raises CACHE_ERRORS.
    """
    return [orjson.loads(raw) for raw in await cache.client().lrange(_MESSAGES, 0, -1)]
