"""What messages about invoices need to know: whom to tell, and of which invoice by its last four digits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from app.domain.invoices import contents, texts
from app.domain.invoices.models import Outcome
from app.domain.invoices.owners import Owner, agents_of, entitled
from app.domain.invoices.texts import InvoiceText
from app.gateways.exchange import InvoiceState
from app.kit import crypto, db

_SHOWN_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class AnswerFacts:
    """The answer to a queued check; ``reader`` is None for whoever no longer acts for the enterprise."""

    reader: UUID | None
    invoice: str
    outcome: Outcome
    state: InvoiceState | None
    snapshot_id: UUID | None


@dataclass(frozen=True, slots=True)
class ChangeFacts:
    """A saved invoice whose state changed, and everybody who is to hear of it."""

    readers: frozenset[UUID]
    invoice: str


async def of_answers(queued_ids: Sequence[UUID]) -> Mapping[UUID, AnswerFacts]:
    """The facts of answered checks, by their ids; a match thrown away meanwhile is not among them."""
    rows = await db.fetch(
        "SELECT q.id, q.person_id, q.enterprise_id, q.invoice_sealed, q.outcome, q.snapshot_id, s.state"
        " FROM queued_check q LEFT JOIN invoice_snapshot s ON s.id = q.snapshot_id"
        " WHERE q.id = ANY ($1) AND q.outcome IS NOT NULL AND (q.outcome <> $2 OR s.id IS NOT NULL)",
        queued_ids, Outcome.MATCH.value,
    )  # fmt: skip
    still = await entitled({Owner(row["person_id"], row["enterprise_id"]) for row in rows})
    return {
        row["id"]: AnswerFacts(
            reader=row["person_id"] if Owner(row["person_id"], row["enterprise_id"]) in still else None,
            invoice=_named(texts.read(crypto.unseal(row["invoice_sealed"]))),
            outcome=Outcome(row["outcome"]),
            state=InvoiceState(row["state"]) if row["state"] else None,
            snapshot_id=row["snapshot_id"],
        )
        for row in rows
    }


async def of_changes(snapshot_ids: Sequence[UUID]) -> Mapping[UUID, ChangeFacts]:
    """The facts of changed invoices, by their ids; one that was thrown away meanwhile is not among them.

    An enterprise's is told to who saved it, or to all who act for it once that person does no more.
    """
    rows = await db.fetch(
        "SELECT id, person_id, enterprise_id, content_sealed FROM invoice_snapshot"
        " WHERE id = ANY ($1) AND saved_at IS NOT NULL",
        snapshot_ids,
    )
    agents = await agents_of([row["enterprise_id"] for row in rows if row["enterprise_id"]])
    return {
        row["id"]: ChangeFacts(_readers(row, agents), _named(contents.unseal(row["content_sealed"]).invoice))
        for row in rows
    }


def _readers(row: Any, agents: Mapping[UUID, set[UUID]]) -> frozenset[UUID]:
    if row["enterprise_id"] is None:
        return frozenset({row["person_id"]})
    acting = agents.get(row["enterprise_id"], set())
    return frozenset({row["person_id"]} if row["person_id"] in acting else acting)


def _named(invoice: InvoiceText) -> str:
    return f"尾号 {invoice.number[-_SHOWN_DIGITS:]}"
