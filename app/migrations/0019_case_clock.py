"""The clock of cases, their parts, and what supervision should look at."""

from tortoise import migrations


class Migration(migrations.Migration):
    dependencies = [("weiban", "0018_sms_suppression")]

    operations = []
