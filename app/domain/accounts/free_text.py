"""Free text of citizens 用户填写的文字: asked about at WeChat before anybody else reads it.

The mini-program's rules ask for it (内容安全). WeChat's opinion never loses a text that may be good: only
what it calls risky is refused, and what it could not judge is kept and marked for a person to read.
"""

import asyncio
import logging
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.domain.accounts import followers
from app.domain.accounts.errors import TextNotAllowed
from app.gateways import wechat
from app.gateways.wechat import TextVerdict, WeChatError
from app.kit import audit

log = logging.getLogger("weiban.accounts")

_COMMENT: Final = 2
"""WeChat's scene 评论: words one person addresses to others."""
_PATIENCE_S: Final = 3.0
_PIECE: Final = 2500


class Finding(StrEnum):
    """What WeChat made of a text."""

    CLEAN = "clean"
    FOR_REVIEW = "for_review"
    """It may be against the rules: a person decides."""
    UNREVIEWED = "unreviewed"
    """WeChat could not be asked: a person reads it too."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """``label`` and ``trace_id`` are WeChat's own, as far as it gave any."""

    finding: Finding
    label: int | None = None
    trace_id: str | None = None


async def check(person_id: UUID, text: str) -> Opinion:
    """WeChat's opinion of a text this person is about to hand in; call it outside of a transaction.

    Raises TextNotAllowed.
    """
    mini_program = wechat.current().mp
    addresses = (await followers.addresses_of([person_id])).get(person_id, [])
    openid = next((one.openid for one in addresses if one.appid == mini_program.appid), None)
    if openid is None:
        return Opinion(Finding.UNREVIEWED)
    try:
        async with asyncio.timeout(_PATIENCE_S):
            verdicts = [
                await mini_program.check_text(openid, text[start : start + _PIECE], scene=_COMMENT)
                for start in range(0, len(text), _PIECE)
            ]
    except (WeChatError, TimeoutError) as failed:
        # Mostly somebody who has not used the mini-program for two hours (61010), or WeChat is away.
        log.warning("a text was not checked: %s", type(failed).__name__)
        return Opinion(Finding.UNREVIEWED)
    return _opinion(verdicts)


async def mark(opinion: Opinion, person_id: UUID, target: str) -> None:
    """Note in the audit log that a person must read this text; last in the transaction that keeps it."""
    if opinion.finding is not Finding.CLEAN:
        detail = {"label": opinion.label, "trace_id": opinion.trace_id}
        await audit.record(audit.person(person_id), f"text_{opinion.finding}", target, detail=detail)


def _opinion(verdicts: list[TextVerdict]) -> Opinion:
    for suggest in ("risky", "review"):
        found = next((one for one in verdicts if one.suggest == suggest), None)
        if found is not None and suggest == "risky":
            raise TextNotAllowed
        if found is not None:
            return Opinion(Finding.FOR_REVIEW, found.label, found.trace_id)
    return Opinion(Finding.CLEAN)
