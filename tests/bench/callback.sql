-- :people followers of the public account, each with one appointment tomorrow, in one hall with one business.

INSERT INTO region (code, name, level, pinyin, initials, is_government)
VALUES ('440106', '天河区', 3, 'tian he qu', 'thq', true);
INSERT INTO business (code, name, pinyin, initials, handling_minutes, position)
VALUES ('INVOICE', '发票业务', 'fa piao ye wu', 'fpyw', 10, 1);
INSERT INTO hall (id, code, name, pinyin, initials, region_id, address, phone, latitude, longitude, is_active)
VALUES (1, 'H1', '天河区办税服务厅', '', '', '440106', '天河路 1 号', '020-00000000', 23.125, 113.361, true);

INSERT INTO slot (id, hall_id, business_id, "on", half_day, starts_at, ends_at, bookable_from, bookable_until,
                  capacity, onsite_capacity, booked, held, is_open)
SELECT 1, 1, 'INVOICE', day, (day - date '1970-01-01') * 2, at, at + interval '30 minutes', now(), at, 30000, 0, :people, 0, true
FROM (SELECT current_date + 1 AS day, (current_date + 1 + time '09:00') AT TIME ZONE 'Asia/Shanghai' AS at) tomorrow;

INSERT INTO person (id, level, status)
SELECT md5('person' || g)::uuid, 'wx_bound', 'active' FROM generate_series(1, :people) g;
INSERT INTO wechat_identity (person_id, appid, openid, is_follower)
SELECT md5('person' || g)::uuid, ':appid', 'o' || lpad(g::text, 27, '0'), true FROM generate_series(1, :people) g;
INSERT INTO appointment (id, number, slot_id, hall_id, business_id, person_id, subject_id, starts_at, ends_at,
                         half_day, status, items, channel, created_at, updated_at)
SELECT uuidv7(), lpad(g::text, 8, '0'), 1, 1, 'INVOICE', p.id, p.id, s.starts_at, s.ends_at, s.half_day, 'booked',
       '["领用发票"]', 'MP', now(), now()
FROM generate_series(1, :people) g
JOIN slot s ON s.id = 1
CROSS JOIN LATERAL (SELECT md5('person' || g)::uuid AS id) p;
