"""A person's prefills and objections when they take their data along, are merged, or leave."""

from uuid import UUID

from app.domain.accounts import merging, portability
from app.domain.accounts.merging import Rows
from app.domain.sharing import facts
from app.domain.sharing.models import ShareObjection, ShareRequest


async def export(person_id: UUID) -> object:
    """What a person asked for, without what lapsed, and what they objected to."""
    requests = await ShareRequest.filter(person_id=person_id).order_by("id")
    objections = await ShareObjection.filter(request__person_id=person_id)
    by_request = {one.request_id: one for one in objections}
    return [
        {
            "library": one.library,
            "occasion": one.occasion,
            "state": one.state,
            "department": one.department,
            "asked_at": one.asked_at,
            "records": [dict(record) for record in facts.records_of(one.facts_sealed)]
            if one.facts_sealed and one.enterprise_id is None  # An enterprise's data are the enterprise's.
            else [],
            "objection": _objection(by_request.get(one.id)),
        }
        for one in requests
    ]


async def leave(person_id: UUID) -> None:
    """Requests are the person's own and go, objections with them; that there were any stays in the log."""
    await ShareRequest.filter(person_id=person_id).delete()


def register() -> None:
    """Make them known to the accounts area."""
    portability.register("prefills", export)
    portability.before_deletion("prefills", leave)
    merging.register("share_requests", Rows("share_request"))


def _objection(one: ShareObjection | None) -> object:
    if one is None:
        return None
    claim = facts.claim_of(one.claim_sealed)
    return {
        "fields": one.fields_disputed,
        "corrections": [{"field": each.field, "value": each.value} for each in claim.corrections],
        "reason": claim.reason,
        "due_on": one.due_on,
        "state": one.state,
        "answer": one.answer,
    }
