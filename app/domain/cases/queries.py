"""What can be asked of cases: whether a text is a number, whose one is, and where one's own stand."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.accounts.models import BindingStatus
from app.domain.cases import numbers
from app.domain.cases.models import FINAL
from app.domain.cases.progress import CaseProgress, told
from app.domain.halls.schedules import load_calendar
from app.kit import clock, db

Asked = tuple[UUID, UUID | None, str]
"""Who asks, for which enterprise (``None``: for themselves), and for which case."""

_FINAL = [state.value for state in FINAL]

# One probe of the events' key a case, whatever else there is.
_COLUMNS = """
c.number, c.item_name, c.item_version, c.state, c.office, c.contact, c.submitted_at, c.counted_from,
c.decided_at, c.first_due_at, c.due_at, c.is_due_provisional, c.pauses, c.asked_until, c.last_seq,
c.updated_at, e.seqs, e.kinds, e.moments, e.offices, e.texts, c.acceptance_number, c.fee, c.paid,
c.queue_number, c.results
"""
_EVENTS = """
CROSS JOIN LATERAL (
    SELECT array_agg(seq) AS seqs, array_agg(kind) AS kinds, array_agg(at) AS moments,
        array_agg(office) AS offices, array_agg(text) AS texts
    FROM (SELECT * FROM case_event WHERE case_number = c.number ORDER BY seq) AS in_order
) AS e
"""

# Whoever acts for an enterprise sees its cases as long as the binding stands, also those others handed in;
# what they themselves handed in for one they no longer act for is the enterprise's alone.
_ACTS = """
SELECT 1 FROM enterprise_binding b WHERE b.person_id = {person} AND b.enterprise_id = {enterprise}
    AND b.status = 'active' AND b.expires_on >= {today}
"""
_PAGE = """
SELECT {columns} FROM (
    SELECT * FROM case_file WHERE {mine}
        AND ($2::timestamptz IS NULL OR (updated_at, number) < ($2, $3))
        AND ($4::boolean IS NULL OR (state = ANY ($5)) <> $4)
    ORDER BY updated_at DESC, number DESC LIMIT $6
) AS c {events} ORDER BY c.updated_at DESC, c.number DESC
"""
_OF_PERSON = _PAGE.format(columns=_COLUMNS, events=_EVENTS, mine="person_id = $1 AND enterprise_id IS NULL")
_OF_ENTERPRISE = _PAGE.format(
    columns=_COLUMNS,
    events=_EVENTS,
    mine="enterprise_id = $1 AND EXISTS (" + _ACTS.format(person="$7", enterprise="$1", today="$8") + ")",
)
_RECENT = f"""
SELECT {_COLUMNS} FROM case_file c {_EVENTS} WHERE c.number IN (
    (SELECT number FROM case_file WHERE person_id = $1 AND enterprise_id IS NULL
     ORDER BY updated_at DESC, number DESC LIMIT $4)
    UNION ALL
    (SELECT number FROM case_file WHERE enterprise_id IN (
        SELECT enterprise_id FROM enterprise_binding
        WHERE person_id = $1 AND status = $2 AND expires_on >= $3)
     ORDER BY updated_at DESC, number DESC LIMIT $4)
) ORDER BY c.updated_at DESC, c.number DESC LIMIT $4
"""  # noqa: S608
_MAY_SEE = """
SELECT c.number IS NOT NULL AS may_see
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) WITH ORDINALITY AS asked (person, enterprise, number, place)
LEFT JOIN case_file c ON c.number = asked.number AND c.enterprise_id IS NOT DISTINCT FROM asked.enterprise
    AND CASE WHEN asked.enterprise IS NULL THEN c.person_id = asked.person ELSE EXISTS ({acts}) END
ORDER BY asked.place
""".format(acts=_ACTS.format(person="asked.person", enterprise="asked.enterprise", today="$4"))


def looks_like_number(text: str) -> bool:
    """Whether a text is a number in the official form of 43 signs; blanks and lower case are forgiven."""
    return numbers.is_official(text)


async def own(
    person_id: UUID,
    *,
    enterprise_id: UUID | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int = 20,
    is_open: bool | None = None,
) -> Sequence[CaseProgress]:
    """A page of one's cases, the latest change first: one's own, or those of an enterprise one acts for now.

    ``after`` is (``updated_at``, ``number``) of the last case seen; ``is_open`` asks only for those under
    way, or only for those that are over.
    """
    moment, number = after or (None, "")
    asked = (moment, number, is_open, _FINAL, limit)
    if enterprise_id is None:
        rows = await db.fetch(_OF_PERSON, person_id, *asked)
    else:
        rows = await db.fetch(_OF_ENTERPRISE, enterprise_id, *asked, person_id, clock.today())
    return await _told(rows)


async def recent(person_id: UUID, *, limit: int = 5) -> Sequence[CaseProgress]:
    """A person's own cases and those of every enterprise they act for now, the latest change first."""
    rows = await db.fetch(_RECENT, person_id, BindingStatus.ACTIVE.value, clock.today(), limit)
    return await _told(rows)


async def may_see(person_id: UUID, enterprise_id: UUID | None, number: str) -> bool:
    """Whether a case is a person's own, or belongs to the enterprise they act for now."""
    (answer,) = await may_see_each([(person_id, enterprise_id, number)])
    return answer


async def may_see_each(asked: Sequence[Asked]) -> Sequence[bool]:
    """The same for many, in one statement and in the order given."""
    persons, enterprises, wanted = ([one[place] for one in asked] for place in range(3))
    rows = await db.fetch(_MAY_SEE, persons, enterprises, wanted, clock.today())
    return [row["may_see"] for row in rows]


async def _told(rows: Sequence[Any]) -> Sequence[CaseProgress]:
    calendar, now = await load_calendar(), clock.now()
    return [told(row, calendar, now) for row in rows]
