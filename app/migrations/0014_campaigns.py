"""Campaigns, their recipients and their counters, kept in step with the notifications by the database."""

from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.data import JSON_DUMPS
from tortoise.fields.db_defaults import Now
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from app.kit import guards
from notifications.campaigns.models import CampaignState, Product, RecipientState
from notifications.models import Channel

# Tortoise knows keys of one column only. Whether somebody is still to be told is a column of its own:
# as the condition of an index, the state itself would have each of its changes touch every index.
RECIPIENTS = (
    (
        (
            "ALTER TABLE campaign_recipient DROP CONSTRAINT campaign_recipient_pkey,"
            " ADD PRIMARY KEY (campaign_id, person_id),"
            " ADD COLUMN is_pending boolean GENERATED ALWAYS AS (state = 'pending') STORED"
        ),
        "SELECT 1",
    ),
    ("ALTER TABLE campaign_recipient SET (fillfactor = 70)", "SELECT 1"),
    (
        (
            "ALTER TABLE campaign_tally SET"
            " (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000)"
        ),
        "SELECT 1",
    ),
    (
        (
            "ALTER TABLE campaign_event ADD CONSTRAINT campaign_event_campaign"
            " FOREIGN KEY (campaign_id) REFERENCES campaign (id)"
        ),
        "ALTER TABLE campaign_event DROP CONSTRAINT campaign_event_campaign",
    ),
)

# No index by person: the key serves it too, skipping from campaign to campaign, and each index more
# would cost the expansion of an audience a tenth of its speed.
INDEXES = {
    "campaign_at_work": (
        "INDEX {} ON campaign (id) WHERE closed_at IS NULL AND state IN"
        " ('scheduled','canary','running','paused','cancelled','expired')"
    ),
    "campaign_recipient_to_feed": "INDEX {} ON campaign_recipient (campaign_id, ord) WHERE is_pending",
    "campaign_tally_to_fold": "INDEX {} ON campaign_tally (campaign_id, id) WHERE NOT is_folded",
}

_STATES = "('draft','dry_run','pending','approved','scheduled','canary','running','paused','finished','cancelled','expired')"
_RECIPIENT_STATES = (
    "state IN ('pending','queued','sent','delivered','failed','unknown','digested','inbox_only','cancelled')"
)

CHECKS = {
    ("campaign", "campaign_state"): f"state IN {_STATES}",
    ("campaign", "campaign_named"): "btrim(name) <> ''",
    ("campaign", "campaign_product"): (
        "product = 'template' AND message IS NOT NULL AND content IS NULL"
        " OR product = 'mass' AND message IS NULL AND content IS NOT NULL"
    ),
    ("campaign", "campaign_lane"): "lane IN (1, 2)",
    ("campaign", "campaign_canary"): "canary_percent BETWEEN 1 AND 100",
    # Whoever wrote it may approve it only up to the size that was the rule when it was tried out.
    ("campaign", "campaign_two_people"): (
        "approver_id IS NULL OR approver_id <> author_id OR audience_size <= approval_above"
    ),
    ("campaign", "campaign_tried_out"): (
        "state IN ('draft','cancelled','expired') OR (audience_size IS NOT NULL"
        " AND approval_above IS NOT NULL AND dry_run IS NOT NULL AND (product = 'mass' OR message_version IS NOT NULL))"
    ),
    ("campaign", "campaign_approved"): (
        "state IN ('draft','dry_run','pending','cancelled','expired') OR approver_id IS NOT NULL"
    ),
    ("campaign", "campaign_scheduled"): "state <> 'scheduled' OR scheduled_at IS NOT NULL",
    ("campaign", "campaign_launched"): (
        "state NOT IN ('canary','running','paused','finished') OR launched_at IS NOT NULL"
    ),
    ("campaign", "campaign_closed"): "closed_at IS NULL OR state IN ('finished','cancelled','expired')",
    ("campaign_recipient", "campaign_recipient_state"): _RECIPIENT_STATES,
    ("campaign_tally", "campaign_tally_state"): _RECIPIENT_STATES,
    ("campaign_event", "campaign_event_states"): f"to_state IN {_STATES}",
}

APPEND_ONLY = ("campaign_event",)

# What was approved stays as it was approved.
_FROZEN = "product, message, message_version, params, content, audience, audience_size, lane, author_id, approver_id"
_KEEP_APPROVED = f"""
CREATE FUNCTION keep_approved_campaign() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.approver_id IS NOT NULL AND ROW({", ".join(f"OLD.{one}" for one in _FROZEN.split(", "))})
        IS DISTINCT FROM ROW({", ".join(f"NEW.{one}" for one in _FROZEN.split(", "))}) THEN
        RAISE EXCEPTION 'an approved campaign stays as it was approved' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""

# The class of a failure: WeChat's error code if there is one, else a word.
_FAILURE_CLASS = """
CREATE FUNCTION failure_class(code int, said text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN code IS NOT NULL THEN code::text
        WHEN said ~ '^failed: *[0-9]' THEN substring(said FROM '[0-9]+')
        WHEN said LIKE 'failed:%' THEN replace(left(btrim(substr(said, 8)), 40), ' ', '_')
        WHEN said IN ('unreachable', 'expired') THEN said
        WHEN said = 'too many attempts' THEN 'too_many_attempts'
        WHEN said ~ '^(KeyError|DoesNotFit)' THEN 'unsendable'
        ELSE 'other'
    END
$$
"""

# A recipient follows its newest notification. The joins are to run by index whatever the tables' sizes
# were when a connection first planned this; rows are locked in one order, so that nobody waits in a circle.
_FOLLOW = """
CREATE FUNCTION follow_notifications() RETURNS trigger LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM changed WHERE campaign_id IS NOT NULL AND status NOT IN ('claimed','sending')) THEN
        RETURN NULL;
    END IF;
    WITH told AS MATERIALIZED (
        SELECT DISTINCT ON (c.campaign_id, c.person_id) c.campaign_id, c.person_id, c.channel,
               CASE WHEN c.status IN ('created','held') THEN 'queued' WHEN c.status = 'dead' THEN 'failed'
                    ELSE c.status END AS state,
               CASE WHEN c.status IN ('failed','dead') THEN failure_class(c.error_code, c.error_text) END AS reason,
               CASE WHEN c.status NOT IN ('created','held') THEN coalesce(c.settled_at, c.sent_at) END AS at
        FROM changed c
        WHERE c.campaign_id IS NOT NULL AND c.status NOT IN ('claimed','sending')
          AND (c.status NOT IN ('failed','dead') OR NOT EXISTS (
              SELECT 1 FROM notification later WHERE later.campaign_id = c.campaign_id
                 AND later.person_id = c.person_id AND later.committed_at = c.committed_at AND later.id > c.id))
        ORDER BY c.campaign_id, c.person_id, c.id DESC
    ), locked AS MATERIALIZED (
        SELECT r.campaign_id, r.person_id, t.state, t.reason, t.channel, t.at
        FROM told t JOIN campaign_recipient r ON r.campaign_id = t.campaign_id AND r.person_id = t.person_id
        WHERE ROW(r.state, r.reason, r.channel) IS DISTINCT FROM ROW(t.state, t.reason, t.channel)
        ORDER BY r.campaign_id, r.person_id FOR NO KEY UPDATE OF r
    )
    UPDATE campaign_recipient r
    SET state = l.state, reason = l.reason, channel = l.channel, settled_at = l.at
    FROM locked l WHERE r.campaign_id = l.campaign_id AND r.person_id = l.person_id;
    RETURN NULL;
END $$
"""

_COUNT = """
CREATE FUNCTION count_recipients() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO campaign_tally (campaign_id, state, reason, channel, delta, is_folded)
        SELECT campaign_id, state, reason, channel, count(*), false FROM added GROUP BY 1, 2, 3, 4;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO campaign_tally (campaign_id, state, reason, channel, delta, is_folded)
        SELECT campaign_id, state, reason, channel, -count(*), false FROM removed GROUP BY 1, 2, 3, 4;
    ELSE
        INSERT INTO campaign_tally (campaign_id, state, reason, channel, delta, is_folded)
        SELECT campaign_id, state, reason, channel, sum(step), false FROM (
            SELECT campaign_id, state, reason, channel, 1 AS step FROM added
            UNION ALL SELECT campaign_id, state, reason, channel, -1 FROM removed) AS steps
        GROUP BY 1, 2, 3, 4 HAVING sum(step) <> 0;
    END IF;
    RETURN NULL;
END $$
"""


def _trigger(name: str, table: str, event: str, rows: str, function: str) -> tuple[str, str]:
    return (
        (
            f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {rows}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        ),
        f"DROP TRIGGER {name} ON {table}",
    )


KEPT_IN_STEP = (
    (
        (
            "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON campaign_event"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite()"
        ),
        "DROP TRIGGER append_only ON campaign_event",
    ),
    (_KEEP_APPROVED, "DROP FUNCTION keep_approved_campaign()"),
    (
        (
            "CREATE TRIGGER campaign_approved BEFORE UPDATE ON campaign FOR EACH ROW"
            " EXECUTE FUNCTION keep_approved_campaign()"
        ),
        "DROP TRIGGER campaign_approved ON campaign",
    ),
    (_FAILURE_CLASS, "DROP FUNCTION failure_class(int, text)"),
    (_FOLLOW, "DROP FUNCTION follow_notifications()"),
    _trigger(
        "campaign_follows_new", "notification", "INSERT", "NEW TABLE AS changed", "follow_notifications"
    ),
    _trigger(
        "campaign_follows_moved", "notification", "UPDATE", "NEW TABLE AS changed", "follow_notifications"
    ),
    (_COUNT, "DROP FUNCTION count_recipients()"),
    _trigger("tally_added", "campaign_recipient", "INSERT", "NEW TABLE AS added", "count_recipients"),
    _trigger("tally_removed", "campaign_recipient", "DELETE", "OLD TABLE AS removed", "count_recipients"),
    _trigger(
        "tally_moved",
        "campaign_recipient",
        "UPDATE",
        "OLD TABLE AS removed NEW TABLE AS added",
        "count_recipients",
    ),
)


class Migration(migrations.Migration):
    dependencies = [("weiban", "0013_audiences")]

    operations = [
        ops.CreateModel(
            name="Campaign",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(max_length=80)),
                (
                    "product",
                    fields.CharEnumField(
                        description="TEMPLATE: template\nMASS: mass", enum_type=Product, max_length=8
                    ),
                ),
                (
                    "message",
                    fields.CharField(
                        null=True, description="kind of message; of a mass send none", max_length=40
                    ),
                ),
                (
                    "message_version",
                    fields.SmallIntField(null=True, description="of the dry run; fixed by the approval"),
                ),
                (
                    "params",
                    fields.JSONField(
                        description="facts that are the same for everybody", encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                (
                    "content",
                    fields.JSONField(
                        null=True, description="of a mass send", encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                (
                    "audience",
                    fields.JSONField(
                        description="definition of the audience", encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                ("lane", fields.SmallIntField(description="1 normal, for statutory notices; 2 bulk")),
                ("author_id", fields.UUIDField()),
                ("approver_id", fields.UUIDField(null=True)),
                (
                    "approval_above",
                    fields.IntField(null=True, description="largest audience its author may approve"),
                ),
                (
                    "audience_size",
                    fields.IntField(null=True, description="recipients the last dry run found"),
                ),
                ("dry_run", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                (
                    "state",
                    fields.CharEnumField(
                        description="DRAFT: draft\nDRY_RUN: dry_run\nPENDING: pending\nAPPROVED: approved\nSCHEDULED: scheduled\nCANARY: canary\nRUNNING: running\nPAUSED: paused\nFINISHED: finished\nCANCELLED: cancelled\nEXPIRED: expired",
                        enum_type=CampaignState,
                        max_length=12,
                    ),
                ),
                ("state_reason", fields.CharField(null=True, max_length=200)),
                ("version", fields.IntField(default=1, description="counts every change")),
                ("canary_percent", fields.SmallIntField(default=1)),
                ("is_canary_passed", fields.BooleanField(default=False)),
                ("baseline", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("scheduled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "expires_at",
                    fields.DatetimeField(
                        null=True, description="worthless after this", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "launched_at",
                    fields.DatetimeField(
                        null=True,
                        description="committed_at of all its notifications",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
                (
                    "idle_since",
                    fields.DatetimeField(
                        null=True,
                        description="nothing of it waits to be handed over",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
                (
                    "closed_at",
                    fields.DatetimeField(
                        null=True,
                        description="ended, and nobody left in between",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
                ("created_at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "campaign",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "群发任务: what is sent to whom, who answers for it, and how far it is.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CampaignEvent",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("campaign_id", fields.BigIntField()),
                ("actor", fields.CharField(description="staff:<id>, system", max_length=80)),
                (
                    "from_state",
                    fields.CharEnumField(
                        null=True,
                        description="DRAFT: draft\nDRY_RUN: dry_run\nPENDING: pending\nAPPROVED: approved\nSCHEDULED: scheduled\nCANARY: canary\nRUNNING: running\nPAUSED: paused\nFINISHED: finished\nCANCELLED: cancelled\nEXPIRED: expired",
                        enum_type=CampaignState,
                        max_length=12,
                    ),
                ),
                (
                    "to_state",
                    fields.CharEnumField(
                        description="DRAFT: draft\nDRY_RUN: dry_run\nPENDING: pending\nAPPROVED: approved\nSCHEDULED: scheduled\nCANARY: canary\nRUNNING: running\nPAUSED: paused\nFINISHED: finished\nCANCELLED: cancelled\nEXPIRED: expired",
                        enum_type=CampaignState,
                        max_length=12,
                    ),
                ),
                ("why", fields.CharField(null=True, max_length=200)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "campaign_event",
                "app": "weiban",
                "indexes": [Index(fields=["campaign_id", "id"])],
                "pk_attr": "id",
                "table_description": "群发流水: one append-only row for each change of state.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CampaignRecipient",
            fields=[
                (
                    "campaign_id",
                    fields.BigIntField(generated=False, primary_key=True, unique=True, db_index=True),
                ),
                ("person_id", fields.UUIDField()),
                ("ord", fields.IntField(description="order of sending, by hash")),
                ("region_code", fields.CharField(null=True, max_length=12)),
                (
                    "because",
                    fields.CharField(description="what put the person into the audience", max_length=120),
                ),
                (
                    "params",
                    fields.JSONField(
                        null=True, description="facts of this person alone", encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        description="PENDING: pending\nQUEUED: queued\nSENT: sent\nDELIVERED: delivered\nFAILED: failed\nUNKNOWN: unknown\nDIGESTED: digested\nINBOX_ONLY: inbox_only\nCANCELLED: cancelled",
                        enum_type=RecipientState,
                        max_length=12,
                    ),
                ),
                ("reason", fields.CharField(null=True, max_length=40)),
                (
                    "channel",
                    fields.CharEnumField(
                        null=True,
                        description="TEMPLATE: template\nSUBSCRIBE: subscribe\nCUSTOM: custom\nSMS: sms",
                        enum_type=Channel,
                        max_length=12,
                    ),
                ),
                ("settled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "campaign_recipient",
                "app": "weiban",
                "pk_attr": "campaign_id",
                "table_description": "群发对象: one person a campaign is for. The database keeps ``state`` in step with the notification.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CampaignTally",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("campaign_id", fields.BigIntField()),
                (
                    "state",
                    fields.CharEnumField(
                        description="PENDING: pending\nQUEUED: queued\nSENT: sent\nDELIVERED: delivered\nFAILED: failed\nUNKNOWN: unknown\nDIGESTED: digested\nINBOX_ONLY: inbox_only\nCANCELLED: cancelled",
                        enum_type=RecipientState,
                        max_length=12,
                    ),
                ),
                ("reason", fields.CharField(null=True, max_length=40)),
                (
                    "channel",
                    fields.CharEnumField(
                        null=True,
                        description="TEMPLATE: template\nSUBSCRIBE: subscribe\nCUSTOM: custom\nSMS: sms",
                        enum_type=Channel,
                        max_length=12,
                    ),
                ),
                ("delta", fields.BigIntField()),
                ("is_folded", fields.BooleanField(default=False)),
            ],
            options={
                "table": "campaign_tally",
                "app": "weiban",
                "indexes": [Index(fields=["campaign_id"])],
                "pk_attr": "id",
                "table_description": "群发计数: changes of the counts of recipients; their sum is the count. Folded every few seconds.",
            },
            bases=["Model"],
        ),
        guards.operation(INDEXES, CHECKS, first=RECIPIENTS, last=KEPT_IN_STEP),
    ]
