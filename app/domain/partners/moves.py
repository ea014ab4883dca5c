"""What a message means for its case: the ten kinds of the exchange model as steps of ours."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from app.domain.cases.clock import TimeLimit
from app.domain.cases.history import NewCase, Special, Step, Told
from app.domain.cases.models import CaseState as S
from app.domain.cases.models import LimitUnit, SpecialKind
from app.domain.cases.particulars import Particulars
from app.domain.partners.applicants import Applicant
from app.domain.partners.kinds import Message, MessageKind

_PRE_ACCEPTANCE: Final[Mapping[str, S]] = {
    "reviewing": S.PRE_REVIEW,
    "correction": S.SUPPLEMENT,
    "not_accepted": S.NOT_ACCEPTED,
    "transferred": S.TRANSFERRED,
}
_DECISIONS: Final[Mapping[str, S]] = {
    "granted": S.GRANTED,
    "denied": S.DENIED,
    "terminated": S.TERMINATED,
    "withdrawn": S.WITHDRAWN,
}
_WAYS: Final = {"window": "窗口领取", "post": "邮寄送达", "electronic": "电子送达"}


def told(message: Message, applicant: Applicant) -> Told:
    """The case an application (申办) begins."""
    facts = message.facts
    new = NewCase(
        number=message.case_number or "",
        item_name=facts["item_name"],
        office=facts["office"],
        item_code=facts.get("item_code"),
        person_id=applicant.person_id,
        enterprise_id=applicant.enterprise_id,
        contact=facts.get("contact", ""),
        promised=_limit(facts, "promised"),
        legal=_limit(facts, "legal"),
        authority=facts["authority"],
    )
    return Told(new, facts.get("query_code", ""), _at(facts), submitted_text=facts.get("text", ""))


def steps(message: Message, *, is_accepted: bool) -> list[Step]:
    """The steps any other message takes its case; none for what is only kept.

    ``is_accepted`` is whether the case has been accepted before: a correction then leads back to review.
    """
    make = _STEPS.get(message.kind)
    if make is not None:
        return make(message.facts)
    if message.kind is MessageKind.CORRECTION_RECEIVED:
        return [_step(message.facts, S.REVIEW if is_accepted else S.SUBMITTED, "text")]
    return []


def _pre_accept(facts: Mapping[str, Any]) -> list[Step]:
    return [_step(facts, _PRE_ACCEPTANCE[facts["result"]], "reason", asked_until=_day(facts, "asked_until"))]


def _accept(facts: Mapping[str, Any]) -> list[Step]:
    limits = {"promised": _limit(facts, "promised"), "legal": _limit(facts, "legal")}
    told = Particulars(
        acceptance_number=facts.get("acceptance_number", ""),
        fee=_yuan(facts, "fee"),
        is_paid=facts.get("is_paid"),
        queue_number=facts.get("queue_number", ""),
    )
    code = facts.get("query_code", "")
    return [_step(facts, S.ACCEPTED, "text", query_code=code, particulars=told, **limits)]


def _review(facts: Mapping[str, Any]) -> list[Step]:
    # The opinion is the office's own; the applicant is told which stage it is.
    return [_step(facts, S.REVIEW, "stage")]


def _decide(facts: Mapping[str, Any]) -> list[Step]:
    told = Particulars(paid=_yuan(facts, "amount"), results=facts.get("documents", ()))
    decided = _step(facts, _DECISIONS[facts["result"]], "reason", particulars=told)
    has_document = decided.to in (S.GRANTED, S.DENIED) and facts.get("is_issued", True)
    return [decided, _step(facts, S.ISSUED, None)] if has_document else [decided]


def _suspend(facts: Mapping[str, Any]) -> list[Step]:
    special = Special(
        SpecialKind(facts["procedure"]), facts["approver"], _limit(facts, "limit"), facts["reason"]
    )
    to = S.REVIEW if special.kind is SpecialKind.EXTENSION else S.SUSPENDED
    return [_step(facts, to, "reason", special=special)]


def _resume(facts: Mapping[str, Any]) -> list[Step]:
    return [_step(facts, S.REVIEW, "result")]


def _ask_correction(facts: Mapping[str, Any]) -> list[Step]:
    return [_step(facts, S.SUPPLEMENT, "reason", asked_until=_day(facts, "asked_until"))]


def _collect(facts: Mapping[str, Any]) -> list[Step]:
    if facts.get("stage") == "ready":
        return [_step(facts, S.ISSUED, None)]
    delivered = _step(facts, S.DELIVERED, None, text=_WAYS.get(facts.get("way", ""), ""))
    return [delivered, _step(facts, S.CLOSED, None)]


_STEPS: Final[Mapping[MessageKind, Callable[[Mapping[str, Any]], list[Step]]]] = {
    MessageKind.PRE_ACCEPTANCE: _pre_accept,
    MessageKind.ACCEPTANCE: _accept,
    MessageKind.REVIEW: _review,
    MessageKind.DECISION: _decide,
    MessageKind.SPECIAL_PROCEDURE: _suspend,
    MessageKind.SPECIAL_PROCEDURE_RESULT: _resume,
    MessageKind.CORRECTION_NOTICE: _ask_correction,
    MessageKind.COLLECTION: _collect,
}


def _step(facts: Mapping[str, Any], to: S, words: str | None, **more: Any) -> Step:
    text = {"text": facts.get(words, "")} if words else {}
    return Step(**{"to": to, "at": _at(facts), "office": facts["office"], **text, **more})


def _at(facts: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(facts["at"])


def _day(facts: Mapping[str, Any], name: str) -> date | None:
    return date.fromisoformat(facts[name]) if facts.get(name) else None


def _yuan(facts: Mapping[str, Any], name: str) -> Decimal | None:
    return Decimal(facts[name]) if facts.get(name) else None


def _limit(facts: Mapping[str, Any], name: str) -> TimeLimit | None:
    amount = facts.get(f"{name}_amount")
    return None if amount is None else TimeLimit(amount, LimitUnit(facts[f"{name}_unit"]))
