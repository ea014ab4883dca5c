"""Papers of cases."""

from tortoise import migrations


class Migration(migrations.Migration):
    dependencies = [("weiban", "0019_case_clock")]

    operations = []
