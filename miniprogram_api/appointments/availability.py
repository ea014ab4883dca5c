"""Free seats as JSON: rendered once for all who ask at the same moment, and never older than the question."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any

import orjson

from app.domain.appointments import queries
from app.domain.appointments.queries import AvailabilityQuestion
from app.kit.batching import Batcher
from app.kit.clock import SHANGHAI
from app.kit.web.etag import tag_of


@dataclass(frozen=True, slots=True)
class Rendered:
    """A body ready to send and its ETag."""

    body: bytes
    tag: str
    has_slots: bool


def _render(question: AvailabilityQuestion, rows: Sequence[Any]) -> Rendered:
    """``AvailabilityView`` written by hand: marshmallow would spend most of the time of this hot read."""
    by_day = {day: list(slots) for day, slots in groupby(rows, key=lambda row: row["on"])}
    days = []
    for offset in range(question.days):
        date = question.first + timedelta(days=offset)
        slots = [
            {
                "id": row["id"],
                "starts_at": row["starts_at"].astimezone(SHANGHAI).isoformat(),
                "ends_at": row["ends_at"].astimezone(SHANGHAI).isoformat(),
                "capacity": row["capacity"],
                "remaining": row["remaining"],
            }
            for row in by_day.get(date, ())
        ]
        days.append({"date": date, "open": any(slot["remaining"] > 0 for slot in slots), "slots": slots})
    body = orjson.dumps({"days": days})
    return Rendered(body, tag_of(body), bool(rows))


async def _answer(questions: list[AvailabilityQuestion]) -> list[Rendered]:
    found = await queries.availability(questions)
    return [_render(question, rows) for question, rows in zip(questions, found, strict=True)]


availability: Batcher[AvailabilityQuestion, Rendered] = Batcher(_answer, max_size=50)
"""Ask for one question's seats; questions asked together share one statement and one rendering."""
