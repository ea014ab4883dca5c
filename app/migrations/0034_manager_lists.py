"""Bans know the hall whose manager hears appeals, and lists of a hall's bookings their indexes."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from app.kit import guards

INDEXES = {
    "appointment_by_hall": "INDEX {} ON appointment (hall_id, starts_at, id)",
    "no_show_by_hall": "INDEX {} ON appointment (hall_id, starts_at, id) WHERE status = 'no_show'",
    "conflict_open_by_time": "INDEX {} ON schedule_conflict (created_at, id) WHERE settled_at IS NULL",
    "booking_ban_by_time": "INDEX {} ON booking_ban (starts_at, id)",
    "booking_appeal_by_time": "INDEX {} ON booking_appeal (created_at, id)",
}

# A ban is written in the transaction, and at the moment, of the strike that reached the limit.
_HALLS = """
UPDATE booking_ban b SET hall_id = a.hall_id
FROM booking_strike s JOIN appointment a ON a.id = s.appointment_id
WHERE s.subject_id = b.subject_id AND s.kind = b.reason AND s.at = b.starts_at
"""


class Migration(migrations.Migration):
    dependencies = [("weiban", "0033_counter")]

    operations = [
        ops.AddField(
            model_name="Ban",
            name="hall_id",
            field=fields.BigIntField(
                null=True, description="where the last strike fell; its manager hears appeals"
            ),
        ),
        guards.operation(INDEXES, {}, first=[(_HALLS, "SELECT 1")]),
    ]
