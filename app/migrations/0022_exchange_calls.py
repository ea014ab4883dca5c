"""Calls to outside systems."""

from tortoise import migrations


class Migration(migrations.Migration):
    dependencies = [("weiban", "0021_case_followers")]

    operations = []
