"""Versions of the wording of messages, and the WeChat of staff who try them out."""

from orjson import loads
from tortoise import fields, migrations
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields.data import JSON_DUMPS
from tortoise.fields.db_defaults import Now
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from app.kit import guards
from notifications.wording.models import VersionOrigin, VersionState

INDEXES = {
    # Whoever edits a message sees what is already on its way to approval.
    "message_version_one_open": "UNIQUE INDEX {} ON message_version (name) WHERE state IN ('draft', 'pending')",
    "message_version_of_file": "UNIQUE INDEX {} ON message_version (name, file_version) WHERE origin = 'file'",
    "staff_link_code_once": "UNIQUE INDEX {} ON staff_link_code (code_hash)",
}

CHECKS = {
    ("message_version", "message_version_state"): (
        "state IN ('draft', 'pending', 'approved', 'refused', 'retired')"
    ),
    ("message_version", "message_version_number"): "version > 0 AND revision > 0",
    ("message_version", "message_version_origin"): (
        "CASE origin WHEN 'file' THEN author_id IS NULL AND file_version > 0"
        " WHEN 'staff' THEN author_id = ANY (editor_ids) AND file_version IS NULL ELSE false END"
    ),
    # Four eyes: nobody decides on what they wrote.
    (
        "message_version",
        "message_version_four_eyes",
    ): "reviewer_id IS NULL OR reviewer_id <> ALL (editor_ids)",
    ("message_version", "message_version_approved"): (
        "state <> 'approved' OR (decided_at IS NOT NULL AND (origin = 'file' OR reviewer_id IS NOT NULL))"
    ),
    ("message_version", "message_version_refused"): (
        "state <> 'refused' OR (decided_at IS NOT NULL AND reviewer_id IS NOT NULL AND note IS NOT NULL)"
    ),
    ("staff_reader", "staff_reader_tries"): "tries BETWEEN 0 AND 20",
}

# Only a draft is written on; what a notification was sent with stays as it was.
KEPT = (
    """CREATE FUNCTION keep_message_version() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            RAISE restrict_violation USING MESSAGE = 'message versions are never deleted';
        END IF;
        IF (OLD.name, OLD.version, OLD.origin, OLD.file_version, OLD.based_on, OLD.author_id, OLD.created_at)
            IS DISTINCT FROM
           (NEW.name, NEW.version, NEW.origin, NEW.file_version, NEW.based_on, NEW.author_id, NEW.created_at)
           OR (OLD.state, NEW.state) <> ('draft', 'draft')
              AND (OLD.definition, OLD.editor_ids, OLD.revision)
                  IS DISTINCT FROM (NEW.definition, NEW.editor_ids, NEW.revision)
           OR OLD.reviewer_id IS NOT NULL AND OLD.reviewer_id IS DISTINCT FROM NEW.reviewer_id
        THEN
            RAISE restrict_violation USING MESSAGE = 'the words of a version do not change';
        END IF;
        IF (OLD.state, NEW.state) NOT IN (('draft', 'draft'), ('draft', 'pending'), ('draft', 'retired'),
            ('pending', 'approved'), ('pending', 'refused'), ('pending', 'retired'), ('approved', 'retired'))
        THEN
            RAISE restrict_violation
                USING MESSAGE = format('a version does not go from %s to %s', OLD.state, NEW.state);
        END IF;
        RETURN NEW;
    END $$""",
    "DROP FUNCTION keep_message_version()",
)
KEEPS = (
    (
        "CREATE TRIGGER keep_message_version BEFORE UPDATE OR DELETE ON message_version"
        " FOR EACH ROW EXECUTE FUNCTION keep_message_version()"
    ),
    "DROP TRIGGER keep_message_version ON message_version",
)


class Migration(migrations.Migration):
    dependencies = [("weiban", "0010_queue")]

    operations = [
        ops.CreateModel(
            name="MessageVersion",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(description="key in config/messages.toml", max_length=40)),
                ("version", fields.SmallIntField()),
                (
                    "definition",
                    fields.JSONField(
                        description="as its table in config/messages.toml", encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        description="DRAFT: draft\nPENDING: pending\nAPPROVED: approved\nREFUSED: refused\nRETIRED: retired",
                        enum_type=VersionState,
                        max_length=12,
                    ),
                ),
                (
                    "origin",
                    fields.CharEnumField(
                        description="FILE: file\nSTAFF: staff", enum_type=VersionOrigin, max_length=8
                    ),
                ),
                (
                    "file_version",
                    fields.SmallIntField(null=True, description="its version in config/messages.toml"),
                ),
                (
                    "based_on",
                    fields.SmallIntField(null=True, description="the version it is meant to follow"),
                ),
                ("revision", fields.SmallIntField(default=1, description="counts the changes of a draft")),
                (
                    "author_id",
                    fields.UUIDField(null=True, description="of the member of staff who began it"),
                ),
                (
                    "editor_ids",
                    ArrayField(description="everybody who wrote on it", element_type="UUID"),
                ),
                ("reviewer_id", fields.UUIDField(null=True)),
                (
                    "note",
                    fields.CharField(null=True, description="why it was refused or retired", max_length=200),
                ),
                ("created_at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
                ("submitted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "message_version",
                "app": "weiban",
                "unique_together": (("name", "version"),),
                "pk_attr": "id",
                "table_description": "消息版本: one wording of a message; the current one is the approved one decided last.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="StaffLinkCode",
            fields=[
                ("staff_id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("code_hash", fields.BinaryField(description="keyed hash")),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "staff_link_code",
                "app": "weiban",
                "pk_attr": "staff_id",
                "table_description": "绑定码: six digits a member of staff says to the public account, once and within ten minutes.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="StaffReader",
            fields=[
                ("staff_id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("person_id", fields.UUIDField()),
                ("linked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "tried_on",
                    fields.DateField(null=True, description="the day in Shanghai of the last try"),
                ),
                ("tries", fields.SmallIntField(default=0, description="on that day")),
            ],
            options={
                "table": "staff_reader",
                "app": "weiban",
                "indexes": [Index(fields=["person_id"])],
                "pk_attr": "staff_id",
                "table_description": "试发对象: the WeChat of a member of staff, to which they may send a message to see how it looks.",
            },
            bases=["Model"],
        ),
        guards.operation(INDEXES, CHECKS, first=[KEPT], last=[KEEPS]),
    ]
