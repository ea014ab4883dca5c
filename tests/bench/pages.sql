-- One manager of every hall with a session, and :count people who agreed to the privacy notice.

INSERT INTO staff (id, username, display_name, password_hash, failed_count, is_active, must_change_password)
VALUES (md5('manager')::uuid, 'manager', '厅长', 'nobody signs in with this', 0, true, false);

INSERT INTO staff_role (staff_id, role) VALUES (md5('manager')::uuid, 'hall_manager');

INSERT INTO staff_session (id, token_hash, staff_id, address, expires_at)
VALUES (uuidv7(), sha256(convert_to(':token', 'UTF8')), md5('manager')::uuid, '127.0.0.1', now() + interval '8 hours');

INSERT INTO consent_entry (person_id, purpose, is_granted, text_version, text_hash, channel)
SELECT md5('person' || (:people - g))::uuid, ':purpose', true, ':version', '\x00', 'WX_OA'
FROM generate_series(1, :count) g;
