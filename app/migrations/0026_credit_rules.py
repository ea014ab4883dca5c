"""Credit ratings."""

from tortoise import migrations


class Migration(migrations.Migration):
    dependencies = [("weiban", "0025_invoice_folders")]

    operations = []
