"""Checking a document by its code: what it says it is, and nothing of whom it concerns."""

import hmac
from dataclasses import dataclass
from datetime import datetime

from app.domain.cases import document_texts, lookup, numbers
from app.domain.cases.document_codes import SHOWN_DIGEST
from app.domain.cases.documents import CODE_LENGTH
from app.domain.cases.paper_errors import DocumentUnverified
from app.domain.cases.paper_models import CaseDocument, DocumentKind

_SHOWN = 4  # Signs at both ends of a number.


@dataclass(frozen=True, slots=True)
class Verified:
    """A document of ours; ``agrees`` says whether the digest given is its own, ``None`` if none was given."""

    title: str
    number: str
    office: str
    dated_at: datetime
    digest: str
    agrees: bool | None


async def verify(code: str, digest: str, *, asked_by: str) -> Verified:
    """The document of a code, blanks and dashes forgiven; ``digest`` is the one on the paper, if known.

    Call it outside a transaction: a failure is counted even though the check fails.

    Raises:
        DocumentUnverified: the same, after the same work, for every code that is not one of ours.
        LookupLocked: after five failures by this asker, or of this code, for 30 minutes.
    """
    sought = numbers.tidy(code).replace("-", "")[: CODE_LENGTH + 1]

    async def find() -> CaseDocument | None:
        return await CaseDocument.get_or_none(code=sought)

    found = await lookup.guarded([lookup.key("asker", asked_by), lookup.key("document", sought)], find)
    if found is None:
        raise DocumentUnverified
    shown = found.sha256[:SHOWN_DIGEST]
    given = numbers.tidy(digest).lower()
    return Verified(
        title=document_texts.TITLES[DocumentKind(found.kind)],
        number=_masked(found.case_number),
        office=found.office,
        dated_at=found.dated_at,
        digest=shown,
        agrees=hmac.compare_digest(given.encode(), shown.encode()) if given else None,
    )


def _masked(number: str) -> str:
    hidden = max(0, len(number) - 2 * _SHOWN)
    return number[:_SHOWN] + "*" * min(hidden, 8) + number[len(number) - _SHOWN :]
