"""A check as its asker meets it: the verdict, the snapshot in their folder, and a warning of repeats."""

from dataclasses import dataclass, replace
from uuid import UUID

from app.domain.invoices import queued, snapshots, verification
from app.domain.invoices.models import Outcome
from app.domain.invoices.owners import Owner
from app.domain.invoices.snapshots import Snapshot
from app.domain.invoices.texts import InvoiceText
from app.domain.invoices.verification import InvoiceVerdict, said
from app.kit.clock import SHANGHAI


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a check: ``snapshot`` with a match, ``queued_id`` for an invoice issued today."""

    invoice: InvoiceText
    verdict: InvoiceVerdict
    snapshot: Snapshot | None = None
    queued_id: UUID | None = None

    @property
    def was_saved_before(self) -> bool:
        """Whether this invoice lay in the folder already, saved: beware of reimbursing it twice."""
        return self.snapshot is not None and self.snapshot.repeats > 0

    @property
    def text(self) -> str:
        """What the person reads."""
        if self.snapshot is None or self.snapshot.saved_at is None or not self.was_saved_before:
            return self.verdict.text
        saved_on = self.snapshot.saved_at.astimezone(SHANGHAI).date()
        return f"{self.verdict.text}\n注意：这张发票 {saved_on} 已存入发票夹，谨防重复报销"


async def check(owner: Owner, invoice: InvoiceText, *, is_paced: bool = True) -> Checked:
    """Check an invoice for somebody we know; one issued today is queued for the next morning.

    Raises TooOften, NotConnected, ExchangeDown as ``verify``, and QueueFull.
    """
    verdict = await verification.verify(invoice, asked_by=owner.asker, is_paced=is_paced)
    if verdict.outcome is Outcome.TOO_NEW:
        queued_id = await queued.put(owner, invoice)
        waiting = said(Outcome.QUEUED)
        return Checked(invoice, replace(verdict, outcome=Outcome.QUEUED, text=waiting.text), None, queued_id)
    return Checked(invoice, verdict, await snapshots.keep(owner, invoice, verdict))
