-- The same people, slots and appointments once more, in the peer's own tables.
INSERT INTO peer_person (id) SELECT id FROM person;
INSERT INTO peer_session (token_hash, person_id, expires_at)
SELECT token_hash, person_id, expires_at FROM session;
INSERT INTO peer_slot (id, hall_id, business, starts_at, ends_at, half_day, bookable_from, bookable_until,
                       capacity, booked)
SELECT id, hall_id, business_id, starts_at, ends_at, half_day, bookable_from, bookable_until, capacity, 0 FROM slot;
INSERT INTO peer_appointment (id, slot_id, person_id, business, half_day, status, items, created_at)
SELECT id, slot_id, person_id, business_id, half_day, status, items, created_at FROM appointment;
