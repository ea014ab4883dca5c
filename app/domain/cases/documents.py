"""Documents 文书 of a case: each issued once, worded from the case's history, and drawn when asked for."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from app.domain.accounts.models import Enterprise, Person
from app.domain.accounts.sessions import Citizen
from app.domain.cases import document_codes, document_texts, materials, paper_rules
from app.domain.cases.document_texts import Facts, Paper
from app.domain.cases.models import Case, CaseEvent, CaseState, LimitUnit, SpecialKind, SpecialProcedure
from app.domain.cases.paper_errors import DocumentNotFound
from app.domain.cases.paper_models import CaseDocument, CaseMaterial, DocumentKind, Trust
from app.kit import clock, crypto, db, press
from app.kit.ids import uuid7

CODE_SIGNS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # Without what looks alike: 0 and O, 1 and I.
CODE_LENGTH: Final = 16

_HOLD: Final = "SELECT 1 FROM case_file WHERE number = $1 FOR SHARE"


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document as it is listed."""

    id: UUID
    kind: DocumentKind
    title: str
    office: str
    dated_at: datetime
    code: str
    sha256: str


@dataclass(frozen=True, slots=True, repr=False)
class _History:
    """A case with all its documents are worded from."""

    case: Case
    events: Mapping[int, CaseEvent]
    specials: Mapping[int, SpecialProcedure]
    promises: Sequence[CaseMaterial]
    applicant: str | None


async def of_case(number: str, by: Citizen) -> Sequence[DocumentView]:
    """Every document of a case, the oldest first; those missing are issued now. Raises CaseUnknown."""
    sought = await materials.case_for(number, by)
    return [_view(one) for one in await _issued(sought)]


async def whole(number: str, by: Citizen, document_id: UUID) -> DocumentView:
    """One document. Raises CaseUnknown or DocumentNotFound."""
    return _view(await _one(await materials.case_for(number, by), document_id))


async def file_of(number: str, by: Citizen, document_id: UUID) -> bytes:
    """A document as a PDF file. Raises CaseUnknown or DocumentNotFound."""
    found = await _one(await materials.case_for(number, by), document_id)
    if found.content_sealed is None:
        raise DocumentNotFound
    paper = Paper.of(crypto.unseal(found.content_sealed).encode())

    def draw() -> bytes:
        from app.domain.cases import document_sheets  # See app.kit.press.

        return document_sheets.drawn(paper, found.dated_at, found.code, found.sha256)

    return await press.made(draw)


async def _one(number: str, document_id: UUID) -> CaseDocument:
    found = await CaseDocument.get_or_none(id=document_id, case_number=number)
    if found is None:
        raise DocumentNotFound
    return found


async def _issued(number: str) -> Sequence[CaseDocument]:
    """The documents of a case, those missing made first. Two who ask at once get the same ones."""
    rows = await CaseEvent.filter(case_number=number).order_by("seq")
    promises = await CaseMaterial.filter(case_number=number, trust=Trust.DECLARED).order_by("id")
    promised_seq = min((one.handed_in_seq for one in promises if one.handed_in_seq is not None), default=None)
    events = [(row.seq, row.kind) for row in rows]
    due = list(paper_rules.documents_of(events, promised_seq=promised_seq))
    known = await _kept(number)
    missing = [one for one in due if one not in {(row.event_seq, row.kind) for row in known}]
    if not missing:
        return known
    async with db.transaction():
        # Who is just leaving holds their cases; once they have left, no document names them.
        await db.fetch_one(_HOLD, number)
        history = await _history(number, rows, promises)
        made = [_worded(history, seq, kind) for seq, kind in missing]
        await CaseDocument.bulk_create(made, ignore_conflicts=True)
    return await _kept(number)


async def _kept(number: str) -> Sequence[CaseDocument]:
    return await CaseDocument.filter(case_number=number).order_by("event_seq", "kind")


async def _history(number: str, events: Sequence[CaseEvent], promises: Sequence[CaseMaterial]) -> _History:
    case = await Case.get(number=number)
    specials = await SpecialProcedure.filter(case_number=number)
    return _History(
        case=case,
        events={one.seq: one for one in events},
        specials={one.event_seq: one for one in specials if one.event_seq is not None},
        promises=promises,
        applicant=await _applicant(case),
    )


async def _applicant(case: Case) -> str | None:
    """Whose matter it is, by name; ``None`` where we do not know it."""
    if case.enterprise_id is not None:
        enterprise = await Enterprise.get_or_none(id=case.enterprise_id)
        return enterprise.name if enterprise else None
    person = await Person.get_or_none(id=case.person_id) if case.person_id else None
    return crypto.unseal(person.name_sealed) if person and person.name_sealed else None


def _worded(history: _History, seq: int, kind: DocumentKind) -> CaseDocument:
    event = history.events[seq]
    canonical = document_texts.worded(kind, _facts(history, event)).canonical()
    return CaseDocument(
        id=uuid7(),
        case_number=history.case.number,
        event_seq=seq,
        kind=kind,
        office=event.office,
        code="".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH)),
        content_sealed=crypto.seal(canonical.decode()),
        sha256=hashlib.sha256(canonical).hexdigest(),
        dated_at=event.at,
        issued_at=clock.now(),
    )


def _facts(history: _History, event: CaseEvent) -> Facts:
    case, special = history.case, history.specials.get(event.seq)
    kind = paper_rules.DOCUMENTS.get(event.kind)
    # What was fixed at acceptance is told of acceptance, however often it was moved since.
    due_at = case.first_due_at if kind is DocumentKind.ACCEPTANCE else case.due_at
    is_newest_question = kind is DocumentKind.CORRECTION and event.seq == max(
        one.seq for one in history.events.values() if one.kind == event.kind
    )
    is_accepted = any(
        one.kind == CaseState.ACCEPTED and one.seq <= event.seq for one in history.events.values()
    )
    is_acceptance = kind is DocumentKind.ACCEPTANCE
    return Facts(
        case_number=case.number,
        item_name=case.item_name,
        applicant=history.applicant,
        office=event.office,
        contact=case.contact,
        at=event.at,
        submitted_at=case.submitted_at,
        told=event.text,
        due_on=due_at.astimezone(clock.SHANGHAI).date() if due_at else None,
        asked_until=case.asked_until if is_newest_question else None,
        special=SpecialKind(special.kind) if special else None,
        approver=special.approver if special else "",
        limit=_limit(special),
        promises=[
            (one.name, one.promised_on)
            for one in history.promises
            if one.promised_on and (one.handed_in_seq or 0) < event.seq
        ],
        acceptance_number=(case.acceptance_number or "") if is_accepted else "",
        queue_number=(case.queue_number or "") if is_acceptance else "",
        fee=case.fee if is_acceptance else None,
        results=case.results if kind is DocumentKind.GRANTING else (),
    )


def _limit(special: Any) -> str:
    if special is None or special.limit_amount is None or special.limit_unit is None:
        return ""
    return f"{special.limit_amount}{document_texts.UNITS[LimitUnit(special.limit_unit)]}"


def _view(row: CaseDocument) -> DocumentView:
    kind = DocumentKind(row.kind)
    return DocumentView(
        id=row.id,
        kind=kind,
        title=document_texts.TITLES[kind],
        office=row.office,
        dated_at=row.dated_at,
        code=document_codes.grouped(row.code),
        sha256=row.sha256,
    )
