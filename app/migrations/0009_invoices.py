"""The table that counts checks of invoices."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from app.kit import guards

INDEXES = {"invoice_checks_once": 'UNIQUE INDEX {} ON invoice_checks (invoice_hash, "on")'}

CHECKS = {("invoice_checks", "invoice_checks_a_day"): "checks BETWEEN 0 AND 5"}


class Migration(migrations.Migration):
    dependencies = [("weiban", "0008_person_merges")]

    operations = [
        ops.CreateModel(
            name="InvoiceChecks",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                ("invoice_hash", fields.BinaryField(description="keyed hash of 发票代码 and 发票号码")),
                ("on", fields.DateField(description="the day in Shanghai")),
                ("checks", fields.SmallIntField()),
            ],
            options={
                "table": "invoice_checks",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "查验次数: how often one invoice was checked on one day, by whomever; the platform allows five.",
            },
            bases=["Model"],
        ),
        guards.operation(INDEXES, CHECKS),
    ]
