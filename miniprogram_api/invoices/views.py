"""Invoices as their owner is told of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.invoices import rules
from app.domain.invoices.checking import Checked
from app.domain.invoices.kinds import KINDS, PROOF_NAMES, kind_of, kind_of_number
from app.domain.invoices.models import Outcome
from app.domain.invoices.numbers import origin_of
from app.domain.invoices.snapshots import Snapshot
from app.domain.invoices.texts import tidy
from app.domain.invoices.verification import STATE_NAMES
from app.gateways.exchange import InvoiceDetail


def kinds(code: str, number: str) -> Sequence[Mapping[str, Any]]:
    """The kind a code or a number tells, or all of them to choose from, with the inputs of each."""
    code, number = tidy(code), tidy(number)
    told = kind_of(code) if code else kind_of_number(number)
    return [
        {
            "code": kind.code,
            "name": kind.name,
            "numbering": kind.numbering.value,
            "proof": kind.proof.value,
            "proof_name": PROOF_NAMES[kind.proof],
        }
        for kind in ([told] if told else KINDS.values())
    ]


def brief(one: Snapshot) -> Mapping[str, Any]:
    """An invoice of the folder without its 票面."""
    invoice = one.content.invoice
    origin = origin_of(invoice.code, invoice.number)
    return {
        "id": one.id,
        "kind": invoice.kind.code if invoice.kind else "",
        "kind_name": invoice.kind.name if invoice.kind else "",
        "code": invoice.code,
        "number": invoice.number,
        "region": origin.region if origin else None,
        "issued_on": one.issued_on,
        "amount": one.amount,
        "state": one.state,
        "state_name": STATE_NAMES[one.state],
        "previous_state": one.previous_state,
        "changed_at": one.changed_at,
        "checked_at": one.checked_at,
        "saved_at": one.saved_at,
        "expires_at": one.expires_at,
        "tags": list(one.tags),
        "note": one.note,
        "repeats": one.repeats,
    }


def whole(one: Snapshot) -> Mapping[str, Any]:
    """An invoice of the folder with its 票面."""
    return {**brief(one), "detail": _detail(one.content.detail)}


def verdict(checked: Checked) -> Mapping[str, Any]:
    """What came of a check."""
    is_lacking = checked.verdict.outcome is Outcome.NEEDS_INPUT
    return {
        "outcome": checked.verdict.outcome,
        "text": checked.text,
        "missing": rules.missing_inputs(checked.invoice) if is_lacking else [],
        "remaining_today": checked.verdict.remaining_today,
        "is_repeat": checked.was_saved_before,
        "invoice": whole(checked.snapshot) if checked.snapshot else None,
        "queued_id": checked.queued_id,
    }


def _detail(detail: InvoiceDetail | None) -> Mapping[str, Any] | None:
    if detail is None:
        return None
    told = {name: getattr(detail, name) for name in detail.__slots__}
    return {**told, "further": [{"label": label, "value": value} for label, value in detail.further]}
