"""Tables of booking rules, slots, appointments, their history and people's standing."""

from enum import StrEnum
from typing import Final
from uuid import UUID

from tortoise import fields
from tortoise.fields.db_defaults import Now
from tortoise.indexes import Index
from tortoise.models import Model

from app.domain.accounts.models import IdentityLevel, Person
from app.domain.halls.models import Business, Hall


class AppointmentStatus(StrEnum):
    """States of an appointment (SM-APPT); a hold is a ``SeatHold`` until it is booked."""

    BOOKED = "booked"
    CHECKED_IN = "checked_in"
    SERVING = "serving"
    DONE = "done"
    CANCELLED = "cancelled"
    CANCELLED_BY_HALL = "cancelled_by_hall"
    NO_SHOW = "no_show"

    @property
    def words(self) -> str:
        """The state as people read it."""
        return _STATES[self]


_STATES: Final = {
    AppointmentStatus.BOOKED: "待办理",
    AppointmentStatus.CHECKED_IN: "已签到",
    AppointmentStatus.SERVING: "办理中",
    AppointmentStatus.DONE: "已办结",
    AppointmentStatus.CANCELLED: "已取消",
    AppointmentStatus.CANCELLED_BY_HALL: "大厅取消",
    AppointmentStatus.NO_SHOW: "未到场",
}

ACTIVE = (AppointmentStatus.BOOKED, AppointmentStatus.CHECKED_IN, AppointmentStatus.SERVING)
"""States in which an appointment occupies its half-day and its number."""
AT_HAND = (AppointmentStatus.CHECKED_IN, AppointmentStatus.SERVING)
"""States of somebody who stands in the hall."""


class StrikeKind(StrEnum):
    """What a person is held to account for (爽约, 频繁取消)."""

    NO_SHOW = "no_show"
    CANCEL = "cancel"


class AppealStatus(StrEnum):
    OPEN = "open"
    UPHELD = "upheld"
    REFUSED = "refused"


class BookingRules(Model):
    """预约规则 of one hall; every number an administrator may set."""

    id = fields.BigIntField(primary_key=True)
    hall: fields.OneToOneRelation[Hall] = fields.OneToOneField(
        "weiban.Hall", related_name="booking_rules", on_delete=fields.CASCADE
    )
    hall_id: int
    slot_minutes = fields.SmallIntField(default=30)
    window_workdays = fields.SmallIntField(
        default=5, description="bookable this many workdays ahead, today not counted"
    )
    earliest_workdays = fields.SmallIntField(default=0, description="0: the same day may be booked")
    lead_minutes = fields.SmallIntField(default=30, description="a slot closes this long before it starts")
    online_share = fields.DecimalField(3, 2, default="0.60", description="part of the seats offered online")
    cancel_minutes = fields.SmallIntField(
        default=120, description="the citizen may cancel until this long before"
    )
    early_check_in_minutes = fields.SmallIntField(default=15)
    active_limit = fields.SmallIntField(default=3, description="active bookings one person may hold")
    no_show_limit = fields.SmallIntField(default=3)
    no_show_days = fields.SmallIntField(default=90, description="rolling window in days")
    cancel_limit = fields.SmallIntField(default=5)
    cancel_days = fields.SmallIntField(default=30, description="rolling window in days")
    ban_days = fields.SmallIntField(default=30)
    seat_return_max_s = fields.IntField(
        default=0, description="a freed seat returns after 0 to this many seconds"
    )
    required_level = fields.CharEnumField(
        IdentityLevel, max_length=20, default=IdentityLevel.WX_BOUND, description="实名要求"
    )

    class Meta:
        table = "booking_rules"


class Slot(Model):
    """号源: the seats of one business in one hall from one time on.

    ``capacity`` is what is offered online; ``booked + held`` never exceeds it. Seats set aside by
    a hold, or cooling after a cancellation, count as held until their ``SeatHold`` expires.
    """

    id = fields.BigIntField(primary_key=True)
    hall: fields.ForeignKeyRelation[Hall] = fields.ForeignKeyField(
        "weiban.Hall", related_name=False, on_delete=fields.RESTRICT
    )
    business: fields.ForeignKeyRelation[Business] = fields.ForeignKeyField(
        "weiban.Business", related_name=False, on_delete=fields.RESTRICT
    )
    hall_id: int
    business_id: str
    on = fields.DateField()
    half_day = fields.IntField(description="days since 1970-01-01 twice, plus one for the afternoon")
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    bookable_from = fields.DatetimeField(description="opening of the booking window")
    bookable_until = fields.DatetimeField(description="start less the lead time")
    capacity = fields.SmallIntField(description="网上号源")
    onsite_capacity = fields.SmallIntField(description="现场号源, plus what was free online at the start")
    booked = fields.SmallIntField(default=0)
    held = fields.SmallIntField(default=0)
    is_open = fields.BooleanField(default=True, description="false once the schedule no longer has it")
    released_at = fields.DatetimeField(null=True, description="when its free seats went to walk-ins")

    class Meta:
        table = "slot"
        unique_together = (("hall_id", "business_id", "starts_at"),)


class SeatHold(Model):
    """占号: a seat set aside for a person (at most five minutes), or cooling after it was freed."""

    id = fields.UUIDField(primary_key=True)
    slot: fields.ForeignKeyRelation[Slot] = fields.ForeignKeyField(
        "weiban.Slot", related_name="holds", on_delete=fields.CASCADE
    )
    person_id = fields.UUIDField(null=True, description="its owner; null: a freed seat on its way back")
    expires_at = fields.DatetimeField()
    created_at = fields.DatetimeField(db_default=Now())

    class Meta:
        table = "seat_hold"
        indexes = (Index(fields=("slot_id", "expires_at")), Index(fields=("expires_at",)))


class Standing(Model):
    """预约资格 of a person or an enterprise: the row every booking of theirs locks."""

    subject_id = fields.UUIDField(primary_key=True, description="of a person or an enterprise")
    active = fields.SmallIntField(default=0, description="active bookings made by this person")
    banned_until = fields.DatetimeField(null=True)

    class Meta:
        table = "booking_standing"


class Appointment(Model):
    """预约: a seat promised to someone.

    Hall, business and enterprise are plain columns: a foreign key to a hall would make every booking
    of that hall write a lock into the one hall row.
    """

    id = fields.UUIDField(primary_key=True)
    number = fields.CharField(8, description="预约号")
    slot: fields.ForeignKeyRelation[Slot] = fields.ForeignKeyField(
        "weiban.Slot", related_name="appointments", on_delete=fields.RESTRICT
    )
    hall_id = fields.BigIntField(description="copied from the slot, whose foreign key guards it")
    business_id = fields.CharField(24, description="copied from the slot, whose foreign key guards it")
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "weiban.Person", related_name=False, on_delete=fields.RESTRICT
    )
    slot_id: int
    person_id: UUID
    enterprise_id = fields.UUIDField(null=True)
    subject_id = fields.UUIDField(description="the enterprise if there is one, else the person")
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    half_day = fields.IntField(
        description="as the slot's; one active booking per subject, business and half-day"
    )
    status = fields.CharEnumField(AppointmentStatus, max_length=20)
    items = fields.JSONField[list[str]](description="办理事项")
    channel = fields.CharField(12, description="渠道: MP, WX_OA, WEB, WINDOW …")
    request_key = fields.CharField(120, null=True, description="the caller's Idempotency-Key")
    checked_in_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "appointment"
        indexes = (Index(fields=("person_id", "id")),)


class AppointmentEvent(Model):
    """预约流水: one append-only row for each transition."""

    id = fields.BigIntField(primary_key=True)
    appointment_id = fields.UUIDField()
    kind = fields.CharField(24)
    from_status = fields.CharField(20, null=True)
    to_status = fields.CharField(20)
    actor = fields.CharField(80)
    detail = fields.JSONField[dict[str, object]](null=True)
    at = fields.DatetimeField()

    class Meta:
        table = "appointment_event"
        indexes = (Index(fields=("appointment_id", "id")),)


class Strike(Model):
    """违约记录: a no-show or a cancellation that counts until it leaves the rolling window."""

    id = fields.BigIntField(primary_key=True)
    subject_id = fields.UUIDField()
    appointment_id = fields.UUIDField()
    kind = fields.CharEnumField(StrikeKind, max_length=8)
    at = fields.DatetimeField()
    excused_at = fields.DatetimeField(null=True)

    class Meta:
        table = "booking_strike"
        unique_together = (("appointment_id", "kind"),)
        indexes = (Index(fields=("subject_id", "kind", "at")),)


class Ban(Model):
    """限制预约: a subject may not book from one moment to another."""

    id = fields.BigIntField(primary_key=True)
    subject_id = fields.UUIDField()
    hall_id = fields.BigIntField(
        null=True, description="where the last strike fell; its manager hears appeals"
    )
    reason = fields.CharEnumField(StrikeKind, max_length=8)
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    lifted_at = fields.DatetimeField(null=True)

    class Meta:
        table = "booking_ban"
        indexes = (Index(fields=("subject_id", "ends_at")),)


class Appeal(Model):
    """申诉 against a ban; upheld, it lifts the ban and excuses the strikes behind it."""

    id = fields.UUIDField(primary_key=True)
    ban: fields.ForeignKeyRelation[Ban] = fields.ForeignKeyField(
        "weiban.Ban", related_name="appeals", on_delete=fields.RESTRICT
    )
    ban_id: int
    person_id = fields.UUIDField()
    text = fields.CharField(500)
    status = fields.CharEnumField(AppealStatus, max_length=8, default=AppealStatus.OPEN)
    answer = fields.CharField(500, null=True)
    created_at = fields.DatetimeField(db_default=Now())
    decided_at = fields.DatetimeField(null=True)
    decided_by = fields.UUIDField(null=True)

    class Meta:
        table = "booking_appeal"


class Reminder(Model):
    """提醒: that a reminder for an appointment at its time was issued, so it never is twice."""

    id = fields.BigIntField(primary_key=True)
    appointment_id = fields.UUIDField()
    kind = fields.CharField(12, description="day_before, two_hours")
    starts_at = fields.DatetimeField(
        description="of the appointment when reminded; a moved one is reminded anew"
    )
    created_at = fields.DatetimeField(db_default=Now())

    class Meta:
        table = "appointment_reminder"
        unique_together = (("appointment_id", "kind", "starts_at"),)


class ScheduleConflict(Model):
    """排班冲突: an appointment whose seat a schedule change has taken away, until someone settles it."""

    id = fields.BigIntField(primary_key=True)
    appointment: fields.ForeignKeyRelation[Appointment] = fields.ForeignKeyField(
        "weiban.Appointment", related_name=False, on_delete=fields.RESTRICT
    )
    appointment_id: UUID
    hall_id = fields.BigIntField()
    reason = fields.CharField(120)
    created_at = fields.DatetimeField(db_default=Now())
    settled_at = fields.DatetimeField(null=True)
    outcome = fields.CharField(24, null=True, description="reassigned, cancelled_by_hall, restored")

    class Meta:
        table = "schedule_conflict"
        indexes = (Index(fields=("hall_id", "settled_at")),)
