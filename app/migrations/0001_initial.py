from uuid import uuid4

from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.fields.db_defaults import Now
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from app.domain.accounts.models import AgentRole, BindingStatus, IdentityLevel, PersonStatus, StaffRole
from app.domain.appointments.models import AppealStatus, AppointmentStatus, StrikeKind
from app.domain.halls.models import DayKind, DayStatus, HalfDay, WallTime
from notifications.models import Channel, NotificationStatus


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="AppointmentEvent",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("appointment_id", fields.UUIDField()),
                ("kind", fields.CharField(max_length=24)),
                ("from_status", fields.CharField(null=True, max_length=20)),
                ("to_status", fields.CharField(max_length=20)),
                ("actor", fields.CharField(max_length=80)),
                ("detail", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "appointment_event",
                "app": "weiban",
                "indexes": [Index(fields=["appointment_id", "id"])],
                "pk_attr": "id",
                "table_description": "预约流水: one append-only row for each transition.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AuditEntry",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True,
                        primary_key=True,
                        unique=True,
                        db_index=True,
                        description="its place in the chain, given by the writer",
                    ),
                ),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("actor", fields.CharField(description="person:<id>, staff:<id>, system", max_length=80)),
                ("action", fields.CharField(max_length=64)),
                ("target", fields.CharField(max_length=120)),
                ("hall_id", fields.BigIntField(null=True)),
                ("reason", fields.TextField(null=True, description="理由", unique=False)),
                ("detail", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("previous_hash", fields.BinaryField()),
                ("hash", fields.BinaryField()),
            ],
            options={
                "table": "audit_entry",
                "app": "weiban",
                "indexes": [Index(fields=["actor", "id"]), Index(fields=["target", "id"])],
                "pk_attr": "id",
                "table_description": "审计记录: who did what to whom and why, append-only, each row hashing the one before it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Ban",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("subject_id", fields.UUIDField()),
                (
                    "reason",
                    fields.CharEnumField(
                        description="NO_SHOW: no_show\nCANCEL: cancel", enum_type=StrikeKind, max_length=8
                    ),
                ),
                ("starts_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ends_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("lifted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "booking_ban",
                "app": "weiban",
                "indexes": [Index(fields=["subject_id", "ends_at"])],
                "pk_attr": "id",
                "table_description": "限制预约: a subject may not book from one moment to another.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Appeal",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "ban",
                    fields.ForeignKeyField(
                        "weiban.Ban",
                        source_field="ban_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="appeals",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("person_id", fields.UUIDField()),
                ("text", fields.CharField(max_length=500)),
                (
                    "status",
                    fields.CharEnumField(
                        default=AppealStatus.OPEN,
                        description="OPEN: open\nUPHELD: upheld\nREFUSED: refused",
                        enum_type=AppealStatus,
                        max_length=8,
                    ),
                ),
                ("answer", fields.CharField(null=True, max_length=500)),
                ("created_at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("decided_by", fields.UUIDField(null=True)),
            ],
            options={
                "table": "booking_appeal",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "申诉 against a ban; upheld, it lifts the ban and excuses the strikes behind it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Business",
            fields=[
                ("code", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=24)),
                ("name", fields.CharField(max_length=60)),
                ("pinyin", fields.CharField(max_length=240)),
                ("initials", fields.CharField(max_length=60)),
                ("handling_minutes", fields.SmallIntField(description="平均办理时长, in minutes")),
                ("position", fields.SmallIntField(default=0, description="order in lists")),
            ],
            options={
                "table": "business",
                "app": "weiban",
                "pk_attr": "code",
                "table_description": "业务类别: what one comes to a hall for.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Enterprise",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "uscc_sealed",
                    fields.TextField(
                        description="统一社会信用代码, sealed: an individual business's is personal",
                        unique=False,
                    ),
                ),
                ("uscc_hash", fields.BinaryField(description="keyed hash, unique")),
                ("name", fields.CharField(max_length=200)),
                ("created_at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "enterprise",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "企业（纳税人）: known by its 统一社会信用代码.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="IdempotencyKey",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("caller", fields.CharField(max_length=80)),
                ("key", fields.CharField(max_length=120)),
                ("request_hash", fields.BinaryField(description="SHA-256 of method, path and body")),
                (
                    "status",
                    fields.SmallIntField(
                        null=True, description="HTTP status of the answer; null while it is being made"
                    ),
                ),
                ("answer", fields.TextField(null=True, unique=False)),
                ("claimed_until", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "idempotency_key",
                "app": "weiban",
                "unique_together": (("caller", "key"),),
                "indexes": [Index(fields=["created_at"])],
                "pk_attr": "id",
                "table_description": "幂等键: the answer once given to a caller's key, so that a retry gets the same one.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Notification",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("event_id", fields.BigIntField(description="the outbox event it tells of")),
                ("message", fields.CharField(description="key in config/messages.toml", max_length=40)),
                ("message_version", fields.SmallIntField()),
                ("person_id", fields.UUIDField()),
                (
                    "channel",
                    fields.CharEnumField(
                        description="TEMPLATE: template\nSUBSCRIBE: subscribe",
                        enum_type=Channel,
                        max_length=12,
                    ),
                ),
                ("account_id", fields.CharField(description="appid it goes out through", max_length=32)),
                ("openid", fields.CharField(null=True, description="chosen when it is sent", max_length=64)),
                ("lane", fields.SmallIntField(description="0 urgent, 1 normal, 2 bulk")),
                (
                    "status",
                    fields.CharEnumField(
                        description="CREATED: created\nCLAIMED: claimed\nSENDING: sending\nSENT: sent\nDELIVERED: delivered\nFAILED: failed\nUNKNOWN: unknown\nDEAD: dead",
                        enum_type=NotificationStatus,
                        max_length=12,
                    ),
                ),
                (
                    "params",
                    fields.JSONField(
                        description="what fills the message; no personal data",
                        encoder=JSON_DUMPS,
                        decoder=loads,
                    ),
                ),
                ("run_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "expires_at",
                    fields.DatetimeField(
                        null=True, description="worthless after this", auto_now=False, auto_now_add=False
                    ),
                ),
                ("owner", fields.UUIDField(null=True)),
                ("lease_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("attempt", fields.SmallIntField(default=0)),
                (
                    "sending_at",
                    fields.DatetimeField(
                        null=True,
                        description="of the first call WeChat may have acted on",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
                ("sent_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("settled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "msgid",
                    fields.CharField(null=True, description="WeChat's id of the message", max_length=64),
                ),
                ("error_code", fields.IntField(null=True)),
                ("error_text", fields.CharField(null=True, max_length=200)),
                (
                    "committed_at",
                    fields.DatetimeField(
                        description="when the event was written", auto_now=False, auto_now_add=False
                    ),
                ),
                ("created_at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "notification",
                "app": "weiban",
                "unique_together": (("event_id", "person_id", "message", "channel"),),
                "indexes": [Index(fields=["person_id", "id"])],
                "pk_attr": "id",
                "table_description": "通知: one message to one person through one channel.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OutboxEvent",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("kind", fields.CharField(description="what happened, in the past tense", max_length=64)),
                (
                    "payload",
                    fields.JSONField(
                        description="ids and facts; never personal data", encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                ("created_at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
                ("attempt", fields.SmallIntField(db_default=0)),
                ("retry_at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
                (
                    "dead_because",
                    fields.TextField(
                        null=True, description="why the relay gave up; null while it has not", unique=False
                    ),
                ),
            ],
            options={
                "table": "outbox_event",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "事件: something that happened, written in the transaction it happened in, gone once handled.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Person",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "level",
                    fields.CharEnumField(
                        default=IdentityLevel.WX_BOUND,
                        description="WX_BOUND: wx_bound\nPHONE_VERIFIED: phone_verified\nREALNAME_L1: realname_l1\nREALNAME_L2: realname_l2",
                        enum_type=IdentityLevel,
                        max_length=20,
                    ),
                ),
                (
                    "status",
                    fields.CharEnumField(
                        default=PersonStatus.ACTIVE,
                        description="ACTIVE: active\nFROZEN: frozen\nDELETED: deleted",
                        enum_type=PersonStatus,
                        max_length=12,
                    ),
                ),
                ("name_sealed", fields.TextField(null=True, description="姓名, sealed", unique=False)),
                (
                    "id_number_sealed",
                    fields.TextField(null=True, description="身份证号, sealed", unique=False),
                ),
                ("id_number_hash", fields.BinaryField(null=True, description="keyed hash of 身份证号")),
                ("phone_sealed", fields.TextField(null=True, description="手机号, sealed", unique=False)),
                ("phone_hash", fields.BinaryField(null=True, description="keyed hash of 手机号")),
                ("real_name_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("phone_verified_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
                ("deleted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "person",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "自然人: one human being across public account and mini-program.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ConsentEntry",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "person",
                    fields.ForeignKeyField(
                        "weiban.Person",
                        source_field="person_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="consents",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("purpose", fields.CharField(max_length=40)),
                ("is_granted", fields.BooleanField()),
                ("text_version", fields.CharField(max_length=20)),
                ("text_hash", fields.BinaryField(description="SHA-256 of the words agreed to")),
                ("channel", fields.CharField(max_length=20)),
                ("at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "consent_entry",
                "app": "weiban",
                "indexes": [Index(fields=["person_id", "purpose", "id"])],
                "pk_attr": "id",
                "table_description": "同意台账: one row each time a person agrees or withdraws (个人信息保护法 14-16).",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="EnterpriseBinding",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "person",
                    fields.ForeignKeyField(
                        "weiban.Person",
                        source_field="person_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="bindings",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "enterprise",
                    fields.ForeignKeyField(
                        "weiban.Enterprise",
                        source_field="enterprise_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="bindings",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "role",
                    fields.CharEnumField(
                        description="LEGAL_REPRESENTATIVE: legal_representative\nFINANCE_OFFICER: finance_officer\nTAX_AGENT: tax_agent\nINVOICE_COLLECTOR: invoice_collector",
                        enum_type=AgentRole,
                        max_length=24,
                    ),
                ),
                (
                    "status",
                    fields.CharEnumField(
                        default=BindingStatus.ACTIVE,
                        description="ACTIVE: active\nUNBOUND: unbound",
                        enum_type=BindingStatus,
                        max_length=12,
                    ),
                ),
                ("bound_at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
                ("expires_on", fields.DateField(description="the last day the binding is valid")),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "enterprise_binding",
                "app": "weiban",
                "indexes": [Index(fields=["person_id"]), Index(fields=["enterprise_id"])],
                "pk_attr": "id",
                "table_description": "企业绑定: a person acts for an enterprise in a role until a day.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Receipt",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("account_id", fields.CharField(max_length=32)),
                ("msgid", fields.CharField(max_length=64)),
                ("openid", fields.CharField(max_length=64)),
                ("result", fields.CharField(max_length=80)),
                ("received_at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
                (
                    "retry_at",
                    fields.DatetimeField(
                        description="looked at again then",
                        db_default=Now(),
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
                ("applied_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "notification_receipt",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "回执: what WeChat reports of a message, appended as it came and applied later.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Region",
            fields=[
                ("code", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=12)),
                ("name", fields.CharField(max_length=80)),
                ("level", fields.SmallIntField(description="1 省 2 市 3 县 4 镇街 5 村社区")),
                ("parent_code", fields.CharField(null=True, max_length=12)),
                ("pinyin", fields.CharField(max_length=240)),
                ("initials", fields.CharField(max_length=80)),
                (
                    "is_government",
                    fields.BooleanField(
                        default=True, description="false for 林场 and other statistics units"
                    ),
                ),
            ],
            options={
                "table": "region",
                "app": "weiban",
                "indexes": [Index(fields=["parent_code", "code"])],
                "pk_attr": "code",
                "table_description": "行政区划: province, city, county, town, village; the code of a child begins with its parent's.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Hall",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("code", fields.CharField(unique=True, max_length=24)),
                ("name", fields.CharField(max_length=80)),
                ("pinyin", fields.CharField(max_length=320)),
                ("initials", fields.CharField(max_length=80)),
                (
                    "region",
                    fields.ForeignKeyField(
                        "weiban.Region",
                        source_field="region_id",
                        db_constraint=True,
                        to_field="code",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("address", fields.CharField(max_length=200)),
                ("phone", fields.CharField(max_length=20)),
                (
                    "latitude",
                    fields.DecimalField(description="WGS-84 degrees", max_digits=9, decimal_places=6),
                ),
                (
                    "longitude",
                    fields.DecimalField(description="WGS-84 degrees", max_digits=9, decimal_places=6),
                ),
                ("is_active", fields.BooleanField(default=True)),
            ],
            options={
                "table": "hall",
                "app": "weiban",
                "indexes": [Index(fields=["region_id"])],
                "pk_attr": "id",
                "table_description": "办税服务厅（政务服务大厅）: a place with counters.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Blackout",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "hall",
                    fields.ForeignKeyField(
                        "weiban.Hall",
                        source_field="hall_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="blackouts",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "business",
                    fields.ForeignKeyField(
                        "weiban.Business",
                        source_field="business_id",
                        null=True,
                        db_constraint=True,
                        to_field="code",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("on", fields.DateField(null=True)),
                ("is_first_workday", fields.BooleanField(default=False)),
                ("day_of_month", fields.SmallIntField(null=True)),
                (
                    "half",
                    fields.CharEnumField(
                        null=True, description="null: the whole day", enum_type=HalfDay, max_length=2
                    ),
                ),
                ("reason", fields.CharField(max_length=120)),
            ],
            options={
                "table": "blackout",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "停约: no booking for a business (or all) in a hall (or all) for half a day.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="BookingRules",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "hall",
                    fields.OneToOneField(
                        "weiban.Hall",
                        source_field="hall_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="booking_rules",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("slot_minutes", fields.SmallIntField(default=30)),
                (
                    "window_workdays",
                    fields.SmallIntField(
                        default=5, description="bookable this many workdays ahead, today not counted"
                    ),
                ),
                (
                    "earliest_workdays",
                    fields.SmallIntField(default=0, description="0: the same day may be booked"),
                ),
                (
                    "lead_minutes",
                    fields.SmallIntField(default=30, description="a slot closes this long before it starts"),
                ),
                (
                    "online_share",
                    fields.DecimalField(
                        default="0.60",
                        description="part of the seats offered online",
                        max_digits=3,
                        decimal_places=2,
                    ),
                ),
                (
                    "cancel_minutes",
                    fields.SmallIntField(
                        default=120, description="the citizen may cancel until this long before"
                    ),
                ),
                ("early_check_in_minutes", fields.SmallIntField(default=15)),
                (
                    "active_limit",
                    fields.SmallIntField(default=3, description="active bookings one person may hold"),
                ),
                ("no_show_limit", fields.SmallIntField(default=3)),
                ("no_show_days", fields.SmallIntField(default=90, description="rolling window in days")),
                ("cancel_limit", fields.SmallIntField(default=5)),
                ("cancel_days", fields.SmallIntField(default=30, description="rolling window in days")),
                ("ban_days", fields.SmallIntField(default=30)),
                (
                    "seat_return_max_s",
                    fields.IntField(
                        default=0, description="a freed seat returns after 0 to this many seconds"
                    ),
                ),
                (
                    "required_level",
                    fields.CharEnumField(
                        default=IdentityLevel.WX_BOUND,
                        description="实名要求",
                        enum_type=IdentityLevel,
                        max_length=20,
                    ),
                ),
            ],
            options={
                "table": "booking_rules",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "预约规则 of one hall; every number an administrator may set.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Counter",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "hall",
                    fields.ForeignKeyField(
                        "weiban.Hall",
                        source_field="hall_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="counters",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("number", fields.SmallIntField(description="窗口号")),
                ("name", fields.CharField(max_length=40)),
                (
                    "is_integrated",
                    fields.BooleanField(default=False, description="综合窗口: takes every business"),
                ),
                ("is_active", fields.BooleanField(default=True)),
            ],
            options={
                "table": "counter",
                "app": "weiban",
                "unique_together": (("hall_id", "number"),),
                "pk_attr": "id",
                "table_description": "窗口: a counter of a hall; it carries skills, not a department.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CounterSkill",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "counter",
                    fields.ForeignKeyField(
                        "weiban.Counter",
                        source_field="counter_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="skills",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "business",
                    fields.ForeignKeyField(
                        "weiban.Business",
                        source_field="business_id",
                        db_constraint=True,
                        to_field="code",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "counter_skill",
                "app": "weiban",
                "unique_together": (("counter_id", "business_id"),),
                "pk_attr": "id",
                "table_description": "窗口技能: a counter can take a business.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="HallBusiness",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "hall",
                    fields.ForeignKeyField(
                        "weiban.Hall",
                        source_field="hall_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="hall_businesses",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "business",
                    fields.ForeignKeyField(
                        "weiban.Business",
                        source_field="business_id",
                        db_constraint=True,
                        to_field="code",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "handling_minutes",
                    fields.SmallIntField(null=True, description="here; null: as the business says"),
                ),
                ("is_active", fields.BooleanField(default=True)),
            ],
            options={
                "table": "hall_business",
                "app": "weiban",
                "unique_together": (("hall_id", "business_id"),),
                "pk_attr": "id",
                "table_description": "厅办业务: a hall takes a business, perhaps faster or slower than elsewhere.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="HallException",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "hall",
                    fields.ForeignKeyField(
                        "weiban.Hall",
                        source_field="hall_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="exceptions",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("on", fields.DateField()),
                ("is_closed", fields.BooleanField()),
                ("opens_at", WallTime(null=True, generated=False, unique=False)),
                ("closes_at", WallTime(null=True, generated=False, unique=False)),
                ("reason", fields.CharField(max_length=120)),
            ],
            options={
                "table": "hall_exception",
                "app": "weiban",
                "indexes": [Index(fields=["hall_id", "on"])],
                "pk_attr": "id",
                "table_description": "特殊开放日: one day that differs from the weekly hours; closed, or open at other hours.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OpeningHours",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "hall",
                    fields.ForeignKeyField(
                        "weiban.Hall",
                        source_field="hall_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="opening_hours",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "weekday",
                    fields.SmallIntField(
                        description="ISO: 1 Monday to 7 Sunday; a 调休 workday counts as Monday"
                    ),
                ),
                ("opens_at", WallTime(generated=False, null=False, unique=False)),
                ("closes_at", WallTime(generated=False, null=False, unique=False)),
                ("valid_from", fields.DateField()),
                ("valid_to", fields.DateField(null=True, description="last day; null: until changed")),
            ],
            options={
                "table": "opening_hours",
                "app": "weiban",
                "indexes": [Index(fields=["hall_id", "weekday"])],
                "pk_attr": "id",
                "table_description": "开放时间: a span of a weekday, valid for a span of days; a hall may have several a day.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Reminder",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("appointment_id", fields.UUIDField()),
                ("kind", fields.CharField(description="day_before, two_hours", max_length=12)),
                (
                    "starts_at",
                    fields.DatetimeField(
                        description="of the appointment when reminded; a moved one is reminded anew",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
                ("created_at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "appointment_reminder",
                "app": "weiban",
                "unique_together": (("appointment_id", "kind", "starts_at"),),
                "pk_attr": "id",
                "table_description": "提醒: that a reminder for an appointment at its time was issued, so it never is twice.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Session",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("token_hash", fields.BinaryField(description="SHA-256, unique")),
                (
                    "person",
                    fields.ForeignKeyField(
                        "weiban.Person",
                        source_field="person_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="sessions",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "enterprise",
                    fields.ForeignKeyField(
                        "weiban.Enterprise",
                        source_field="enterprise_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("created_at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
                (
                    "expires_at",
                    fields.DatetimeField(
                        description="slides forward while the session is used",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
                ("revoked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "session",
                "app": "weiban",
                "indexes": [Index(fields=["person_id"]), Index(fields=["expires_at"])],
                "pk_attr": "id",
                "table_description": "会话: an opaque token of a citizen, of which only the hash is kept.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Slot",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "hall",
                    fields.ForeignKeyField(
                        "weiban.Hall",
                        source_field="hall_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "business",
                    fields.ForeignKeyField(
                        "weiban.Business",
                        source_field="business_id",
                        db_constraint=True,
                        to_field="code",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("on", fields.DateField()),
                (
                    "half_day",
                    fields.IntField(description="days since 1970-01-01 twice, plus one for the afternoon"),
                ),
                ("starts_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ends_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "bookable_from",
                    fields.DatetimeField(
                        description="opening of the booking window", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "bookable_until",
                    fields.DatetimeField(
                        description="start less the lead time", auto_now=False, auto_now_add=False
                    ),
                ),
                ("capacity", fields.SmallIntField(description="网上号源")),
                (
                    "onsite_capacity",
                    fields.SmallIntField(description="现场号源, plus what was free online at the start"),
                ),
                ("booked", fields.SmallIntField(default=0)),
                ("held", fields.SmallIntField(default=0)),
                (
                    "is_open",
                    fields.BooleanField(default=True, description="false once the schedule no longer has it"),
                ),
                (
                    "released_at",
                    fields.DatetimeField(
                        null=True,
                        description="when its free seats went to walk-ins",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
            ],
            options={
                "table": "slot",
                "app": "weiban",
                "unique_together": (("hall_id", "business_id", "starts_at"),),
                "pk_attr": "id",
                "table_description": "号源: the seats of one business in one hall from one time on.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Appointment",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("number", fields.CharField(description="预约号", max_length=8)),
                (
                    "slot",
                    fields.ForeignKeyField(
                        "weiban.Slot",
                        source_field="slot_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="appointments",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "hall_id",
                    fields.BigIntField(description="copied from the slot, whose foreign key guards it"),
                ),
                (
                    "business_id",
                    fields.CharField(
                        description="copied from the slot, whose foreign key guards it", max_length=24
                    ),
                ),
                (
                    "person",
                    fields.ForeignKeyField(
                        "weiban.Person",
                        source_field="person_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("enterprise_id", fields.UUIDField(null=True)),
                (
                    "subject_id",
                    fields.UUIDField(description="the enterprise if there is one, else the person"),
                ),
                ("starts_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ends_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "half_day",
                    fields.IntField(
                        description="as the slot's; one active booking per subject, business and half-day"
                    ),
                ),
                (
                    "status",
                    fields.CharEnumField(
                        description="BOOKED: booked\nCHECKED_IN: checked_in\nSERVING: serving\nDONE: done\nCANCELLED: cancelled\nCANCELLED_BY_HALL: cancelled_by_hall\nNO_SHOW: no_show",
                        enum_type=AppointmentStatus,
                        max_length=20,
                    ),
                ),
                ("items", fields.JSONField(description="办理事项", encoder=JSON_DUMPS, decoder=loads)),
                ("channel", fields.CharField(description="渠道: MP, WX_OA, WEB, WINDOW …", max_length=12)),
                (
                    "request_key",
                    fields.CharField(null=True, description="the caller's Idempotency-Key", max_length=120),
                ),
                ("checked_in_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "appointment",
                "app": "weiban",
                "indexes": [Index(fields=["person_id", "id"])],
                "pk_attr": "id",
                "table_description": "预约: a seat promised to someone.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ScheduleConflict",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "appointment",
                    fields.ForeignKeyField(
                        "weiban.Appointment",
                        source_field="appointment_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("hall_id", fields.BigIntField()),
                ("reason", fields.CharField(max_length=120)),
                ("created_at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
                ("settled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "outcome",
                    fields.CharField(
                        null=True, description="reassigned, cancelled_by_hall, restored", max_length=24
                    ),
                ),
            ],
            options={
                "table": "schedule_conflict",
                "app": "weiban",
                "indexes": [Index(fields=["hall_id", "settled_at"])],
                "pk_attr": "id",
                "table_description": "排班冲突: an appointment whose seat a schedule change has taken away, until someone settles it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SeatHold",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "slot",
                    fields.ForeignKeyField(
                        "weiban.Slot",
                        source_field="slot_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="holds",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "person_id",
                    fields.UUIDField(null=True, description="its owner; null: a freed seat on its way back"),
                ),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "seat_hold",
                "app": "weiban",
                "indexes": [Index(fields=["slot_id", "expires_at"]), Index(fields=["expires_at"])],
                "pk_attr": "id",
                "table_description": "占号: a seat set aside for a person (at most five minutes), or cooling after it was freed.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Staff",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("username", fields.CharField(unique=True, max_length=40)),
                ("display_name", fields.CharField(max_length=40)),
                ("employee_number", fields.CharField(null=True, description="工号", max_length=20)),
                ("password_hash", fields.TextField(description="Argon2id", unique=False)),
                ("totp_secret_sealed", fields.TextField(null=True, unique=False)),
                (
                    "totp_last_step",
                    fields.BigIntField(null=True, description="the last step used: a code works once"),
                ),
                ("failed_count", fields.SmallIntField(default=0)),
                ("locked_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("is_active", fields.BooleanField(default=True)),
                ("created_at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
                (
                    "password_changed_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                (
                    "must_change_password",
                    fields.BooleanField(default=False, description="given out, not chosen"),
                ),
            ],
            options={
                "table": "staff",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "工作人员: signs in with a password and a one-time code.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="StaffPost",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "staff",
                    fields.ForeignKeyField(
                        "weiban.Staff",
                        source_field="staff_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="roles",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "role",
                    fields.CharEnumField(
                        description="SYSTEM_ADMIN: system_admin\nSECURITY_ADMIN: security_admin\nAUDITOR: auditor\nHALL_MANAGER: hall_manager\nCLERK: clerk\nPUBLISHER: publisher\nREVIEWER: reviewer\nSUPERVISOR: supervisor\nEXCHANGE_OPERATOR: exchange_operator",
                        enum_type=StaffRole,
                        max_length=24,
                    ),
                ),
                ("hall_id", fields.BigIntField(null=True, description="only in this hall")),
                (
                    "region_code",
                    fields.CharField(null=True, description="only in this region and below", max_length=12),
                ),
            ],
            options={
                "table": "staff_role",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "任岗: a member of staff holds a role, everywhere or within a hall or a region.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="StaffSession",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("token_hash", fields.BinaryField(description="SHA-256, unique")),
                (
                    "staff",
                    fields.ForeignKeyField(
                        "weiban.Staff",
                        source_field="staff_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="sessions",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("address", fields.CharField(max_length=45)),
                ("created_at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
                ("seen_at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("revoked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "staff_session",
                "app": "weiban",
                "indexes": [Index(fields=["staff_id"])],
                "pk_attr": "id",
                "table_description": "工作人员会话: short-lived, ends when idle.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Standing",
            fields=[
                (
                    "subject_id",
                    fields.UUIDField(
                        primary_key=True,
                        default=uuid4,
                        unique=True,
                        db_index=True,
                        description="of a person or an enterprise",
                    ),
                ),
                (
                    "active",
                    fields.SmallIntField(default=0, description="active bookings made by this person"),
                ),
                ("banned_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "booking_standing",
                "app": "weiban",
                "pk_attr": "subject_id",
                "table_description": "预约资格 of a person or an enterprise: the row every booking of theirs locks.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Strike",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("subject_id", fields.UUIDField()),
                ("appointment_id", fields.UUIDField()),
                (
                    "kind",
                    fields.CharEnumField(
                        description="NO_SHOW: no_show\nCANCEL: cancel", enum_type=StrikeKind, max_length=8
                    ),
                ),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("excused_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "booking_strike",
                "app": "weiban",
                "unique_together": (("appointment_id", "kind"),),
                "indexes": [Index(fields=["subject_id", "kind", "at"])],
                "pk_attr": "id",
                "table_description": "违约记录: a no-show or a cancellation that counts until it leaves the rolling window.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SubscriptionCredit",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("person_id", fields.UUIDField()),
                ("appid", fields.CharField(max_length=32)),
                ("template_id", fields.CharField(max_length=64)),
                (
                    "reported_by",
                    fields.CharField(
                        description="client, callback or both: WeChat tells of one accept twice", max_length=8
                    ),
                ),
                (
                    "grant_key",
                    fields.CharField(
                        null=True,
                        unique=True,
                        description="of the callback; it may come again",
                        max_length=64,
                    ),
                ),
                ("granted_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("spent_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("notification_id", fields.BigIntField(null=True, description="the message it was spent on")),
            ],
            options={
                "table": "subscription_credit",
                "app": "weiban",
                "indexes": [Index(fields=["notification_id"])],
                "pk_attr": "id",
                "table_description": '订阅授权: one "accept" is one message; a row is spent once.',
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="WeChatIdentity",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "person",
                    fields.ForeignKeyField(
                        "weiban.Person",
                        source_field="person_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="wechat_identities",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("appid", fields.CharField(max_length=32)),
                ("openid", fields.CharField(max_length=64)),
                ("unionid", fields.CharField(null=True, max_length=64)),
                (
                    "session_key_sealed",
                    fields.TextField(
                        null=True, description="of the mini-program, sealed; never leaves", unique=False
                    ),
                ),
                ("is_follower", fields.BooleanField(default=False, description="关注公众号")),
                ("followed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("unfollowed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "wechat_identity",
                "app": "weiban",
                "unique_together": (("appid", "openid"),),
                "indexes": [Index(fields=["unionid"]), Index(fields=["person_id", "appid"])],
                "pk_attr": "id",
                "table_description": "微信身份: one openid of one of our accounts; people are joined by unionid.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="WorkDay",
            fields=[
                ("on", fields.DateField(primary_key=True, unique=True, db_index=True)),
                (
                    "kind",
                    fields.CharEnumField(
                        description="WORKDAY: workday\nRESTDAY: restday", enum_type=DayKind, max_length=8
                    ),
                ),
                (
                    "status",
                    fields.CharEnumField(
                        description="OFFICIAL: official\nPROVISIONAL: provisional",
                        enum_type=DayStatus,
                        max_length=12,
                    ),
                ),
                ("source", fields.CharField(max_length=80)),
                ("name", fields.CharField(null=True, description="节日名", max_length=40)),
            ],
            options={
                "table": "work_calendar",
                "app": "weiban",
                "pk_attr": "on",
                "table_description": "工作日历: every day of the years we plan for.",
            },
            bases=["Model"],
        ),
    ]
