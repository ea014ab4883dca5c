"""Alarms: an answer that must not be believed is counted, logged as an error and kept as a finding."""

import asyncio
import contextvars
import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from prometheus_client import Counter

from app.gateways.exchange.purposes import Source
from app.kit import clock, db
from app.kit.metrics import REGISTRY
from config.logging import request_id_var

log = logging.getLogger("weiban.exchange")

ALARMS: Final = Counter(
    "weiban_exchange_alarms",
    "Answers not to be believed, by system and kind.",
    ("source", "kind"),
    registry=REGISTRY,
)


class Alarm(StrEnum):
    """What may be wrong."""

    BAD_SIGNATURE = "bad_signature"
    """The answer is not signed, or not by whom we asked, or belongs to another question."""
    WRONG_SUBJECT = "wrong_subject"
    """The answer is about somebody else."""
    CLOCK_SKEW = "clock_skew"
    """The two clocks are too far apart for signatures to mean anything."""
    NONSENSE = "nonsense"
    """The answer does not keep to the contract."""
    SURPLUS_FIELDS = "surplus_fields"
    """The answer tells more than was asked; the rest was dropped unread."""
    NO_GROUND = "no_ground"
    """Somebody wanted to ask without a ground; it was stopped here."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found; ``detail`` holds no value, ``request_id`` leads to the log."""

    at: datetime
    source: str
    kind: str
    detail: str
    request_id: str | None


_WORDS: Final = {
    Alarm.BAD_SIGNATURE: "an answer without a right signature was not shown",
    Alarm.WRONG_SUBJECT: "an answer about somebody else was not shown",
    Alarm.CLOCK_SKEW: "the clocks are too far apart",
    Alarm.NONSENSE: "gave an answer we do not know",
    Alarm.SURPLUS_FIELDS: "told more than was asked",
    Alarm.NO_GROUND: "was not asked, for want of a ground",
}
_writing: set[asyncio.Task[None]] = set()


def ring(source: Source, alarm: Alarm, detail: str = "") -> None:
    """Make it known. ``detail`` names paths, fields and seconds, never a value."""
    ALARMS.labels(source.value, alarm.value).inc()
    log.error("%s: %s", source.value, _WORDS[alarm], extra={"alarm": alarm.value, "detail": detail})
    row = (clock.now(), source.value, alarm.value, detail[:200], request_id_var.get())
    # A transaction of its own, outside of the caller's: the finding stays when theirs is rolled back.
    task = asyncio.get_running_loop().create_task(_write(row), context=contextvars.Context())
    _writing.add(task)
    task.add_done_callback(_writing.discard)


async def found_on(day: date) -> list[Finding]:
    """What was found on one day in Shanghai, the newest first."""
    since = datetime.combine(day, datetime.min.time(), clock.SHANGHAI)
    rows = await db.fetch(
        "SELECT at, source, kind, detail, request_id FROM exchange_finding WHERE at >= $1 AND at < $2"
        " ORDER BY at DESC, id DESC LIMIT 1000",
        since,
        since + timedelta(days=1),
    )
    return [Finding(**dict(row)) for row in rows]


async def flush() -> None:
    """Wait until every finding is written down."""
    await asyncio.gather(*_writing)


async def _write(row: tuple[object, ...]) -> None:
    try:
        await db.execute(
            "INSERT INTO exchange_finding (at, source, kind, detail, request_id) VALUES ($1, $2, $3, $4, $5)",
            *row,
        )
    except Exception as lost:  # noqa: BLE001  The log line and the metric stand without the row.
        log.warning("a finding about %s was not written down: %s", row[1], type(lost).__name__)
