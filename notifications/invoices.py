"""What people are told of invoices: the answer they waited a night for, and a saved one that changed."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from app.domain.invoices import queued, rechecks, telling
from app.domain.invoices.models import Outcome
from app.domain.invoices.telling import AnswerFacts, ChangeFacts
from app.domain.invoices.verification import STATE_NAMES
from app.gateways.exchange import InvoiceState
from app.kit.outbox import Event, Handler
from config.messages import MessageKind
from notifications import routing
from notifications.messages import Messages, moment_text
from notifications.routing import Telling

# What fits the phrase of a card: five Chinese signs.
_RESULTS: Final = {
    Outcome.MISMATCH: ("内容不一致", "请核对票面后重新查验"),
    Outcome.NOT_FOUND: ("查无此票", "请向开票方核实"),
    Outcome.OVER_LIMIT: ("今日已满次", "请改天重新查验"),
    Outcome.OVER_OWN_LIMIT: ("今日已满次", "请改天重新查验"),
    Outcome.TOO_NEW: ("暂无结果", "请改天重新查验"),
}
_OTHERWISE: Final = ("未能查验", "平台没有答复，请重新查验")
_ADVICE: Final = {
    InvoiceState.NORMAL: "可以作为报销凭证",
    InvoiceState.PARTLY_RED: "请核对剩余金额",
}
_NO_VOUCHER: Final = "不能作为报销凭证"


def handlers(messages: Messages) -> dict[str, Handler]:
    """The relay's handlers of invoice events."""

    async def tell_answers(events: Sequence[Event]) -> None:
        await messages.refresh()
        kind = messages.kind(queued.ANSWERED)
        by_event = {event.id: UUID(event.payload["queued_check_id"]) for event in events}
        facts = await telling.of_answers(list(set(by_event.values())))
        found = [(event, facts[by_event[event.id]]) for event in events if by_event[event.id] in facts]
        await routing.tell(
            [_answer(kind, event, one, one.reader) for event, one in found if one.reader is not None]
        )

    async def tell_changes(events: Sequence[Event]) -> None:
        await messages.refresh()
        kind = messages.kind(rechecks.CHANGED)
        by_event = {event.id: UUID(event.payload["snapshot_id"]) for event in events}
        facts = await telling.of_changes(list(set(by_event.values())))
        # Whose invoice was thrown away meanwhile need not hear of it any more.
        found = [(event, facts[by_event[event.id]]) for event in events if by_event[event.id] in facts]
        await routing.tell(
            [
                _change(kind, event, one, reader, by_event[event.id])
                for event, one in found
                for reader in sorted(one.readers)
            ]
        )

    return {queued.ANSWERED: tell_answers, rechecks.CHANGED: tell_changes}


def _answer(kind: MessageKind, event: Event, facts: AnswerFacts, reader: UUID) -> Telling:
    if facts.state is None:
        result, advice = _RESULTS.get(facts.outcome, _OTHERWISE)
    else:
        result, advice = STATE_NAMES[facts.state], _ADVICE.get(facts.state, _NO_VOUCHER)
    params = {
        "invoice": facts.invoice,
        "result": result,
        "advice": advice,
        "answered_at": moment_text(event.created_at),
        # Without a match there is nothing in the folder to open; the page then shows the folder.
        "invoice_id": str(facts.snapshot_id or "folder"),
    }
    return Telling(kind, reader, params, event.created_at, event_id=event.id)


def _change(kind: MessageKind, event: Event, facts: ChangeFacts, reader: UUID, invoice_id: UUID) -> Telling:
    state = InvoiceState(event.payload["state"])
    params = {
        "invoice": facts.invoice,
        "result": STATE_NAMES[state],
        "previous_result": STATE_NAMES[InvoiceState(event.payload["previous_state"])],
        "advice": _ADVICE.get(state, _NO_VOUCHER),
        "found_at": moment_text(event.created_at),
        "invoice_id": str(invoice_id),
    }
    return Telling(kind, reader, params, event.created_at, event_id=event.id)
