"""Questions of a node below us, asked on of the node above us (多级对接, F06).

A partner may relay for the purposes that stand in its registration. It vouches for the person's consent
where the purpose needs one: it is the one that met the person, and its own gate asked for it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from app.domain.partners.admission import Pusher
from app.domain.partners.errors import RelayNotAllowed
from app.gateways import exchange
from app.gateways.exchange import Library, LibraryRecord, NotConnected, Purpose
from app.gateways.exchange.choice import own_key
from app.gateways.exchange.purposes import GRANTS, Source
from app.gateways.exchange.signing import answer_headers
from app.kit import crypto, db, limits, signing
from app.kit.signing import Algorithm
from config import settings

PURPOSES: Final = tuple(sorted(purpose for purpose, source in GRANTS if source is Source.LIBRARIES))
"""What may be relayed: questions to the base libraries."""

_MAY: Final = "SELECT coalesce(relays ? $2, false) FROM partner_system WHERE id = $1"
_KEY: Final = "SELECT algorithm, secret_sealed FROM partner_key WHERE id = $1"


async def records(
    asker: Pusher, library: Library, subject: str, fields: Sequence[str], purpose: Purpose
) -> Sequence[LibraryRecord]:
    """What the library above holds about a subject.

    Raises RelayNotAllowed, ShareRefused for a field without a ground, TooOften, NotConnected, ExchangeDown.
    """
    if not await db.fetch_value(_MAY, asker.system_id, purpose.value):
        raise RelayNotAllowed
    allowance = settings.current().partner_relays_per_minute
    await limits.hit("relay", asker.code, allowance=allowance, per_s=60, closed=True)
    answered = await exchange.libraries().look_up(library, subject, fields, purpose=purpose, has_consent=True)
    return answered.value


async def signed(headers: Mapping[str, str], body: bytes) -> dict[str, str]:
    """The headers that prove our answer to an admitted question with these headers.

    Raises NotConnected if the asker signs with SM2 and we have no key for that.
    """
    row = await db.fetch_one(_KEY, headers[signing.KEY])
    if row is None:
        raise RelayNotAllowed
    nonce = headers[signing.NONCE]
    if Algorithm(row["algorithm"]) is Algorithm.HMAC:
        return answer_headers(crypto.unseal(row["secret_sealed"]), nonce, body)
    try:
        own = own_key()
    except settings.BadSettings:
        raise NotConnected from None
    # Milliseconds of arithmetic: other requests go on meanwhile.
    return await asyncio.to_thread(answer_headers, own, nonce, body)
