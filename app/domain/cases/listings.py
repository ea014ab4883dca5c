"""Cases as desks list them: what supervision found, what is late, and what waits to be judged.

Each list takes ``reach``: the regions a post reaches, as ``posts.reach`` answers them, or nothing for all.
"""

from app.kit.listings import Listing, Order


def _county(number: str, authority: str) -> str:
    """The county of a case, in the authority with which official numbers begin (see ``posts``)."""
    return f"substr(CASE WHEN length({number}) = 43 THEN {number} ELSE {authority} END, 3, 6)"


def _reached(number: str) -> str:
    county = _county(number, "c.authority")
    return f"EXISTS (SELECT 1 FROM unnest({{}}::text[]) AS region WHERE starts_with({county}, region))"  # noqa: S608  Words of ours.


FINDINGS = Listing(
    name="findings",
    columns=(
        "f.id, f.case_number, f.kind, f.wanted, f.who, f.at, f.text, f.recorded_at, c.office, c.item_name"
    ),
    source="case_finding f LEFT JOIN case_file c ON c.number = f.case_number",
    key=Order("f.id", "bigint"),
    orders={"recorded": Order("f.recorded_at", "timestamptz")},
    filters={
        "kind": "f.kind = {}::text",
        "case": "f.case_number = {}::text",
        "since": "f.recorded_at >= {}::timestamptz",
        "until": "f.recorded_at < {}::timestamptz",
        "reach": _reached("f.case_number"),
    },
)
"""Columns ``id case_number kind wanted who at text recorded_at office item_name``."""

LATE_CASES = Listing(
    name="late_cases",
    columns="c.number, c.item_name, c.office, c.state, c.due_at, c.submitted_at, c.is_due_provisional",
    source=(
        "(SELECT * FROM case_file WHERE due_at IS NOT NULL AND state IN"
        " ('submitted','pre_review','supplement','accepted','review','suspended')) c"
    ),
    key=Order("c.number", "text"),
    orders={"due": Order("c.due_at", "timestamptz")},
    filters={
        # A clock that stands still is not late: its due day moves when it goes on.
        "before": "c.due_at < {}::timestamptz AND c.state NOT IN ('supplement','suspended')",
        "state": "c.state = {}::text",
        "office": "starts_with(c.office, {}::text)",
        "reach": _reached("c.number"),
    },
)
"""Columns ``number item_name office state due_at submitted_at is_due_provisional``."""

SPECIALS = Listing(
    name="specials",
    columns="p.id, p.case_number, c.item_name, c.office, p.kind, p.state, p.approver, p.applied_at, p.due_at",
    source=(
        "(SELECT * FROM special_procedure WHERE ended_at IS NULL) p"
        " JOIN case_file c ON c.number = p.case_number"
    ),
    key=Order("p.id", "bigint"),
    orders={
        "applied": Order("p.applied_at", "timestamptz"),
        "due": Order("coalesce(p.due_at, 'infinity'::timestamptz)", "timestamptz"),
    },
    filters={
        "state": "p.state = {}::text",
        "kind": "p.kind = {}::text",
        "case": "p.case_number = {}::text",
        "reach": _reached("p.case_number"),
    },
)
"""Columns ``id case_number item_name office kind state approver applied_at due_at``."""

MATERIALS = Listing(
    name="materials",
    columns="m.id, m.case_number, m.name, m.media_type, m.size, m.uploaded_at, c.item_name, c.office",
    source=(
        "(SELECT * FROM case_material WHERE state = 'uploaded' AND handed_in_seq IS NOT NULL) m"
        " JOIN case_file c ON c.number = m.case_number"
    ),
    key=Order("m.id", "uuid"),
    orders={"uploaded": Order("m.uploaded_at", "timestamptz")},
    filters={
        "case": "m.case_number = {}::text",
        "office": "starts_with(c.office, {}::text)",
        "reach": _reached("m.case_number"),
    },
)
"""Columns ``id case_number name media_type size uploaded_at item_name office``."""
