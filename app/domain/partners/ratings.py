"""Ratings (纳税信用级别) that the tax authority's system pushes: of no case, written together."""

from collections.abc import Iterable
from typing import Any, Final

from app.domain.credit_ratings import corrections
from app.domain.credit_ratings.corrections import Told
from app.domain.partners.kinds import Message, MessageKind, MessageState
from app.domain.partners.ledger import Verdict

REFUSED: Final = "partner_rating_refused"


async def judge(messages: Iterable[Message], who: str) -> dict[int, Verdict]:
    """Write the ratings among messages and answer the verdict on each, by sequence.

    Of two about one enterprise and year the one with the higher sequence counts, within a push; over
    pushes the later push does. Joins the caller's transaction.
    """
    found = [one for one in messages if one.kind is MessageKind.CREDIT_RATING]
    if not found:
        return {}
    found.sort(key=lambda one: one.sequence)
    reasons = await corrections.apply([_told(one) for one in found], actor=who)
    return {
        one.sequence: Verdict(MessageState.REFUSED, REFUSED, why[:300])
        if why
        else Verdict(MessageState.APPLIED)
        for one, why in zip(found, reasons, strict=True)
    }


def _told(message: Message) -> Told:
    facts: Any = message.facts
    return Told(
        taxpayer_id=facts["taxpayer_id"],
        name=facts["name"],
        year=facts["year"],
        level=facts["level"],
        score=facts.get("score", ""),
        starting_score=facts.get("starting_score", ""),
        authority=facts.get("authority", ""),
    )
