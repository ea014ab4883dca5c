"""Who follows a case, and ``case_look_ups``: the one statement that judges tries to look cases up."""

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from app.kit import guards

# Whom a step of an enterprise's case is told.
INDEXES = {"binding_of_enterprise": "INDEX {} ON enterprise_binding (enterprise_id) WHERE status = 'active'"}

CHECKS = {("case_follower", "case_follower_number"): "case_number ~ '^[0-9A-Z-]{8,64}$'"}

# Tries of one number or one asker go one after the other: no sixth slips in beside the fifth. All who come
# take their locks in one order; each statement after that sees what those before them counted.
LOCK_LOOKUPS = """
CREATE FUNCTION lock_lookups(p_keys text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(k) FROM (
        SELECT DISTINCT ('x' || left(key, 16))::bit(64)::bigint AS k
        FROM unnest(p_keys) AS key ORDER BY k) AS locks;
END $$
"""

LOOKUPS_LOCKED_UNTIL = """
CREATE FUNCTION lookups_locked_until(p_now timestamptz, p_tries integer, p_keys text[])
RETURNS timestamptz LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    RETURN (SELECT max(forget_at) FROM case_failed_lookups
            WHERE key = ANY (p_keys) AND failures >= p_tries AND forget_at > p_now);
END $$
"""

# The time begins with the first failure and anew with the one that locks.
COUNT_FAILED_LOOKUP = """
CREATE FUNCTION count_failed_lookup(p_now timestamptz, p_tries integer, p_lock interval, p_keys text[])
RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    INSERT INTO case_failed_lookups AS f (key, failures, forget_at)
    SELECT key, 1, p_now + p_lock FROM unnest(p_keys) AS key ORDER BY key
    ON CONFLICT (key) DO UPDATE SET
        failures = CASE WHEN f.forget_at > p_now THEN f.failures + 1 ELSE 1 END,
        forget_at = CASE WHEN f.forget_at > p_now AND f.failures + 1 <> p_tries THEN f.forget_at
                         ELSE excluded.forget_at END;
END $$
"""

# See book_seats for why no sequential scan may be planned: every row here is found by its key.
CASE_LOOK_UPS = """
CREATE FUNCTION case_look_ups(
    p_now timestamptz, p_tries integer, p_lock interval,
    p_numbers text[], p_code_hashes bytea[], p_number_keys text[], p_asker_keys text[]
) RETURNS TABLE (is_right boolean, locked_until timestamptz)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off
AS $$
DECLARE
    v_keys text[];
BEGIN
    PERFORM lock_lookups(p_number_keys || p_asker_keys);
    -- Mostly everybody is right and nobody has failed before: then one look is enough for all of them.
    IF NOT EXISTS (SELECT 1 FROM case_failed_lookups WHERE key = ANY (p_number_keys || p_asker_keys))
        AND NOT EXISTS (
            SELECT 1 FROM unnest(p_numbers, p_code_hashes) AS given (number, code_hash)
            LEFT JOIN case_file c ON c.number = given.number
            WHERE c.query_code_hash IS DISTINCT FROM given.code_hash) THEN
        RETURN QUERY SELECT true, NULL::timestamptz FROM unnest(p_numbers);
        RETURN;
    END IF;
    FOR i IN 1 .. cardinality(p_numbers) LOOP
        v_keys := ARRAY[p_number_keys[i], p_asker_keys[i]];
        locked_until := lookups_locked_until(p_now, p_tries, v_keys);
        is_right := EXISTS (SELECT 1 FROM case_file c
                            WHERE c.number = p_numbers[i] AND c.query_code_hash = p_code_hashes[i])
                    AND locked_until IS NULL;
        IF NOT is_right AND locked_until IS NULL THEN
            PERFORM count_failed_lookup(p_now, p_tries, p_lock, v_keys);
        END IF;
        RETURN NEXT;
    END LOOP;
END $$
"""

# Where cases stand, with what happened to them; of whoever asks only what they may see, unless nobody is
# named. A plan that is made anew for each batch would cost many times the reading: there are sixteen parts.
CASE_TIMELINES = """
CREATE FUNCTION case_timelines(p_numbers text[], p_persons uuid[], p_enterprises uuid[], p_today date)
RETURNS TABLE (
    place bigint, number text, item_name text, item_version integer, state text, office text, contact text,
    submitted_at timestamptz, counted_from timestamptz, decided_at timestamptz, first_due_at timestamptz,
    due_at timestamptz, is_due_provisional boolean, pauses jsonb, asked_until date, last_seq smallint,
    updated_at timestamptz, seqs smallint[], kinds text[], moments timestamptz[], offices text[], texts text[]
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
        e.seqs, e.kinds, e.moments, e.offices, e.texts
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

LAST = [
    (LOCK_LOOKUPS, "DROP FUNCTION lock_lookups(text[])"),
    (LOOKUPS_LOCKED_UNTIL, "DROP FUNCTION lookups_locked_until(timestamptz, integer, text[])"),
    (COUNT_FAILED_LOOKUP, "DROP FUNCTION count_failed_lookup(timestamptz, integer, interval, text[])"),
    (
        CASE_LOOK_UPS,
        "DROP FUNCTION case_look_ups(timestamptz, integer, interval, text[], bytea[], text[], text[])",
    ),
    (CASE_TIMELINES, "DROP FUNCTION case_timelines(text[], uuid[], uuid[], date)"),
]


class Migration(migrations.Migration):
    dependencies = [("weiban", "0020_case_papers")]

    operations = [
        ops.CreateModel(
            name="CaseFollower",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("case_number", fields.CharField(max_length=64)),
                ("person_id", fields.UUIDField()),
                ("since", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "case_follower",
                "app": "weiban",
                "unique_together": (("case_number", "person_id"),),
                "indexes": [Index(fields=["person_id"])],
                "pk_attr": "id",
                "table_description": "关注: a person whom the steps of a case are told, because they once knew its query code.",
            },
            bases=["Model"],
        ),
        guards.operation(INDEXES, CHECKS, last=LAST),
    ]
