-- Tables of the same shape, with the same indexes, checks and foreign keys as ours, for pgbench.
CREATE TABLE base_slot (LIKE slot INCLUDING ALL);
CREATE TABLE base_appointment (LIKE appointment INCLUDING ALL);
CREATE TABLE base_event (LIKE appointment_event INCLUDING ALL);
CREATE TABLE base_outbox (LIKE outbox_event INCLUDING ALL);
ALTER TABLE base_slot SET (fillfactor = 60);
ALTER TABLE base_outbox SET (fillfactor = 80);
ALTER TABLE base_appointment ADD FOREIGN KEY (slot_id) REFERENCES base_slot;
ALTER TABLE base_appointment ADD FOREIGN KEY (person_id) REFERENCES person;
INSERT INTO base_slot SELECT * FROM slot;
INSERT INTO base_appointment SELECT * FROM appointment;
