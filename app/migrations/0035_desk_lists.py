"""Notices, campaigns and versions of messages by what their desks filter by."""

from tortoise import migrations

from app.kit import guards

INDEXES = {
    "notice_of_kind": "INDEX {} ON notice (kind, id)",
    "campaign_of_state": "INDEX {} ON campaign (state, id)",
    "campaign_of_message": "INDEX {} ON campaign (message, id)",
    "message_version_of_state": "INDEX {} ON message_version (state, id)",
}


class Migration(migrations.Migration):
    dependencies = [("weiban", "0034_manager_lists")]

    operations = [guards.operation(INDEXES, {})]
