"""Who is still on the lists of a counter, as the day's end asks for them every minute."""

from tortoise import migrations

from app.kit import guards

INDEXES = {
    "appointment_at_hand": "INDEX {} ON appointment (starts_at) WHERE status IN ('checked_in', 'serving')",
}


class Migration(migrations.Migration):
    dependencies = [("weiban", "0038_public_figures")]

    operations = [guards.operation(INDEXES, {})]
