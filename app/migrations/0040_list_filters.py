"""Whatever a list is filtered by finds its rows without reading all the others on the way."""

from tortoise import migrations

from app.kit import guards

INDEXES = {
    "appointment_by_business": "INDEX {} ON appointment (hall_id, business_id, starts_at, id)",
    "appointment_by_number": "INDEX {} ON appointment (hall_id, number)",
    # Hardly any is in this state; those of frequent states are met soon enough on the way.
    "appointment_called_off": (
        "INDEX {} ON appointment (hall_id, starts_at, id) WHERE status = 'cancelled_by_hall'"
    ),
    "booking_ban_of_hall": "INDEX {} ON booking_ban (hall_id, starts_at, id)",
    "exchange_call_source": "INDEX {} ON exchange_call (source, at, id)",
    "exchange_call_purpose": "INDEX {} ON exchange_call (purpose, at, id)",
}


class Migration(migrations.Migration):
    dependencies = [("weiban", "0039_day_end")]

    operations = [guards.operation(INDEXES, {})]
