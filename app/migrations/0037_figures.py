"""Days of appointments, counted."""

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from app.domain.appointments.models import AppointmentStatus
from app.kit import guards

CHECKS = {
    ("appointment_figure", "appointment_figure_hour"): "hour BETWEEN 0 AND 23",
    ("appointment_figure", "appointment_figure_number"): "number > 0",
}


class Migration(migrations.Migration):
    dependencies = [("weiban", "0036_desk_look_ups")]

    operations = [
        ops.CreateModel(
            name="AppointmentFigure",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("hall_id", fields.BigIntField()),
                ("day", fields.DateField()),
                ("hour", fields.SmallIntField()),
                (
                    "outcome",
                    fields.CharEnumField(
                        description=(
                            "BOOKED: booked\nCHECKED_IN: checked_in\nSERVING: serving\nDONE: done\n"
                            "CANCELLED: cancelled\nCANCELLED_BY_HALL: cancelled_by_hall\nNO_SHOW: no_show"
                        ),
                        enum_type=AppointmentStatus,
                        max_length=20,
                    ),
                ),
                ("number", fields.IntField()),
            ],
            options={
                "table": "appointment_figure",
                "app": "weiban",
                "unique_together": (("hall_id", "day", "hour", "outcome"),),
                "indexes": [Index(fields=["day"])],
                "pk_attr": "id",
                "table_description": "预约统计: how many appointments of a hall began in an hour of a day, by what became of them.",
            },
            bases=["Model"],
        ),
        guards.operation({}, CHECKS),
    ]
