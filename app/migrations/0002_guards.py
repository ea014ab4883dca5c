"""What the database itself forbids: doubles, overfull slots, impossible states, rewritten history."""

from tortoise import migrations
from tortoise.migrations import operations as ops

# Each entry is (what it does, how it is undone). Tortoise writes no partial indexes with
# conditions like these and no CHECKs for new tables, so they are said in SQL.
INDEXES = {
    # Accounts.
    "person_id_number_once": "UNIQUE INDEX {} ON person (id_number_hash) WHERE status <> 'deleted'",
    "person_phone": "INDEX {} ON person (phone_hash) WHERE phone_hash IS NOT NULL",
    "enterprise_uscc_once": "UNIQUE INDEX {} ON enterprise (uscc_hash)",
    "session_token_once": "UNIQUE INDEX {} ON session (token_hash)",
    "staff_session_token_once": "UNIQUE INDEX {} ON staff_session (token_hash)",
    "binding_role_once": (
        "UNIQUE INDEX {} ON enterprise_binding (person_id, enterprise_id, role) WHERE status = 'active'"
    ),
    "staff_role_once": (
        "UNIQUE INDEX {} ON staff_role (staff_id, role, hall_id, region_code) NULLS NOT DISTINCT"
    ),
    "staff_one_admin_role": (
        "UNIQUE INDEX {} ON staff_role (staff_id) WHERE role IN ('system_admin', 'security_admin', 'auditor')"
    ),
    # Appointments: the three promises that hold under any race.
    "appointment_half_day_once": (
        "UNIQUE INDEX {} ON appointment (subject_id, business_id, half_day)"
        " WHERE status IN ('booked', 'checked_in', 'serving')"
    ),
    "appointment_number_once": (
        "UNIQUE INDEX {} ON appointment (number) WHERE status IN ('booked', 'checked_in', 'serving')"
    ),
    "appointment_request_once": (
        "UNIQUE INDEX {} ON appointment (person_id, request_key) WHERE request_key IS NOT NULL"
    ),
    # Look-ups of the timed jobs and of the counter: only live rows, so they stay small for ever.
    "appointment_live_by_start": "INDEX {} ON appointment (starts_at) WHERE status = 'booked'",
    "appointment_live_by_slot": (
        "INDEX {} ON appointment (slot_id) WHERE status IN ('booked', 'checked_in', 'serving')"
    ),
    "slot_to_release": "INDEX {} ON slot (starts_at) WHERE released_at IS NULL",
    "conflict_open_once": "UNIQUE INDEX {} ON schedule_conflict (appointment_id) WHERE settled_at IS NULL",
    "appeal_open_once": "UNIQUE INDEX {} ON booking_appeal (ban_id) WHERE status = 'open'",
    # Messages.
    "notification_to_claim": "INDEX {} ON notification (account_id, lane, run_at, id) WHERE status = 'created'",
    "notification_leased": "INDEX {} ON notification (lease_until) WHERE status IN ('claimed', 'sending')",
    "notification_msgid": "INDEX {} ON notification (account_id, msgid) WHERE msgid IS NOT NULL",
    "notification_unknown": "INDEX {} ON notification (account_id, openid) WHERE status = 'unknown'",
    "receipt_to_apply": "INDEX {} ON notification_receipt (retry_at) WHERE applied_at IS NULL",
    "credit_to_spend": (
        "INDEX {} ON subscription_credit (person_id, template_id, id) WHERE spent_at IS NULL"
    ),
    "outbox_to_relay": "INDEX {} ON outbox_event (retry_at, id) WHERE dead_because IS NULL",
}

CHECKS = {
    ("slot", "slot_seats"): "booked >= 0 AND held >= 0 AND booked + held <= capacity",
    ("slot", "slot_times"): "starts_at < ends_at AND bookable_from < bookable_until",
    ("slot", "slot_onsite"): "onsite_capacity >= 0",
    ("booking_standing", "standing_active"): "active >= 0",
    ("booking_rules", "rules_sane"): (
        "slot_minutes BETWEEN 5 AND 240 AND window_workdays BETWEEN 1 AND 60"
        " AND earliest_workdays BETWEEN 0 AND window_workdays AND lead_minutes >= 0"
        " AND online_share BETWEEN 0 AND 1 AND cancel_minutes >= 0 AND active_limit > 0"
        " AND no_show_limit > 0 AND cancel_limit > 0 AND ban_days >= 0 AND seat_return_max_s BETWEEN 0 AND 3600"
    ),
    ("appointment", "appointment_number"): "number ~ '^[0-9]{8}$'",
    ("appointment", "appointment_status"): (
        "status IN ('booked','checked_in','serving','done','cancelled','cancelled_by_hall','no_show')"
    ),
    ("seat_hold", "hold_short"): "expires_at <= created_at + interval '1 hour'",
    ("region", "region_level"): "level BETWEEN 1 AND 5",
    ("hall", "hall_position"): "latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180",
    ("opening_hours", "hours_sane"): "weekday BETWEEN 1 AND 7 AND opens_at < closes_at",
    ("hall_exception", "exception_sane"): "is_closed OR (opens_at IS NOT NULL AND opens_at < closes_at)",
    ("blackout", "blackout_names_days"): (
        '("on" IS NOT NULL)::int + is_first_workday::int + (day_of_month IS NOT NULL)::int = 1'
    ),
    ("business", "business_minutes"): "handling_minutes > 0",
    ("staff_role", "staff_role_one_scope"): "hall_id IS NULL OR region_code IS NULL",
    ("booking_ban", "ban_span"): "starts_at <= ends_at",
    ("notification", "notification_status"): (
        "status IN ('created','claimed','sending','sent','delivered','failed','unknown','dead')"
    ),
}

APPEND_ONLY = ("appointment_event", "audit_entry", "consent_entry")

# Rows that are rewritten at every booking keep free room on their page, so that the new version
# lands beside the old one and no index has to be touched.
ROOM = {"slot": 60, "booking_standing": 70, "notification": 80, "outbox_event": 80}


def _forward() -> list[str]:
    return [
        *(f"CREATE {text.format(name)}" for name, text in INDEXES.items()),
        *(
            f'ALTER TABLE "{table}" ADD CONSTRAINT {name} CHECK ({rule})'
            for (table, name), rule in CHECKS.items()
        ),
        """CREATE FUNCTION refuse_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$""",
        *(
            f'CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "{table}"'
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite()"
            for table in APPEND_ONLY
        ),
        *(f'ALTER TABLE "{table}" SET (fillfactor = {percent})' for table, percent in ROOM.items()),
    ]


def _backward() -> list[str]:
    return [
        *(f'ALTER TABLE "{table}" RESET (fillfactor)' for table in ROOM),
        *(f'DROP TRIGGER append_only ON "{table}"' for table in APPEND_ONLY),
        "DROP FUNCTION refuse_rewrite()",
        *(f'ALTER TABLE "{table}" DROP CONSTRAINT {name}' for table, name in CHECKS),
        *(f"DROP INDEX {name}" for name in INDEXES),
    ]


class Migration(migrations.Migration):
    dependencies = [("weiban", "0001_initial")]
    operations = [ops.RunSQL(_forward(), _backward())]
