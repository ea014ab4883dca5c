"""Text messages 短信: to the proven phone of a person, and back the receipts of the operator."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from app.domain.accounts import phones
from app.domain.accounts.phones import RefusedPhone
from app.gateways import sms
from app.gateways.sms import Refusal, SmsReceipt, SmsRefused, SmsUnreachable, TextMessage
from app.kit import crypto, db
from notifications.messages import FilledSms
from notifications.outlets import SMS_ACCOUNT
from notifications.queue import Key

SUCCESS: Final = "success"
_FAILED: Final = "failed:"
_MOST_PULLS: Final = 20
# As a refusal and as a receipt's result say it.
_LASTING: Final[Mapping[int | str | None, Refusal]] = {
    **{int(refusal): refusal for refusal in sms.LASTING},
    **{f"{_FAILED}{refusal.name}": refusal for refusal in sms.LASTING},
}


async def send(person_id: UUID, filled: FilledSms, out_id: str) -> str:
    """Hand one message to the operator; answers its serial, by which the receipt is known.

    ``out_id`` (at most 32 characters) is the notification's own. The phone is unsealed here and nowhere
    before. Raises SmsRefused, also for a person who has no phone that takes messages any more, and
    SmsUnreachable.
    """
    sealed = (await phones.sealed_phones_of([person_id])).get(person_id)
    if sealed is None:
        raise SmsRefused(Refusal.NO_PHONE, "no proven phone that takes messages")
    try:
        operator = sms.connector()
    except sms.NotConnected:
        raise SmsUnreachable("not connected", sent_maybe=False) from None
    try:
        phone = crypto.unseal(sealed)
    except crypto.CannotUnseal as locked:
        raise SmsRefused(Refusal.NO_PHONE, str(locked)) from None
    return await operator.send(TextMessage(phone, filled.code, filled.params, filled.text, out_id))


async def suppress(told: Mapping[Key, int | str | None]) -> None:
    """Send no more text messages to phones that were refused for good, in the caller's transaction.

    ``told`` is what came back for each message: an error code, or the result of its receipt.
    """
    lasting = {key: _LASTING[what] for key, what in told.items() if what in _LASTING}
    if not lasting:
        return
    rows = await db.fetch(
        "SELECT n.person_id, n.sending_at, d.because"
        " FROM unnest($1::bigint[], $2::timestamptz[], $3::text[]) AS d (id, committed_at, because)"
        " JOIN notification n ON n.id = d.id AND n.committed_at = d.committed_at AND n.channel = 'sms'"
        " WHERE n.sending_at IS NOT NULL",
        [key.id for key in lasting],
        [key.committed_at for key in lasting],
        [refusal.name.lower() for refusal in lasting.values()],
    )
    await phones.suppress([RefusedPhone(row["person_id"], row["sending_at"], row["because"]) for row in rows])


async def pull_receipts() -> int:
    """Append what the operator reports, then acknowledge it; answers how many.

    A worker that dies between the two is told the same again, and a receipt appended twice applies once.
    Raises SmsRefused or SmsUnreachable.
    """
    if not sms.is_connected():
        return 0
    operator, pulled = sms.connector(), 0
    for _ in range(_MOST_PULLS):
        found = await operator.receipts()
        if not found:
            break
        await _append(found)
        await operator.acknowledge(found)
        pulled += len(found)
    return pulled


async def _append(receipts: Sequence[SmsReceipt]) -> None:
    """As openid stands our own id: by it a receipt finds a message whose serial was lost on its way."""
    await db.execute(
        "INSERT INTO notification_receipt (account_id, msgid, openid, result)"
        " SELECT $1, d.msgid, d.openid, d.result"
        " FROM unnest($2::text[], $3::text[], $4::text[]) AS d (msgid, openid, result)",
        SMS_ACCOUNT,
        [receipt.serial.replace("\0", "") for receipt in receipts],
        [receipt.out_id.replace("\0", "")[:64] for receipt in receipts],
        [
            SUCCESS if receipt.is_delivered else f"{_FAILED}{receipt.reason}".replace("\0", "")[:80]
            for receipt in receipts
        ],
    )
