"""From a row as a partner wrote it to a message the domain takes, or to the reason why not."""

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import ValidationError

from app.domain.partners import intake
from app.domain.partners import push as pushes
from app.domain.partners.errors import MessageInvalid
from app.domain.partners.kinds import Answer, Message
from app.domain.partners.mapping import FieldMap
from app.partner_api.shapes import SHAPES


def read(row: Mapping[str, Any], field_map: FieldMap | None) -> Message | Answer:
    """The message of a row, or the answer that refuses it."""
    given = field_map.translated(row) if field_map else dict(row)
    kind = given.get("kind")
    shape = SHAPES.get(kind) if isinstance(kind, str) else None
    if shape is None:
        return pushes.refused(
            _sequence(given), MessageInvalid(fields={"kind": [f"应为 {'、'.join(SHAPES)} 之一"]})
        )
    try:
        return Message.of(shape.load(given))
    except ValidationError as wrong:
        return pushes.refused(_sequence(given), MessageInvalid(fields=_faults(wrong.messages_dict)))


async def push(
    system_id: int, rows: Sequence[Mapping[str, Any]], field_map: FieldMap | None, *, is_paced: bool = True
) -> list[Answer]:
    """Read rows, take them in, and answer each, in the order given. Raises as ``intake.take_in`` does."""
    read_rows = [read(row, field_map) for row in rows]
    messages = [one for one in read_rows if isinstance(one, Message)]
    taken = iter(await intake.take_in(system_id, messages, is_paced=is_paced)) if messages else iter(())
    return [next(taken) if isinstance(one, Message) else one for one in read_rows]


def _sequence(given: Mapping[str, Any]) -> int | None:
    told = given.get("sequence")
    if isinstance(told, str) and told.isascii() and told.isdigit() and len(told) <= 19:
        told = int(told)
    return told if isinstance(told, int) and not isinstance(told, bool) and 0 < told < 2**63 else None


def _faults(messages: Mapping[str, Any]) -> dict[str, list[str]]:
    """The reasons by field; those of a list's items are told of the list."""
    return {
        name: list(told)
        if isinstance(told, list)
        else sorted({str(one) for many in told.values() for one in many})
        for name, told in messages.items()
    }
