"""Campaigns by the uploaded lists they were made of."""

from tortoise import migrations

from app.kit import guards

INDEXES = {
    "campaign_of_audience": "INDEX {} ON campaign USING gin (audience jsonb_path_ops)",
}


class Migration(migrations.Migration):
    dependencies = [("weiban", "0040_list_filters")]

    operations = [guards.operation(INDEXES, {})]
