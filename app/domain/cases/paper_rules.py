"""Pure rules of papers: when an applicant may hand in what and how much, which events give documents."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from app.domain.cases import wording
from app.domain.cases.models import EXTENDED, UNDECIDED, CaseState
from app.domain.cases.paper_errors import (
    CannotJudge,
    MaterialHandedIn,
    NothingAsked,
    NothingHandedIn,
    PromiseDateInvalid,
    TooManyMaterials,
)
from app.domain.cases.paper_models import DocumentKind, MaterialState
from app.kit.errors import InvalidInput

MOST_FILES: Final = 20
MOST_BYTES: Final = 100 * 1024 * 1024
"""Files of one case, and bytes of all of them together."""
MOST_BYTES_A_DAY: Final = 500 * 1024 * 1024
"""Bytes one person uploads on one day, for all their cases: each is scanned, whatever becomes of it."""
LONGEST_TEXT: Final = 500
LONGEST_NAME: Final = 100
"""Signs of the words with an answer, and of a material's name."""
LONGEST_PROMISE: Final = timedelta(days=90)

DOCUMENTS: Final[Mapping[str, DocumentKind]] = {
    CaseState.SUBMITTED: DocumentKind.RECEIPT,
    CaseState.ACCEPTED: DocumentKind.ACCEPTANCE,
    CaseState.NOT_ACCEPTED: DocumentKind.NON_ACCEPTANCE,
    CaseState.SUPPLEMENT: DocumentKind.CORRECTION,
    CaseState.SUSPENDED: DocumentKind.SPECIAL_PROCEDURE,
    EXTENDED: DocumentKind.EXTENSION,
    CaseState.GRANTED: DocumentKind.GRANTING,
    CaseState.DENIED: DocumentKind.DENIAL,
    CaseState.DELIVERED: DocumentKind.DELIVERY,
}
"""Which document an event of this kind gives (行政许可法 32, 38, 42, 44, 45); all others give none."""

_REPLACEABLE: Final = (MaterialState.DECLARED, MaterialState.REJECTED)
_JUDGEABLE: Final = (MaterialState.UPLOADED,)


@dataclass(frozen=True, slots=True)
class Held:
    """A material as the rules see it."""

    state: MaterialState
    is_handed_in: bool


def check_may_add(state: CaseState, replaced: Held | None) -> None:
    """A file may come while the office asks for it, or in place of what was promised or rejected.

    Raises NothingAsked.
    """
    if state is CaseState.SUPPLEMENT:
        return
    if state not in UNDECIDED or replaced is None or replaced.state not in _REPLACEABLE:
        raise NothingAsked


def check_replaced(replaced: Held) -> None:
    """What stands and was handed in is not exchanged behind the office's back. Raises MaterialHandedIn."""
    if replaced.is_handed_in and replaced.state not in _REPLACEABLE:
        raise MaterialHandedIn


def check_room(files: int, size: int, new: int) -> None:
    """``files`` and ``size`` are what the case has, ``new`` the bytes to come. Raises TooManyMaterials."""
    if files >= MOST_FILES or size + new > MOST_BYTES:
        raise TooManyMaterials


def check_may_answer(state: CaseState, materials: int, promises: Sequence[date], today: date) -> None:
    """Raises NothingAsked, NothingHandedIn or PromiseDateInvalid."""
    if state is not CaseState.SUPPLEMENT:
        raise NothingAsked
    if not materials and not promises:
        raise NothingHandedIn
    if any(not today < promised <= today + LONGEST_PROMISE for promised in promises):
        raise PromiseDateInvalid


def check_words(text: str, names: Sequence[str], materials: int) -> None:
    """What comes along with an answer has its bounds, whichever way it comes. Raises InvalidInput."""
    faults: dict[str, list[str]] = {}
    if len(text) > LONGEST_TEXT or not wording.is_plain(text):
        faults["text"] = [f"不超过 {LONGEST_TEXT} 个字，不含特殊符号"]
    if any(not 0 < len(name.strip()) <= LONGEST_NAME or not wording.is_plain(name) for name in names):
        faults["promises"] = [f"材料名称应为 1 到 {LONGEST_NAME} 个字，不含特殊符号"]
    if len(names) > MOST_FILES:
        faults["promises"] = [f"不能超过 {MOST_FILES} 份"]
    if materials > MOST_FILES:
        faults["materials"] = [f"不能超过 {MOST_FILES} 份"]
    if faults:
        raise InvalidInput(fields=faults)


def answered_state(*, is_accepted: bool) -> CaseState:
    """Where a corrected case goes: an accepted one stays accepted and returns to review."""
    return CaseState.REVIEW if is_accepted else CaseState.SUBMITTED


def check_may_judge(held: Held) -> None:
    """Raises CannotJudge."""
    if not held.is_handed_in or held.state not in _JUDGEABLE:
        raise CannotJudge


def documents_of(
    events: Sequence[tuple[int, str]], *, promised_seq: int | None = None
) -> Iterator[tuple[int, DocumentKind]]:
    """Which documents a history gives: ``events`` are (seq, kind), the oldest first.

    A receipt is for the first submission only; what follows a correction was asked for in writing. A promise
    (容缺) becomes a document when the office accepts the case in spite of what is missing; ``promised_seq``
    is the event of the first one, and a case accepted before it was not accepted because of it.
    """
    for seq, kind in events:
        given = DOCUMENTS.get(kind)
        if given is None or (given is DocumentKind.RECEIPT and seq != 1):
            continue
        yield seq, given
        if given is DocumentKind.ACCEPTANCE and promised_seq is not None and promised_seq < seq:
            yield seq, DocumentKind.PROMISE
