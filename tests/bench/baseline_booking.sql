\set n :n + 1
-- Each client counts for itself, so that people and numbers never collide.
\set unique :n * :clients + :client_id
\set person 1 + :unique % :people
\set slot random(:first_slot, :last_slot)
BEGIN;
UPDATE base_slot SET booked = booked + 1 WHERE id = :slot AND booked + held < capacity;
INSERT INTO base_appointment (id, number, slot_id, hall_id, business_id, person_id, subject_id, starts_at,
                              ends_at, half_day, status, items, channel, created_at, updated_at)
VALUES (md5(:run || 'base' || :unique)::uuid, lpad((:run * 1000000 + :unique)::text, 8, '0'), :slot, 1,
        'INVOICE', md5('person' || :person)::uuid, md5('person' || :person)::uuid, now(), now(), :run, 'booked',
        '[]', 'MP', now(), now());
INSERT INTO base_event (appointment_id, kind, to_status, actor, at)
VALUES (md5(:run || 'base' || :unique)::uuid, 'booked', 'booked', 'person:' || :person, now());
INSERT INTO base_outbox (kind, payload)
VALUES ('appointment_booked', jsonb_build_object('appointment_id', md5(:run || 'base' || :unique)));
COMMIT;
