"""The census of systems and their connections."""

from tortoise import migrations


class Migration(migrations.Migration):
    dependencies = [("weiban", "0023_partners")]

    operations = []
