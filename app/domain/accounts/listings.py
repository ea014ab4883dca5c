"""Staff as those who look after them ask for them, with how each account stands."""

from app.kit.listings import Listing, Order

STATES = ("active", "new", "locked", "closed")
"""How an account stands; a new one still has the password that was given out."""

_STATE = (
    "CASE WHEN NOT s.is_active THEN 'closed' WHEN s.locked_until > now() THEN 'locked'"
    " WHEN s.must_change_password THEN 'new' ELSE 'active' END"
)
_HOLDS = "SELECT 1 FROM staff_role p WHERE p.staff_id = s.id AND p.role = {}::text"
_POSTS = "SELECT count(*) FROM staff_role p WHERE p.staff_id = s.id"
_SEEN = "SELECT max(x.seen_at) FROM staff_session x WHERE x.staff_id = s.id"

STAFF = Listing(
    name="staff",
    columns=(
        f"s.id, s.username, s.display_name, {_STATE} AS state, s.created_at,"
        f" ({_POSTS}) AS posts, ({_SEEN}) AS seen_at"
    ),
    source="staff s",
    key=Order("s.id", "uuid"),
    orders={"username": Order("s.username", "text"), "created": Order("s.created_at", "timestamptz")},
    filters={
        "username": "starts_with(s.username, {}::text)",
        "state": f"{_STATE} = {{}}::text",
        "role": f"EXISTS ({_HOLDS})",
    },
)
"""Columns ``id username display_name state created_at posts seen_at``."""
