"""Who follows a case."""

from tortoise import migrations


class Migration(migrations.Migration):
    dependencies = [("weiban", "0020_case_papers")]

    operations = []
