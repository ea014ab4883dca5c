"""What a hall's appointments are filtered by finds its rows without reading all of the hall's."""

from tortoise import migrations

from app.kit import guards

INDEXES = {
    "appointment_by_business": "INDEX {} ON appointment (hall_id, business_id, starts_at, id)",
    "appointment_by_number": "INDEX {} ON appointment (hall_id, number)",
    # Almost none are in this state; the frequent ones are met soon enough on the way through the hall's.
    "appointment_called_off": (
        "INDEX {} ON appointment (hall_id, starts_at, id) WHERE status = 'cancelled_by_hall'"
    ),
}


class Migration(migrations.Migration):
    dependencies = [("weiban", "0039_day_end")]

    operations = [guards.operation(INDEXES, {})]
