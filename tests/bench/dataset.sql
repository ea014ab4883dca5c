-- :people people with sessions, :halls halls with slots of the coming and of past days, one hall of hot slots,
-- :appointments appointments, of which :live are of the coming days.

INSERT INTO region (code, name, level, pinyin, initials, is_government)
VALUES ('440106', '天河区', 3, 'tian he qu', 'thq', true);

INSERT INTO business (code, name, pinyin, initials, handling_minutes, position)
VALUES (':business', '发票业务', 'fa piao ye wu', 'fpyw', 10, 1);

INSERT INTO hall (id, code, name, pinyin, initials, region_id, address, phone, latitude, longitude, is_active)
SELECT g, 'H' || g, '第' || g || '办税服务厅', '', '', '440106', '天河路 ' || g || ' 号', '020-00000000', 23.125, 113.361, true
FROM generate_series(1, :halls + 1) g;

INSERT INTO hall_business (hall_id, business_id, is_active) SELECT id, ':business', true FROM hall;

INSERT INTO booking_rules (
    hall_id, slot_minutes, window_workdays, earliest_workdays, lead_minutes, online_share, cancel_minutes,
    early_check_in_minutes, active_limit, no_show_limit, no_show_days, cancel_limit, cancel_days, ban_days,
    seat_return_max_s, required_level)
SELECT id, 30, 5, 0, 30, 0.60, 120, 15, 3, 3, 90, 5, 30, 30, 0, 'wx_bound' FROM hall;

CREATE FUNCTION bench_slots(first_id bigint, first_day int, days int, capacity int) RETURNS void LANGUAGE sql AS $$
    INSERT INTO slot (id, hall_id, business_id, "on", half_day, starts_at, ends_at, bookable_from, bookable_until,
                      capacity, onsite_capacity, booked, held, is_open)
    SELECT first_id + row_number() OVER () - 1, hall, ':business', day, (day - date '1970-01-01') * 2 + (n >= 6)::int,
           at, at + interval '30 minutes', at - interval '30 days', at - interval '30 minutes', $4, 2, 0, 0, true
    FROM generate_series(1, :halls) hall, generate_series(first_day, first_day + days - 1) d,
         generate_series(0, 9) n,
         LATERAL (SELECT current_date + d AS day) x,
         LATERAL (SELECT (day + time '09:00' + n * interval '30 minutes') AT TIME ZONE 'Asia/Shanghai' AS at) y
$$;
SELECT bench_slots(1, 1, 5, 30000);
SELECT bench_slots(100001, -200, 200, 200);

-- The hot slots are in a hall of their own; each measure takes fresh ones.
INSERT INTO slot (id, hall_id, business_id, "on", half_day, starts_at, ends_at, bookable_from, bookable_until,
                  capacity, onsite_capacity, booked, held, is_open)
SELECT :hot + g, :halls + 1, ':business', current_date + 3, (current_date + 3 - date '1970-01-01') * 2 + g % 2,
       now() + interval '3 days' + g * interval '1 minute', now() + interval '3 days' + (g + 1) * interval '1 minute',
       now() - interval '1 day', now() + interval '2 days', :seats, 0, 0, 0, true
FROM generate_series(0, 99) g;

INSERT INTO person (id, level, status)
SELECT md5('person' || g)::uuid, 'wx_bound', 'active' FROM generate_series(1, :people) g;

INSERT INTO session (id, token_hash, person_id, expires_at)
SELECT uuidv7(), sha256(convert_to(lpad(g::text, 43, '0'), 'UTF8')), md5('person' || g)::uuid,
       now() + interval '29 days'
FROM generate_series(1, :people) g;

INSERT INTO appointment (id, number, slot_id, hall_id, business_id, person_id, subject_id, starts_at, ends_at,
                         half_day, status, items, channel, created_at, updated_at)
SELECT uuidv7(s.starts_at - interval '1 day' - now()), lpad((g * 7919 % 100000000)::text, 8, '0'), s.id,
       s.hall_id, s.business_id, p.id, p.id, s.starts_at, s.ends_at, s.half_day,
       CASE g % 10 WHEN 0 THEN 'cancelled' WHEN 1 THEN 'no_show' ELSE 'done' END, '["领用发票"]', 'MP',
       s.starts_at - interval '1 day', s.ends_at
FROM generate_series(1::bigint, :appointments - :live) g
-- Twenty slots begin at a time, one a hall: each hall gets its share of every moment and of every state.
JOIN slot s ON s.id = 100001 + g * 40000 / (:appointments + 1) / 20 * 20 + (g + g / 20) % 20
CROSS JOIN LATERAL (SELECT md5('person' || (1 + g * 104729 % :people))::uuid AS id) p;

-- The coming days are partly booked, by people who do not book again here.
INSERT INTO appointment (id, number, slot_id, hall_id, business_id, person_id, subject_id, starts_at, ends_at,
                         half_day, status, items, channel, created_at, updated_at)
SELECT uuidv7(), lpad((90000000 + g)::text, 8, '0'), s.id, s.hall_id, s.business_id, p.id, p.id, s.starts_at,
       s.ends_at, s.half_day, 'booked', '["领用发票"]', 'MP', now(), now()
FROM generate_series(1, :live) g
JOIN slot s ON s.id = 1 + g % 1000
CROSS JOIN LATERAL (SELECT md5('person' || (:people - g))::uuid AS id) p;
UPDATE slot SET booked = :live / 1000 WHERE id <= 1000;
INSERT INTO booking_standing (subject_id, active) SELECT person_id, 1 FROM appointment WHERE status = 'booked';
