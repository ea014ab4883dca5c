"""Certificates (电子证照) that an issuer's system pushes: of no case, written together."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

from app.domain.certificates import identifiers, intake
from app.domain.certificates.intake import Told
from app.domain.certificates.models import HolderKind, Status, Trust
from app.domain.partners.kinds import Message, MessageKind, MessageState
from app.domain.partners.ledger import Verdict

REFUSED: Final = "partner_certificate_refused"


async def judge(messages: Iterable[Message], who: str) -> dict[int, Verdict]:
    """Write the certificates among messages and answer the verdict on each, by sequence.

    One that tells of an earlier moment than what is known is applied and changes nothing. Joins the caller's
    transaction.
    """
    found = [one for one in messages if one.kind is MessageKind.CERTIFICATE]
    found.sort(key=lambda one: one.sequence)
    reasons = await intake.take_in([_told(one) for one in found], told_by=who)
    return {
        one.sequence: Verdict(MessageState.REFUSED, REFUSED, why) if why else Verdict(MessageState.APPLIED)
        for one, why in zip(found, reasons, strict=True)
    }


def _told(message: Message) -> Told:
    facts: Any = message.facts
    issued_on = date.fromisoformat(facts["issued_on"])
    return Told(
        identifier=identifiers.read(facts["identifier"]),
        name=facts["name"],
        number=facts["number"],
        issuer_name=facts["issuer_name"],
        holder_kind=HolderKind(facts["holder_kind"]),
        holder_number=facts["holder_number"],
        holder_name=facts["holder_name"],
        issued_on=issued_on,
        valid_from=date.fromisoformat(facts["valid_from"]) if facts.get("valid_from") else issued_on,
        valid_until=date.fromisoformat(facts["valid_until"]) if facts.get("valid_until") else None,
        trust=Trust(facts.get("trust", Trust.A)),
        status=Status(facts.get("status", Status.VALID)),
        told_at=datetime.fromisoformat(facts["at"]),
    )
