"""What offices tell of an acceptance and a decision, 受理编号 that find a case, and arrivals of cases."""

from importlib import import_module

from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.data import JSON_DUMPS
from tortoise.migrations import operations as ops

from app.kit import guards

_BEFORE = import_module("app.migrations.0021_case_followers")

# Whom a case concerns that other systems waited for: found by its number, however many wait.
INDEXES = {
    "partner_message_awaiting": "INDEX {} ON partner_message (case_number, step) WHERE state = 'parked'",
    "partner_arrival_of_system": "INDEX {} ON partner_arrival (system_id, id)",
}

CHECKS = {
    ("case_file", "case_money"): "fee >= 0 AND paid >= 0",
    ("case_file", "case_results"): "jsonb_typeof(results) = 'array'",
    ("case_file", "case_authority"): "length(authority) = 18",
    ("acceptance_number", "acceptance_number_form"): "length(number) BETWEEN 4 AND 64",
}

# Mostly everybody names the case by its own number, is right and has not failed before: then one look is
# enough for all of them, and answers the versions of their cases. Whoever is wrong is left out; after any
# failure that still counts, everybody is.
RIGHT_LOOK_UPS = """
CREATE FUNCTION right_look_ups(p_numbers text[], p_code_hashes bytea[], p_keys text[])
RETURNS TABLE (place bigint, written_by xid, lies_at tid)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off
AS $$
#variable_conflict use_column
BEGIN
    PERFORM lock_lookups(p_keys);
    IF EXISTS (SELECT 1 FROM case_failed_lookups WHERE key = ANY (p_keys)) THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT given.place, c.xmin, c.ctid
    FROM unnest(p_numbers, p_code_hashes) WITH ORDINALITY AS given (number, code_hash, place)
    JOIN case_file c ON c.number = given.number WHERE c.query_code_hash = given.code_hash;
END $$
"""

# The cases a number may mean, by the place of who asks; each authority may have given it once.
ACCEPTED_AS = """
CREATE FUNCTION accepted_as(p_numbers text[]) RETURNS TABLE (place bigint, case_number text)
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT asked.place, a.case_number::text FROM unnest(p_numbers) WITH ORDINALITY AS asked (number, place)
    CROSS JOIN LATERAL (
        SELECT n.case_number FROM acceptance_number n WHERE n.number = asked.number
        ORDER BY n.authority LIMIT 20) AS a;
END $$
"""

# One after the other: a try counts against the asker and against every case its number may mean, so that
# none is guessed at more often because it goes by two numbers.
CASE_LOOK_UPS = """
CREATE FUNCTION case_look_ups(
    p_now timestamptz, p_tries integer, p_lock interval, p_asker_keys text[],
    p_places integer[], p_numbers text[], p_code_hashes bytea[], p_number_keys text[]
) RETURNS TABLE (case_number text, locked_until timestamptz)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off
AS $$
DECLARE
    v_keys text[];
BEGIN
    PERFORM lock_lookups(p_number_keys || p_asker_keys);
    FOR i IN 1 .. cardinality(p_asker_keys) LOOP
        v_keys := ARRAY(
            SELECT p_asker_keys[i] UNION SELECT meant.key
            FROM unnest(p_places, p_number_keys) AS meant (place, key) WHERE meant.place = i);
        locked_until := lookups_locked_until(p_now, p_tries, v_keys);
        case_number := CASE WHEN locked_until IS NULL THEN (
            SELECT c.number FROM unnest(p_places, p_numbers, p_code_hashes) AS meant (place, number, code_hash)
            JOIN case_file c ON c.number = meant.number AND c.query_code_hash = meant.code_hash
            WHERE meant.place = i ORDER BY c.number LIMIT 1) END;
        IF case_number IS NULL AND locked_until IS NULL THEN
            PERFORM count_failed_lookup(p_now, p_tries, p_lock, v_keys);
        END IF;
        RETURN NEXT;
    END LOOP;
END $$
"""

# As in 0021, with what the office told of the acceptance and the decision.
CASE_TIMELINES = """
CREATE FUNCTION case_timelines(p_numbers text[], p_persons uuid[], p_enterprises uuid[], p_today date)
RETURNS TABLE (
    place bigint, number text, item_name text, item_version integer, state text, office text, contact text,
    submitted_at timestamptz, counted_from timestamptz, decided_at timestamptz, first_due_at timestamptz,
    due_at timestamptz, is_due_provisional boolean, pauses jsonb, asked_until date, last_seq smallint,
    updated_at timestamptz, seqs smallint[], kinds text[], moments timestamptz[], offices text[], texts text[],
    acceptance_number text, fee numeric, paid numeric, queue_number text, results jsonb
)
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT asked.place, c.number::text, c.item_name::text, c.item_version, c.state::text, c.office::text,
        c.contact::text, c.submitted_at, c.counted_from, c.decided_at, c.first_due_at, c.due_at,
        c.is_due_provisional, c.pauses, c.asked_until, c.last_seq, c.updated_at,
        e.seqs, e.kinds, e.moments, e.offices, e.texts,
        c.acceptance_number::text, c.fee, c.paid, c.queue_number::text, c.results
    FROM unnest(p_numbers, p_persons, p_enterprises) WITH ORDINALITY
        AS asked (number, person, enterprise, place)
    JOIN case_file c ON c.number = asked.number
    CROSS JOIN LATERAL (
        SELECT array_agg(o.seq) AS seqs, array_agg(o.kind::text) AS kinds, array_agg(o.at) AS moments,
            array_agg(o.office::text) AS offices, array_agg(o.text::text) AS texts
        FROM (SELECT * FROM case_event v WHERE v.case_number = asked.number ORDER BY v.seq) AS o
    ) AS e
    WHERE p_persons IS NULL OR c.enterprise_id IS NOT DISTINCT FROM asked.enterprise AND
        CASE WHEN asked.enterprise IS NULL THEN c.person_id = asked.person
        ELSE EXISTS (
            SELECT 1 FROM enterprise_binding b WHERE b.person_id = asked.person
                AND b.enterprise_id = asked.enterprise AND b.status = 'active' AND b.expires_on >= p_today)
        END;
END $$
"""

# The versions of the rows of cases, of whoever asks only of those they may see: the question of every look,
# whose answer tells whether what is known of a case still holds.
CASE_VERSIONS = """
CREATE FUNCTION case_versions(p_numbers text[], p_persons uuid[], p_enterprises uuid[], p_today date)
RETURNS TABLE (place bigint, written_by xid, lies_at tid)
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT asked.place, c.xmin, c.ctid
    FROM unnest(p_numbers, p_persons, p_enterprises) WITH ORDINALITY
        AS asked (number, person, enterprise, place)
    JOIN case_file c ON c.number = asked.number
        AND (p_persons IS NULL OR c.enterprise_id IS NOT DISTINCT FROM asked.enterprise
            AND (asked.enterprise IS NOT NULL OR c.person_id = asked.person))
    WHERE asked.enterprise IS NULL OR EXISTS (
        SELECT 1 FROM enterprise_binding b WHERE b.person_id = asked.person
            AND b.enterprise_id = asked.enterprise AND b.status = 'active' AND b.expires_on >= p_today);
END $$
"""

_TIMELINES_OF = "case_timelines(text[], uuid[], uuid[], date)"

FIRST = (
    (
        "DROP FUNCTION case_look_ups(timestamptz, integer, interval, text[], bytea[], text[], text[])",
        _BEFORE.CASE_LOOK_UPS,
    ),
    (f"DROP FUNCTION {_TIMELINES_OF}", _BEFORE.CASE_TIMELINES),
)
LAST = (
    (RIGHT_LOOK_UPS, "DROP FUNCTION right_look_ups(text[], bytea[], text[])"),
    (ACCEPTED_AS, "DROP FUNCTION accepted_as(text[])"),
    (
        CASE_LOOK_UPS,
        "DROP FUNCTION case_look_ups(timestamptz, integer, interval, text[], integer[], text[], bytea[], text[])",
    ),
    (CASE_VERSIONS, "DROP FUNCTION case_versions(text[], uuid[], uuid[], date)"),
    (CASE_TIMELINES, f"DROP FUNCTION {_TIMELINES_OF}"),
)


class Migration(migrations.Migration):
    dependencies = [("weiban", "0026_credit_rules")]

    operations = [
        ops.AddField(
            model_name="Case",
            name="authority",
            field=fields.CharField(
                null=True, description="实施主体, where the number does not begin with it", max_length=18
            ),
        ),
        ops.AddField(
            model_name="Case",
            name="acceptance_number",
            field=fields.CharField(null=True, description="受理编号, as the office writes it", max_length=64),
        ),
        ops.AddField(
            model_name="Case",
            name="fee",
            field=fields.DecimalField(
                null=True, description="应收费用, yuan", max_digits=14, decimal_places=2
            ),
        ),
        ops.AddField(
            model_name="Case",
            name="paid",
            field=fields.DecimalField(
                null=True,
                description="实收金额, yuan; null: nobody has told",
                max_digits=14,
                decimal_places=2,
            ),
        ),
        ops.AddField(
            model_name="Case",
            name="queue_number",
            field=fields.CharField(null=True, description="排队号", max_length=20),
        ),
        ops.AddField(
            model_name="Case",
            name="results",
            field=fields.JSONField(
                description="证件、批文: their names and numbers",
                db_default="[]",
                encoder=JSON_DUMPS,
                decoder=loads,
            ),
        ),
        ops.CreateModel(
            name="AcceptanceNumber",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "number",
                    fields.CharField(description="half-width capitals without blanks", max_length=64),
                ),
                (
                    "authority",
                    fields.CharField(description="实施主体; empty where nobody told", max_length=18),
                ),
                ("case_number", fields.CharField(max_length=64)),
            ],
            options={
                "table": "acceptance_number",
                "app": "weiban",
                "unique_together": (("number", "authority"),),
                "pk_attr": "id",
                "table_description": "受理编号: what a case is called on its 受理通知书, once for each authority.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PartnerArrival",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("system_id", fields.BigIntField()),
                (
                    "case_number",
                    fields.CharField(null=True, description="null: of no case", max_length=64),
                ),
            ],
            options={
                "table": "partner_arrival",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "到达: a case that parked messages of a system waited for, until they are judged.",
            },
            bases=["Model"],
        ),
        guards.operation(INDEXES, CHECKS, first=FIRST, last=LAST),
    ]
