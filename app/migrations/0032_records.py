"""The audit log by day and by deed, as its readers ask for it."""

from tortoise import migrations

from app.kit import guards

INDEXES = {
    "audit_entry_by_time": "INDEX {} ON audit_entry (at)",
    "audit_entry_by_deed": "INDEX {} ON audit_entry (action, id)",
}


class Migration(migrations.Migration):
    dependencies = [("weiban", "0031_exchange_relay")]

    operations = [guards.operation(INDEXES, {})]
