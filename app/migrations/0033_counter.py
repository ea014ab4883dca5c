"""What changed last in a hall, as its counters ask once a second."""

from tortoise import migrations

from app.kit import guards

INDEXES = {
    "appointment_by_change": "INDEX {} ON appointment (hall_id, updated_at)",
}


class Migration(migrations.Migration):
    dependencies = [("weiban", "0032_records")]

    operations = [guards.operation(INDEXES)]
