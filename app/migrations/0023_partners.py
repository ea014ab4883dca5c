"""What department systems pushed."""

from tortoise import migrations


class Migration(migrations.Migration):
    dependencies = [("weiban", "0022_exchange_calls")]

    operations = []
