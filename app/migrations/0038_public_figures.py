"""What the public reads of figures: appointments by month, cases by day."""

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from app.kit import guards

INDEXES = {
    "case_accepted": "INDEX {} ON case_file (accepted_at) WHERE accepted_at IS NOT NULL",
    "case_decided": "INDEX {} ON case_file (decided_at) WHERE decided_at IS NOT NULL",
}
CHECKS = {
    ("hall_month", "hall_month_begins"): "extract(day FROM month) = 1",
    ("hall_month", "hall_month_adds_up"): "served >= 0 AND no_shows >= 0 AND booked >= served + no_shows",
    ("case_figure", "case_figure_adds_up"): (
        "accepted >= 0 AND on_time >= 0 AND late >= 0 AND decided >= on_time + late AND accepted + decided > 0"
    ),
}


class Migration(migrations.Migration):
    dependencies = [("weiban", "0037_figures")]

    operations = [
        ops.CreateModel(
            name="HallMonth",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("hall_id", fields.BigIntField()),
                ("month", fields.DateField(description="its first day")),
                ("booked", fields.IntField()),
                ("served", fields.IntField()),
                ("no_shows", fields.IntField()),
            ],
            options={
                "table": "hall_month",
                "app": "weiban",
                "unique_together": (("month", "hall_id"),),
                "indexes": [Index(fields=["hall_id", "month"])],
                "pk_attr": "id",
                "table_description": "月度预约统计: what the appointments of a hall came to in a month, summed from its days.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CaseFigure",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("day", fields.DateField()),
                (
                    "region",
                    fields.CharField(
                        description="county of the authority; empty where nobody told", max_length=6
                    ),
                ),
                ("accepted", fields.IntField()),
                ("decided", fields.IntField()),
                ("on_time", fields.IntField()),
                ("late", fields.IntField()),
            ],
            options={
                "table": "case_figure",
                "app": "weiban",
                "unique_together": (("day", "region"),),
                "indexes": [],
                "pk_attr": "id",
                "table_description": "办件统计: how many cases of the authorities of a county were accepted and decided on a day.",
            },
            bases=["Model"],
        ),
        guards.operation(INDEXES, CHECKS),
    ]
