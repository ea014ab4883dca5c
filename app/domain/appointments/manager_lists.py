"""What managers list of a hall's bookings: appointments, no-shows, open conflicts, bans and appeals."""

from app.kit.listings import Listing, Order

_SUBJECT = "p.name_sealed, e.name AS enterprise_name"
_ITS_SUBJECT = (
    " LEFT JOIN person p ON p.id = b.subject_id LEFT JOIN enterprise e ON e.id = b.subject_id"
    " LEFT JOIN hall h ON h.id = b.hall_id"
)

APPOINTMENTS = Listing(
    name="hall_appointments",
    columns=(
        "a.id, a.number, a.status, a.channel, a.starts_at, a.ends_at, a.created_at, a.checked_in_at,"
        " b.name AS business_name, p.name_sealed"
    ),
    source="appointment a JOIN business b ON b.code = a.business_id JOIN person p ON p.id = a.person_id",
    key=Order("a.id", "uuid"),
    orders={"starts_at": Order("a.starts_at", "timestamptz")},
    filters={
        "hall": "a.hall_id = {}::bigint",
        "since": "a.starts_at >= {}::timestamptz",
        "until": "a.starts_at < {}::timestamptz",
        "status": "a.status = {}::text",
        "business": "a.business_id = {}::text",
        "number": "a.number = {}::text",
    },
)

NO_SHOWS = Listing(
    name="no_shows",
    columns=(
        "a.id, a.number, a.starts_at, a.subject_id, b.name AS business_name, p.name_sealed, s.excused_at,"
        " (SELECT t.banned_until FROM booking_standing t WHERE t.subject_id = a.subject_id) AS banned_until"
    ),
    # Said as a condition of its own, so that the index of no-shows alone is read.
    source=(
        "(SELECT * FROM appointment WHERE status = 'no_show') a JOIN business b ON b.code = a.business_id"
        " JOIN person p ON p.id = a.person_id"
        " LEFT JOIN booking_strike s ON s.appointment_id = a.id AND s.kind = 'no_show'"
    ),
    key=Order("a.id", "uuid"),
    orders={"starts_at": Order("a.starts_at", "timestamptz")},
    filters={
        "hall": "a.hall_id = {}::bigint",
        "since": "a.starts_at >= {}::timestamptz",
        "until": "a.starts_at < {}::timestamptz",
        "business": "a.business_id = {}::text",
    },
)

CONFLICTS = Listing(
    name="schedule_conflicts",
    columns=(
        "c.id, c.reason, c.created_at, a.number, a.starts_at, h.name AS hall_name,"
        " b.name AS business_name, p.name_sealed"
    ),
    source=(
        "(SELECT * FROM schedule_conflict WHERE settled_at IS NULL) c"
        " JOIN appointment a ON a.id = c.appointment_id AND a.status = 'booked'"
        " JOIN person p ON p.id = a.person_id"
        " JOIN hall h ON h.id = c.hall_id JOIN business b ON b.code = a.business_id"
    ),
    key=Order("c.id", "bigint"),
    orders={
        "created_at": Order("c.created_at", "timestamptz"),
        "starts_at": Order("a.starts_at", "timestamptz"),
    },
    filters={"reach": "c.hall_id = ANY ({}::bigint[])", "hall": "strpos(h.name, {}::text) > 0"},
)

BANS = Listing(
    name="booking_bans",
    columns=f"b.id, b.reason, b.starts_at, b.ends_at, b.lifted_at, h.name AS hall_name, {_SUBJECT}",
    source=f"booking_ban b{_ITS_SUBJECT}",
    key=Order("b.id", "bigint"),
    orders={"starts_at": Order("b.starts_at", "timestamptz")},
    filters={
        "reach": "b.hall_id = ANY ({}::bigint[])",
        "reason": "b.reason = {}::text",
        "running": "(b.lifted_at IS NULL AND b.ends_at > now()) = {}::boolean",
    },
)

APPEALS = Listing(
    name="booking_appeals",
    columns=(
        f"a.id, a.status, a.created_at, a.decided_at, b.reason, b.ends_at, h.name AS hall_name, {_SUBJECT}"
    ),
    source=f"booking_appeal a JOIN booking_ban b ON b.id = a.ban_id{_ITS_SUBJECT}",
    key=Order("a.id", "uuid"),
    orders={"created_at": Order("a.created_at", "timestamptz")},
    filters={"reach": "b.hall_id = ANY ({}::bigint[])", "status": "a.status = {}::text"},
)
