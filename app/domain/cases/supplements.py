"""Answering a 补正: the applicant hands in what was asked for, once for each request of the office."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from app.domain.accounts import free_text
from app.domain.accounts.free_text import Opinion
from app.domain.accounts.sessions import Citizen
from app.domain.cases import materials, paper_rules, service
from app.domain.cases.history import Step
from app.domain.cases.models import Case, CaseState
from app.domain.cases.paper_errors import MaterialNotFound
from app.domain.cases.paper_models import CaseMaterial, CaseSupplement, MaterialState, Trust
from app.kit import audit, clock, crypto, db
from app.kit.ids import uuid7


@dataclass(frozen=True, slots=True)
class Promise:
    """A material to be handed in later (容缺): what it is, and the day by which it comes."""

    name: str
    on: date


@dataclass(frozen=True, slots=True)
class Answer:
    """What an applicant hands in: uploads of theirs, promises, and a few words."""

    material_ids: Sequence[UUID]
    promises: Sequence[Promise] = ()
    text: str = field(default="", repr=False)
    request_key: str | None = None


async def answer(number: str, by: Citizen, given: Answer) -> CaseSupplement:
    """Hand in a correction; the case goes back to whoever asked for it.

    The same ``request_key`` answers what the first one did, however often it comes. Raises CaseUnknown,
    InvalidInput, NothingAsked, NothingHandedIn, PromiseDateInvalid, MaterialNotFound or TextNotAllowed.
    """
    sought = await materials.case_for(number, by)
    paper_rules.check_words(given.text, [one.name for one in given.promises], len(given.material_ids))
    earlier = await _earlier(sought, by, given.request_key)
    if earlier is not None:
        return earlier
    opinion = await free_text.check(by.person_id, given.text) if given.text else None
    async with db.transaction():
        case = await Case.filter(number=sought).select_for_update(no_key=True).get()
        earlier = await _earlier(sought, by, given.request_key)
        if earlier is not None:
            return earlier
        return await _answer(case, by, given, opinion)


async def _answer(case: Case, by: Citizen, given: Answer, opinion: Opinion | None) -> CaseSupplement:
    days = [one.on for one in given.promises]
    paper_rules.check_may_answer(CaseState(case.state), len(given.material_ids), days, clock.today())
    uploaded = await _uploaded(case.number, given.material_ids)
    asked_seq, now = await _asked_seq(case.number), clock.now()
    to = paper_rules.answered_state(is_accepted=case.accepted_at is not None)
    moved = await service.record(
        case.number,
        Step(to=to, at=now, office=case.office, text=_told(given)),
        who=audit.person(by.person_id),
    )
    await _hand_in(uploaded, moved.last_seq)
    await CaseMaterial.bulk_create(_promised(case.number, by, given.promises, moved.last_seq))
    made = await CaseSupplement.create(
        id=uuid7(),
        case_number=case.number,
        asked_seq=asked_seq,
        answered_seq=moved.last_seq,
        text_sealed=crypto.seal(given.text) if given.text else None,
        person_id=by.person_id,
        request_key=given.request_key,
        at=now,
    )
    if opinion is not None:
        await free_text.mark(opinion, by.person_id, f"supplement:{made.id}")
    return made


async def _asked_seq(number: str) -> int:
    """The newest request; a due date may have moved since."""
    seq: int = await db.fetch_value(
        "SELECT max(seq) FROM case_event WHERE case_number = $1 AND kind = $2",
        number,
        CaseState.SUPPLEMENT.value,
    )
    return seq


async def _earlier(number: str, by: Citizen, key: str | None) -> CaseSupplement | None:
    if key is None:
        return None
    return await CaseSupplement.get_or_none(case_number=number, person_id=by.person_id, request_key=key)


async def _uploaded(number: str, ids: Sequence[UUID]) -> Sequence[CaseMaterial]:
    """The uploads that are to be handed in. Raises MaterialNotFound if one is not waiting for it."""
    wanted = set(ids)
    found = await CaseMaterial.filter(
        case_number=number, id__in=wanted, handed_in_seq=None, state=MaterialState.UPLOADED
    )
    if len(found) != len(wanted):
        raise MaterialNotFound
    return found


async def _hand_in(uploaded: Sequence[CaseMaterial], seq: int) -> None:
    await CaseMaterial.filter(id__in=[one.id for one in uploaded]).update(handed_in_seq=seq)
    replaced = [one.replaces_id for one in uploaded if one.replaces_id is not None]
    await CaseMaterial.filter(id__in=replaced).update(state=MaterialState.REPLACED)


def _promised(number: str, by: Citizen, promises: Sequence[Promise], seq: int) -> Sequence[CaseMaterial]:
    return [
        CaseMaterial(
            id=uuid7(),
            case_number=number,
            name=one.name,
            state=MaterialState.DECLARED,
            trust=Trust.DECLARED,
            promised_on=one.on,
            person_id=by.person_id,
            uploaded_at=clock.now(),
            handed_in_seq=seq,
        )
        for one in promises
    ]


def _told(given: Answer) -> str:
    """What stands in the history of the case; the applicant's own words do not."""
    parts = [f"申请人已补正材料 {len(set(given.material_ids))} 份"] if given.material_ids else []
    if given.promises:
        parts.append(f"承诺补齐材料 {len(given.promises)} 份")
    return "，".join(parts)
