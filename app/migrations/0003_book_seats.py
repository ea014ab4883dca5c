"""``book_seats``: the one statement by which seats are taken, many at a time.

The server hands over a batch in which each person and each subject occurs once. Rows are locked
in one global order (slots by id, then standings by subject), so batches of several processes
never deadlock; every later statement of the function sees what earlier lock holders committed
(READ COMMITTED takes a new snapshot per statement), so verdicts are exact.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

NUMBERS = "CREATE SEQUENCE appointment_counter AS bigint INCREMENT BY 100 MINVALUE 0 START WITH 0 CYCLE"

BOOK_SEATS = """
CREATE FUNCTION book_seats(
    p_now timestamptz, p_ids uuid[], p_numbers text[], p_slots bigint[], p_businesses text[],
    p_persons uuid[], p_levels text[], p_enterprises uuid[], p_items text[], p_channels text[], p_keys text[], p_holds uuid[]
) RETURNS TABLE (ord bigint, verdict text, appointment_id uuid, hall_id bigint, starts_at timestamptz,
                 ends_at timestamptz)
LANGUAGE plpgsql
-- Every row here is found by its key, however full the tables are. The plan is kept per connection,
-- and one made while a table was small would read all of it for as long as that connection lives.
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
    c_levels CONSTANT text[] := ARRAY['wx_bound', 'phone_verified', 'realname_l1', 'realname_l2'];
BEGIN
    PERFORM 1 FROM slot WHERE id = ANY (p_slots) ORDER BY id FOR NO KEY UPDATE;

    INSERT INTO booking_standing (subject_id, active)
    SELECT DISTINCT s, 0 FROM unnest(p_persons || p_enterprises) AS s
    WHERE s IS NOT NULL AND NOT EXISTS (SELECT 1 FROM booking_standing b WHERE b.subject_id = s)
    ORDER BY s ON CONFLICT DO NOTHING;
    PERFORM 1 FROM booking_standing WHERE subject_id = ANY (p_persons || p_enterprises)
    ORDER BY subject_id FOR NO KEY UPDATE;

    -- Expired holds are judged here, when somebody wants their seat, not by a timed job.
    IF EXISTS (SELECT 1 FROM slot WHERE id = ANY (p_slots) AND held > 0) THEN
        WITH gone AS (
            DELETE FROM seat_hold WHERE slot_id = ANY (p_slots) AND expires_at <= p_now RETURNING slot_id
        )
        UPDATE slot SET held = held - g.n
        FROM (SELECT slot_id, count(*) AS n FROM gone GROUP BY slot_id) g WHERE slot.id = g.slot_id;
    END IF;

    RETURN QUERY
    WITH req AS (
        SELECT * FROM unnest(p_ids, p_numbers, p_slots, p_businesses, p_persons, p_levels, p_enterprises, p_items,
                             p_channels, p_keys, p_holds) WITH ORDINALITY
        AS r (id, number, slot_id, business, person_id, level, enterprise_id, items, channel, request_key,
              hold_id, ord)
    ), facts AS (
        SELECT r.*, coalesce(r.enterprise_id, r.person_id) AS subject_id,
               s.id AS found, s.hall_id, s.business_id, s.half_day, s.starts_at, s.ends_at,
               s.capacity - s.booked - s.held AS free, h.id AS held_id, prior.id AS prior_id,
               CASE
                   WHEN prior.id IS NOT NULL THEN 'same'
                   WHEN s.id IS NULL THEN 'no_slot'
                   WHEN s.business_id <> r.business THEN 'other_business'
                   WHEN NOT s.is_open THEN 'closed'
                   WHEN p_now < s.bookable_from THEN 'too_early'
                   WHEN p_now >= s.bookable_until THEN 'too_late'
                   WHEN array_position(c_levels, r.level) < array_position(c_levels, b.required_level::text)
                        THEN 'level_too_low'
                   WHEN greatest(p.banned_until, e.banned_until) > p_now THEN 'banned'
                   WHEN d.id IS NOT NULL THEN 'duplicate'
                   WHEN p.active >= coalesce(b.active_limit, 3) THEN 'active_limit'
                   WHEN r.hold_id IS NOT NULL AND h.id IS NULL THEN 'hold_gone'
               END AS refusal
        FROM req r
        LEFT JOIN slot s ON s.id = r.slot_id
        LEFT JOIN booking_rules b ON b.hall_id = s.hall_id
        LEFT JOIN booking_standing p ON p.subject_id = r.person_id
        LEFT JOIN booking_standing e ON e.subject_id = r.enterprise_id
        LEFT JOIN seat_hold h ON h.id = r.hold_id AND h.slot_id = r.slot_id AND h.person_id = r.person_id
        LEFT JOIN LATERAL (
            SELECT a.id FROM appointment a
            WHERE a.subject_id = coalesce(r.enterprise_id, r.person_id)
              AND a.business_id = s.business_id AND a.half_day = s.half_day
              AND a.status IN ('booked', 'checked_in', 'serving')
            LIMIT 1
        ) d ON true
        LEFT JOIN appointment prior ON prior.person_id = r.person_id AND prior.request_key = r.request_key
    ), judged AS (
        SELECT f.*, coalesce(f.refusal, CASE
            WHEN f.held_id IS NOT NULL THEN 'booked'
            WHEN row_number() OVER (PARTITION BY f.slot_id, f.refusal IS NULL AND f.held_id IS NULL ORDER BY f.ord)
                 <= f.free THEN 'booked'
            ELSE 'full' END) AS outcome
        FROM facts f
    ), taken AS (
        INSERT INTO appointment (id, number, slot_id, hall_id, business_id, person_id, enterprise_id, subject_id,
                                 starts_at, ends_at, half_day, status, items, channel, request_key,
                                 created_at, updated_at)
        SELECT j.id, j.number, j.slot_id, j.hall_id, j.business_id, j.person_id, j.enterprise_id, j.subject_id,
               j.starts_at, j.ends_at, j.half_day, 'booked', j.items::jsonb, j.channel, j.request_key, p_now, p_now
        FROM judged j WHERE j.outcome = 'booked'
        RETURNING id, person_id
    ), seats AS (
        UPDATE slot SET booked = booked + n.seats, held = held - n.holds
        FROM (SELECT slot_id, count(*) AS seats, count(held_id) AS holds
              FROM judged WHERE outcome = 'booked' GROUP BY slot_id) n
        WHERE slot.id = n.slot_id
    ), converted AS (
        DELETE FROM seat_hold USING judged j WHERE seat_hold.id = j.held_id AND j.outcome = 'booked'
    ), counted AS (
        UPDATE booking_standing SET active = active + 1 FROM taken WHERE booking_standing.subject_id = taken.person_id
    ), told AS (
        INSERT INTO appointment_event (appointment_id, kind, from_status, to_status, actor, at)
        SELECT id, 'booked', NULL, 'booked', 'person:' || person_id, p_now FROM taken
    ), announced AS (
        INSERT INTO outbox_event (kind, payload)
        SELECT 'appointment_booked', jsonb_build_object('appointment_id', id) FROM taken
    )
    SELECT j.ord, j.outcome, coalesce(j.prior_id, j.id), j.hall_id, j.starts_at, j.ends_at FROM judged j;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("weiban", "0002_guards")]
    operations = [
        ops.RunSQL(
            [NUMBERS, BOOK_SEATS],
            ["DROP FUNCTION book_seats", "DROP SEQUENCE appointment_counter"],
        )
    ]
