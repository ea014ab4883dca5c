"""From prefills to what their shape shows; values are in clear, for they are the asker's own form."""

from typing import Any

from app.domain.sharing.offers import FIELD_NAMES, LIBRARY_NAMES, STATE_TEXTS
from app.domain.sharing.prefills import Objected, Prefill


def prefill(one: Prefill) -> dict[str, Any]:
    """A request with what it found."""
    return {
        "id": one.id,
        "library": one.library,
        "library_name": LIBRARY_NAMES[one.library],
        "occasion": one.occasion,
        "state": one.state,
        "state_text": STATE_TEXTS[one.state],
        "department": one.department,
        "as_of": one.as_of,
        "is_stale": one.is_stale,
        "asked_at": one.asked_at,
        "lapses_at": one.lapses_at,
        "records": [
            {
                "facts": [
                    {"field": name, "label": FIELD_NAMES[name], "value": value}
                    for name, value in record.items()
                ]
            }
            for record in one.records
        ],
        "advice": one.advice,
        "objection": _objected(one.objection) if one.objection else None,
    }


def _objected(one: Objected) -> dict[str, Any]:
    return {
        "department": one.department,
        "fields_disputed": list(one.fields),
        "due_on": one.due_on,
        "state": one.state,
        "answer": one.answer,
    }
