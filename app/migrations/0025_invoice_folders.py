"""Invoice folders."""

from tortoise import migrations


class Migration(migrations.Migration):
    dependencies = [("weiban", "0024_connections")]

    operations = []
