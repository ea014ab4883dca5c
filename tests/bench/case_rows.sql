-- The cases from :first to :last, of :people people, with three steps each, under review and due in two weeks.

INSERT INTO case_file (
    number, item_name, person_id, office, contact, state, submitted_at, received_at, accepted_at, counted_from,
    promised_amount, promised_unit, first_due_at, due_at, last_seq, last_hash, updated_at)
SELECT bench_number(g), '食品经营许可（新办）', md5('person' || 1 + g % :people)::uuid, '天河区市场监督管理局审核岗',
       '020-12345678', 'review', at, at, at + interval '1 day', at + interval '1 day', 10, 'working_day',
       at + interval '14 days', at + interval '14 days', 3, '\x00', at + interval '2 days'
FROM generate_series(:first::bigint, :last) g,
     LATERAL (SELECT date_trunc('second', now()) - interval '3 days' - (g % 86400) * interval '1 second' AS at) x;

INSERT INTO case_event (id, case_number, seq, kind, at, office, text, hash)
SELECT g * 3 + seq, bench_number(g), seq, (ARRAY['submitted', 'accepted', 'review'])[seq],
       date_trunc('second', now()) - interval '3 days' - (g % 86400) * interval '1 second'
           + (seq - 1) * interval '1 day',
       (ARRAY['天河区政务服务中心受理窗口', '天河区政务服务中心受理窗口', '天河区市场监督管理局审核岗'])[seq],
       (ARRAY['已收到您提交的材料', '材料齐全、符合法定形式，予以受理', '正在审核，必要时将安排现场核查'])[seq], '\x00'
FROM generate_series(:first::bigint, :last) g, generate_series(1, 3) seq;
