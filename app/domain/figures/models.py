"""The table of days that are over, counted."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from app.domain.appointments.models import AppointmentStatus


class AppointmentFigure(Model):
    """预约统计: how many appointments of a hall began in an hour of a day, by what became of them.

    Days and hours are those of Beijing. There is a row only where there is something to count.
    """

    id = fields.BigIntField(primary_key=True)
    hall_id = fields.BigIntField()
    day = fields.DateField()
    hour = fields.SmallIntField()
    outcome = fields.CharEnumField(AppointmentStatus, max_length=20)
    number = fields.IntField()

    class Meta:
        table = "appointment_figure"
        unique_together = (("hall_id", "day", "hour", "outcome"),)
        indexes = (Index(fields=("day",)),)


class HallMonth(Model):
    """月度预约统计: what the appointments of a hall came to in a month, summed from its days.

    ``booked`` are all that were made for the month, cancelled ones too.
    """

    id = fields.BigIntField(primary_key=True)
    hall_id = fields.BigIntField()
    month = fields.DateField(description="its first day")
    booked = fields.IntField()
    served = fields.IntField()
    no_shows = fields.IntField()

    class Meta:
        table = "hall_month"
        unique_together = (("month", "hall_id"),)
        indexes = (Index(fields=("hall_id", "month")),)


class CaseFigure(Model):
    """办件统计: how many cases of the authorities of a county were accepted and decided on a day.

    ``on_time`` and ``late`` are of those decided whose due day is known.
    """

    id = fields.BigIntField(primary_key=True)
    day = fields.DateField()
    region = fields.CharField(6, description="county of the authority; empty where nobody told")
    accepted = fields.IntField()
    decided = fields.IntField()
    on_time = fields.IntField()
    late = fields.IntField()

    class Meta:
        table = "case_figure"
        unique_together = (("day", "region"),)
